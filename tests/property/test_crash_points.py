"""Rule 77: an operator may die before and after each of its calls, in everything it ever does.

A call is an action or the writing of the status: to die after one is to die before the next. Each
flow is lived through as often as it has calls; whoever comes next must bring it to its end.
"""

from collections.abc import Callable
from copy import deepcopy

import pytest

from mongors.desired import labels
from property.cluster import Cluster
from property.controllers import tick
from property.operator import Operator
from property.person import Person
from property.rest import come_to_rest
from property.told import NEW, OLD, born, ids, led_by, uids
from unit.builders import host

PASSES = 60
"""More than any flow takes."""

Flow = Callable[[tuple[int, int, int]], Cluster]


def birth(version: tuple[int, int, int]) -> Cluster:
    cluster = Cluster(version=version)
    cluster.edit(members=3)
    return cluster


def scale_up(version: tuple[int, int, int]) -> Cluster:
    cluster = born(3, version).cluster
    cluster.edit(members=5)
    return cluster


def scale_down(version: tuple[int, int, int]) -> Cluster:
    """The primary is among those that go."""
    cluster = led_by(born(5, version), 4).cluster
    cluster.edit(members=3)
    return cluster


def roll(version: tuple[int, int, int]) -> Cluster:
    cluster = led_by(born(3, version), 1).cluster
    cluster.edit(podLabels={"color": "green"})
    return cluster


def growth(version: tuple[int, int, int]) -> Cluster:
    cluster = born(3, version).cluster
    cluster.edit(storage={"size": "5Gi"})
    return cluster


def lost_volume(version: tuple[int, int, int]) -> Cluster:
    cluster = led_by(born(3, version), 0).cluster
    cluster.lose_volume(0)
    return cluster


def copied_anew(version: tuple[int, int, int]) -> Cluster:
    cluster = led_by(born(3, version), 0).cluster
    cluster.annotate(labels.RESYNC, f"mongo-2/{ids(cluster)[host(2)]}")
    return cluster


def switchover(version: tuple[int, int, int]) -> Cluster:
    cluster = led_by(born(3, version), 0).cluster
    cluster.annotate(labels.SWITCH_TO, "mongo-2")
    return cluster


def preferred(version: tuple[int, int, int]) -> Cluster:
    cluster = led_by(born(3, version), 0).cluster
    cluster.edit(memberOptions=[{"member": 1, "priority": 2.0}])
    return cluster


def made_anew(version: tuple[int, int, int]) -> Cluster:
    cluster = born(3, version).cluster
    cluster.recreate(with_secrets=True)
    return cluster


def recovery(version: tuple[int, int, int]) -> Cluster:
    """Two of three have lost their data, and a person has confirmed to go on with the third."""
    operator = led_by(born(3, version), 0)
    for ordinal in (0, 1):
        operator.cluster.lose_volume(ordinal)
    operator.work(20)
    assert Person(operator.cluster).follow(operator)
    return operator.cluster


FLOWS: tuple[Flow, ...] = (
    birth, scale_up, scale_down, roll, growth, lost_volume, copied_anew, switchover, preferred,
    made_anew, recovery,
)  # fmt: skip


def costs_one_election(begun: Cluster, ended: Cluster) -> bool:
    return ended.mongods.elections == begun.mongods.elections + 1


def touches_no_pod(begun: Cluster, ended: Cluster) -> bool:
    return uids(begun) == uids(ended)


def forces_once(begun: Cluster, ended: Cluster) -> bool:
    return ended.mongods.forced == 1


ENDS: dict[Flow, Callable[[Cluster, Cluster], bool]] = {
    roll: costs_one_election,
    growth: touches_no_pod,
    recovery: forces_once,
}
"""What a flow keeps to, whoever dies in it."""


def die_at(cluster: Cluster, call: int) -> bool:
    """Let operators work until one dies before this call; whether there were so many."""
    left = call
    for _ in range(PASSES):
        operator = Operator(cluster)
        planned = operator.look()
        actions = len(planned.upkeep) + (planned.step is not None)
        if left <= actions:
            operator.act(crash_after=left)
            tick(cluster)
            return True
        left -= actions + bool(operator.act() or actions)
        tick(cluster)
    return False


@pytest.mark.parametrize("version", [OLD, NEW], ids=["4.4", "6.0"])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: str(flow.__name__))
def test_an_operator_may_die_at_every_call(flow: Flow, version: tuple[int, int, int]) -> None:
    begun = flow(version)
    before, call = len(begun.mongods.identities), 0
    while die_at(cluster := deepcopy(begun), call):
        come_to_rest(Operator(cluster))
        assert len(cluster.mongods.identities) == max(before, 1), f"died before call {call}"
        assert flow not in ENDS or ENDS[flow](begun, cluster), f"died before call {call}"
        call += 1
    assert call > 3, "the flow has calls"
