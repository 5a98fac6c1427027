"""The flows of a set's life, each begun by a person while no operator runs.

A flow is begun on a set that stands, and answers how to see that it has come to its end: the
status alone does not do, for it still tells of what was before.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from e2e.sets import ReplicaSet

Ended = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Flow:
    """How many members stand before it (0: the set is not there yet), and what begins it."""

    members: int
    begin: Callable[[ReplicaSet], Ended]
    elections: int | None = None
    """How many it costs, when that is certain."""
    prepare: Callable[[ReplicaSet], Ended] | None = None
    """What has to happen before it, with an operator at work."""
    keeps_claims: bool = True
    is_repeatable: bool = True
    """Whether a set that has lived through it can do so again."""

    def __str__(self) -> str:
        return self.begin.__name__


def ids(replica_set: ReplicaSet) -> dict[str, int]:
    """The member `_id` of every pod that the status knows one of."""
    members: list[dict[str, Any]] = replica_set.status().get("memberStatus", [])
    return {each["name"]: each["id"] for each in members if "id" in each}


def uids(replica_set: ReplicaSet) -> set[str]:
    return set(replica_set.uids().values())


def secondary(replica_set: ReplicaSet) -> int:
    """The highest ordinal of those that are not primary; of the first three, so that it votes."""
    ordinals = range(min(3, replica_set.get()["spec"]["members"]))
    return max(set(ordinals) - {replica_set.primary_ordinal()})


def offered(replica_set: ReplicaSet) -> str:
    """The text with which a person may give up a lost majority; empty while there is none."""
    found = re.search(r"mongors\.io/recover=(\S+)", replica_set.status().get("plan") or "")
    return found[1] if found else ""


def birth(replica_set: ReplicaSet) -> Ended:
    replica_set.apply(members=3)
    return replica_set.is_ready


def scale_up(replica_set: ReplicaSet) -> Ended:
    replica_set.scale(3)
    return replica_set.is_ready


def scale_down(replica_set: ReplicaSet) -> Ended:
    replica_set.scale(1)
    return lambda: replica_set.is_ready() and len(replica_set.pods()) == 1


def roll(replica_set: ReplicaSet) -> Ended:
    before = uids(replica_set)
    replica_set.change(podLabels={"trial": uuid4().hex[:8]})
    return lambda: replica_set.is_ready() and not before & uids(replica_set)


def lost_volume(replica_set: ReplicaSet) -> Ended:
    lost, before = f"mongo-{secondary(replica_set)}", ids(replica_set)
    _lose(replica_set, lost)
    return lambda: replica_set.is_ready() and ids(replica_set).get(lost, 0) > max(before.values())


def switchover(replica_set: ReplicaSet) -> Ended:
    target = f"mongo-{secondary(replica_set)}"
    asked = f"{target}@{uuid4().hex[:8]}"  # the same member may have been asked for before
    _annotate(replica_set, f"mongors.io/primary={asked}")
    return lambda: (
        replica_set.status().get("lastSwitchover") == asked
        and replica_set.status().get("primary") == target
        and replica_set.is_ready()
    )


def made_anew(replica_set: ReplicaSet) -> Ended:
    """Deleted, and made again over its volumes and keys."""
    replica_set.delete()
    replica_set.apply(members=3)
    return replica_set.is_ready


def two_lost(replica_set: ReplicaSet) -> Ended:
    for name in ("mongo-0", "mongo-2"):
        _lose(replica_set, name)
    return lambda: bool(offered(replica_set))


def recovery(replica_set: ReplicaSet) -> Ended:
    """Confirmed by a person after two of three members have lost their data."""
    before = ids(replica_set)
    _annotate(replica_set, f"mongors.io/recover={offered(replica_set)}")
    return lambda: (
        replica_set.is_ready()
        and len(ids(replica_set)) == 3
        and all(ids(replica_set)[each] > max(before.values()) for each in ("mongo-0", "mongo-2"))
    )


def _lose(replica_set: ReplicaSet, pod: str) -> None:
    replica_set.run("delete", "pvc", f"data-{pod}", "--wait=false")
    replica_set.delete_pods(pod)


def _annotate(replica_set: ReplicaSet, annotation: str) -> None:
    replica_set.run("annotate", f"mrs/{replica_set.name}", "--overwrite", annotation)


IN_FULL = (Flow(0, birth, is_repeatable=False), Flow(3, roll, elections=1))
"""Those whose every call is tried on a real cluster when all are wanted."""

SAMPLED = (
    Flow(1, scale_up),
    Flow(3, scale_down),
    Flow(3, lost_volume, keeps_claims=False, elections=0),
    Flow(3, switchover, elections=1),
    Flow(3, made_anew),
    Flow(3, recovery, prepare=two_lost, keeps_claims=False, is_repeatable=False),
)
