"""Looks at sets, built from the snapshots of the other tests: what the program would have seen."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mongors.api.status import Status
from mongors.cli.happenings import Happening
from mongors.cli.seen import Further, Seen
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Node
from mongors.observed.observed import Observed
from mongors.planning.plan import plan
from mongors.planning.report import report
from unit.builders import LONG_AGO, NOW, config, resource, running, unborn, wanted, with_pod

HOUR = timedelta(hours=1)


def look_at(
    desired: Desired,
    observed: Observed,
    *,
    said: Sequence[Happening] = (),
    missed: Sequence[str] = (),
    status: Status | None = None,
) -> Seen:
    """A look at a set of which the operator has just reported what it saw."""
    seen = in_places(observed)
    told = status or report(desired, seen, plan(desired, seen), [])
    raw: dict[str, Any] = {
        **resource(len(desired.members), generation=desired.generation),
        "status": told.to_wire(),
    }
    return Seen(
        at=seen.at,
        resource=raw,
        names=desired.names,
        status=told,
        desired=desired,
        observed=replace(seen, status=told),
        further=Further(NOW - HOUR, 187_000.0) if seen.primary else Further(),
        happenings=tuple(said),
        missed=tuple(missed),
    )


def in_places(observed: Observed) -> Observed:
    """The same snapshot on nodes of three zones, with volumes of 2Gi."""
    nodes = {
        pod.node: Node(pod.node, zone="zone-" + "abc"[ordinal % 3])
        for ordinal, pod in observed.pods.items()
        if pod.node
    }
    claims = {
        ordinal: replace(claim, requested="2Gi", capacity="2Gi")
        for ordinal, claim in observed.claims.items()
    }
    return replace(observed, nodes=observed.nodes or nodes, claims=claims)


def event(reason: str, note: str, *, about: str = "mongo", is_warning: bool = False) -> Happening:
    """Something that was told five minutes ago."""
    kind = "MongoReplicaSet" if about == "mongo" else "Pod"
    return Happening(LONG_AGO, kind, about, reason, note, is_warning)


def healthy() -> Seen:
    """Three members in service, long after birth."""
    desired = wanted(3)
    observed = running(desired, lag={1: 0.0, 2: 2.0})
    said = [event("Ready", "All 3 members are in service")]
    return since(look_at(desired, observed, said=said), 5)


def being_born() -> Seen:
    """Two mongods up, the image of the third one being fetched."""
    desired = wanted(3)
    observed = with_pod(unborn(desired), 2, mongod_running=False, ip=None, may_start_empty=True)
    answers = {key: each for key, each in observed.answers.items() if key != 2}
    said = [
        event("SecretGenerated", "Generated Secret mongo-keyfile"),
        event("Pulling", 'Pulling image "mongo:6.0.5"', about="mongo-2"),
    ]
    return look_at(desired, replace(observed, answers=answers), said=said)


def stalled() -> Seen:
    """A roll that has stopped, because the first member does not come back."""
    desired = wanted(3, generation=2, resources={"limits": {"memory": "512Mi"}})
    observed = running(desired, down=(2,))
    words = "its mongod ended: it ran out of memory (OOMKilled): raise its limit"
    observed = with_pod(observed, 2, trouble=words, mongod_restarts=4, in_service=False)
    for ordinal in (0, 1):
        observed = with_pod(observed, ordinal, template="0123456789abcdef")
    said = [
        event("PodEvicted", "Restarted mongo-2: its pod template is outdated"),
        event("BackOff", "Back-off restarting failed container", about="mongo-2", is_warning=True),
    ]
    return look_at(desired, observed, said=said)


def unapproved() -> Seen:
    """Restarts for more memory that nobody has approved yet."""
    limits = {"limits": {"memory": "1Gi"}}
    desired = wanted(3, generation=2, approval="Manual", resources=limits)
    observed = running(desired)
    for ordinal in observed.pods:
        observed = with_pod(observed, ordinal, template="0123456789abcdef")
    return since(look_at(desired, observed), 5)


def shrinking() -> Seen:
    """Two members that are not wanted any more, and stay until that is approved."""
    desired = wanted(3, generation=2, approval="Manual")
    return since(look_at(desired, running(desired, config(range(5)))), 5)


def without_majority(down: Collection[int] = (1, 2)) -> Seen:
    """One of three members left, the others on nodes that are gone."""
    desired = wanted(3)
    observed = in_places(running(desired, primary=None, down=down))
    for ordinal in down:
        gone = f"0/3 nodes are available: node-{ordinal} is gone"
        observed = with_pod(observed, ordinal, mongod_running=False, node=None, trouble=gone)
    said = [event("NotReady", "1 of 3 members are in service", is_warning=True)]
    return look_at(desired, observed, said=said)


def since(seen: Seen, hours: int) -> Seen:
    """The same look, so many hours after the conditions turned."""
    turned = seen.at - hours * HOUR
    conditions = tuple(
        each.model_copy(update={"last_transition_time": turned}) for each in seen.status.conditions
    )
    return replace(seen, status=seen.status.model_copy(update={"conditions": conditions}))
