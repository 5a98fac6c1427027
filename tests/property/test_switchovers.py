"""Told lives in which people and drains choose the primary."""

import pytest

from mongors.desired import labels
from property.cluster import Cluster
from property.controllers import tick
from property.operator import Operator
from property.rest import come_to_rest
from property.told import NEW, OLD, born, die_after, leader, led_by, said


def asked(operator: Operator, pod: str) -> Cluster:
    """The cluster in which somebody asked for a primary."""
    operator.cluster.annotate(labels.SWITCH_TO, pod)
    return operator.cluster


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(("members", "target"), [(2, 1), (3, 1), (3, 2), (5, 4), (7, 6)])
def test_the_named_member_becomes_primary(
    members: int, target: int, version: tuple[int, int, int]
) -> None:
    operator = led_by(born(members, version), 0)
    cluster = asked(operator, f"mongo-{target}")
    elections = cluster.mongods.elections
    come_to_rest(operator)
    assert leader(cluster).ordinal == target
    assert cluster.mongods.elections == elections + 1


def test_who_was_made_primary_once_may_lose_it_again() -> None:
    operator = led_by(born(3), 0)
    cluster = asked(operator, "mongo-2")
    come_to_rest(operator)
    leader(cluster).stop()
    come_to_rest(operator)
    now = leader(cluster).ordinal
    assert now != 2
    cluster.annotate(labels.SWITCH_TO, "mongo-2@again")
    come_to_rest(operator)
    assert leader(cluster).ordinal == 2


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("mongo-7", "no member of this set"),
        ("nobody", "no member of this set"),
        ("mongo-1", "behind"),
        ("mongo-2", "priority 0"),
        ("mongo-3", "higher priority"),
    ],
)
def test_a_member_that_cannot_be_primary_is_refused(target: str, why: str) -> None:
    options = [
        {"member": 0, "priority": 2.0},
        {"member": 1, "priority": 2.0},
        {"member": 2, "hidden": True},
    ]
    operator = led_by(born(5, memberOptions=options), 0)
    cluster = asked(operator, target)
    cluster.mongod(1).slow = True
    operator.work(20)
    assert leader(cluster).ordinal == 0
    assert f"{target} is not made primary" in said(operator.look())
    assert why in said(operator.look())
    cluster.heal()
    come_to_rest(operator)
    assert leader(cluster).ordinal == (1 if target == "mongo-1" else 0)


def test_a_member_that_is_away_is_made_primary_when_it_is_back() -> None:
    operator = led_by(born(3), 0)
    cluster = asked(operator, "mongo-2")
    cluster.crashed.add(2)
    cluster.mongod(2).stop()
    operator.work(10)
    assert "not in service" in said(operator.look())
    cluster.heal()
    come_to_rest(operator)
    assert leader(cluster).ordinal == 2


@pytest.mark.parametrize("cut_off", range(5))
def test_a_handover_is_cut_off_in_the_middle(cut_off: int) -> None:
    """The freeze ends by itself, and the member that was asked for is asked to stand."""
    operator = led_by(born(4), 0)
    cluster = asked(operator, "mongo-2")
    cluster.cut_off = cut_off
    come_to_rest(operator)
    assert leader(cluster).ordinal == 2


@pytest.mark.parametrize("cut_off", [None, 1, 3])
@pytest.mark.parametrize("crash_after", range(4))
def test_an_operator_may_die_around_a_handover(crash_after: int, cut_off: int | None) -> None:
    operator = led_by(born(3), 1)
    cluster = asked(operator, "mongo-0")
    cluster.cut_off = cut_off
    come_to_rest(die_after(operator, crash_after))
    assert leader(cluster).ordinal == 0


def test_the_preferred_member_becomes_primary_and_comes_back() -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    cluster.edit(memberOptions=[{"member": 2, "priority": 5.0}])
    come_to_rest(operator)
    assert leader(cluster).ordinal == 2
    leader(cluster).stop()
    come_to_rest(operator)
    assert leader(cluster).ordinal == 2


@pytest.mark.parametrize("option", [{"hidden": True}, {"priority": 0.0}, {"votes": 0}])
def test_a_primary_that_shall_not_be_one_any_more_hands_over(option: dict[str, object]) -> None:
    operator = led_by(born(4), 0)
    operator.cluster.edit(memberOptions=[{"member": 0, **option}])
    come_to_rest(operator)
    assert leader(operator.cluster).ordinal != 0


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_only_voter_hides_when_another_one_has_a_vote(version: tuple[int, int, int]) -> None:
    operator = born(1, version)
    operator.cluster.edit(members=3, memberOptions=[{"member": 0, "hidden": True}])
    come_to_rest(operator)
    assert leader(operator.cluster).ordinal != 0


def test_a_cordon_moves_the_primary_once() -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    elections = cluster.mongods.elections
    cluster.cordoned.add("node-0")
    operator.work()
    assert leader(cluster).ordinal != 0
    cluster.cordoned.add(f"node-{leader(cluster).ordinal}")
    operator.work()
    assert f"node-{leader(cluster).ordinal}" not in cluster.cordoned
    assert cluster.mongods.elections == elections + 2
    cluster.cordoned.add(f"node-{leader(cluster).ordinal}")
    operator.work(20)
    assert cluster.mongods.elections == elections + 2
    come_to_rest(operator)


def test_a_drain_finds_no_primary_on_its_node() -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    cluster.cordoned.add("node-0")
    operator.work(6)
    elections = cluster.mongods.elections
    cluster.delete_pod(0)
    tick(cluster)
    come_to_rest(operator)
    assert cluster.mongods.elections == elections
    assert cluster.pods[0].node == "spare-0"


def test_a_preferred_member_on_a_cordoned_node_does_not_ping_pong() -> None:
    operator = led_by(born(3, memberOptions=[{"member": 0, "priority": 5.0}]), 0)
    elections = operator.cluster.mongods.elections
    operator.cluster.cordoned.add("node-0")
    operator.work(20)
    assert operator.cluster.mongods.elections == elections
