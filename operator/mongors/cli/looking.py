"""One look at one set: everything that the operator would see, as far as the login reaches."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from mongors.api.spec import InvalidSpec, MongoReplicaSet
from mongors.api.status import Status
from mongors.cli.asking import Asker
from mongors.cli.cluster import Cluster, Raw
from mongors.cli.happenings import Happening, happenings
from mongors.cli.seen import Seen
from mongors.desired.desired import Desired
from mongors.desired.names import Names
from mongors.errors import Denied
from mongors.kube.kinds import KINDS
from mongors.observe import CLAIM, Observer
from mongors.observed.observed import Observed
from mongors.store import Store

_LISTED = (
    *("Pod", "PersistentVolumeClaim", "StatefulSet", "Service", "EndpointSlice"),
    *("ServiceAccount", "PodDisruptionBudget", "RoleBinding", "Deployment"),
)
"""What the operator watches, but for Secrets: these are read one by one, where they are needed."""

NOT_ASKED = "members could not be asked from here"


@dataclass
class _Sight:
    """What was found, and what was not shown."""

    store: Store = field(default_factory=Store)
    missed: list[str] = field(default_factory=list)
    unplannable: list[str] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not shown, for people."""
        return (*self.unplannable, *self.missed)


async def look(
    cluster: Cluster,
    name: str,
    now: Callable[[], datetime],
    *,
    instead: Callable[[Raw], Raw] = lambda resource: resource,
) -> Seen:
    """Look at a set, or at how it would be seen if its resource were another one."""
    live = await cluster.replica_set(name)
    resource, sight = instead(live), _Sight()
    names = Names(cluster.namespace, name)
    told = Seen(now(), resource, names, Status.read(live.get("status") or {}))
    try:
        desired = Desired.of(MongoReplicaSet.stored(resource))
    except InvalidSpec as invalid:
        told = replace(told, problems=invalid.problems)
        return replace(told, happenings=await _events(cluster, names, sight), missed=sight.notes)
    return await _all_of_it(cluster, desired, replace(told, names=desired.names), sight, now)


async def look_back(cluster: Cluster, name: str) -> tuple[Happening, ...]:
    """Look at what happened to a set, and at nothing else."""
    resource = await cluster.replica_set(name)
    storage = (resource.get("spec") or {}).get("storage") or {}
    claims = str(storage.get("claimName") or "data")
    names = Names(cluster.namespace, name, claim_template=claims)
    return happenings(await cluster.all_of(KINDS["Event"]), names)


async def _all_of_it(
    cluster: Cluster, desired: Desired, told: Seen, sight: _Sight, now: Callable[[], datetime]
) -> Seen:
    """Look at everything that the operator looks at, and at the Events."""
    events, _ = await asyncio.gather(
        _events(cluster, desired.names, sight), _fill(cluster, desired.names, sight)
    )
    asker = cluster.asker(desired.names)
    observer = Observer(sight.store, _Lenient(cluster), now, asking=asker)
    observed = await observer.observe(desired, told.status)
    sight.unplannable += [*_denied(observed), *_not_asked(observed, asker)]
    sight.missed += _silent(observed, desired.names)
    return replace(
        told,
        at=observed.at,
        desired=desired,
        observed=observed,
        further=asker.further,
        happenings=events,
        missed=sight.notes,
        unplannable=tuple(sight.unplannable),
    )


class _Lenient:
    """Reads for the observer; claims that are not shown were noted as such already."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def get(self, kind: str, namespace: str | None, name: str) -> Raw | None:
        try:
            return await self._cluster.get(kind, namespace, name)
        except Denied:
            if kind == CLAIM:
                return None
            raise


async def _fill(cluster: Cluster, names: Names, sight: _Sight) -> None:
    """Put into the store what the operator's watches would have put there."""

    async def take(kind: str) -> list[Raw]:
        try:
            return await cluster.of_set(KINDS[kind], names.name)
        except Denied:
            sight.unplannable.append(f"your login may not list {KINDS[kind].resource}")
            return []

    found = await asyncio.gather(*(take(kind) for kind in _LISTED))
    objects = [each for some in found for each in some]
    nodes = {_node(each) for each in objects if each["kind"] == "Pod"} - {None}
    objects += await _nodes(cluster, sorted(filter(None, nodes)), sight)
    for each in objects:
        sight.store.put(each)


async def _nodes(cluster: Cluster, names: list[str], sight: _Sight) -> list[Raw]:
    try:
        found = await asyncio.gather(*(cluster.get("Node", None, name) for name in names))
    except Denied:
        sight.missed.append("your login may not get nodes, so no zone and no lost node is shown")
        return []
    return [{"apiVersion": "v1", "kind": "Node", **each} for each in found if each is not None]


async def _events(cluster: Cluster, names: Names, sight: _Sight) -> tuple[Happening, ...]:
    try:
        return happenings(await cluster.all_of(KINDS["Event"]), names)
    except Denied:
        sight.missed.append("your login may not list events")
        return ()


def _node(pod: Raw) -> str | None:
    return (pod.get("spec") or {}).get("nodeName")


def _denied(observed: Observed) -> list[str]:
    """The objects that may not be read; without the Secrets nobody can log in to members."""
    if not observed.denied:
        return []
    listed = ", ".join(f"{kind} {name}" for kind, name in sorted(observed.denied))
    is_login = any(kind == "Secret" for kind, _ in observed.denied)
    so = f", so {NOT_ASKED} for more than their state" if is_login else ""
    return [f"your login may not read {listed}{so}"]


def _silent(observed: Observed, names: Names) -> list[str]:
    """Whom the operator may reach all the same, where others could be asked."""
    answers = observed.answers
    silent = [names.pod(each) for each in sorted(answers) if not answers[each].answered]
    if not silent or len(silent) == len(answers):
        return []
    return [f"{', '.join(silent)} did not answer from here; the operator may hear more of it"]


def _not_asked(observed: Observed, asker: Asker) -> list[str]:
    """Say so when nobody could be asked."""
    silent = observed.answers and not any(each.answered for each in observed.answers.values())
    return [f"{NOT_ASKED}: {asker.problem}"] if silent else []
