"""Told lives in which the members are restarted: one by one, the primary last."""

import pytest

from mongors.api.conditions import ConditionType
from mongors.desired import labels
from property.cluster import Cluster
from property.controllers import tick
from property.kubelet import BROKEN_CONFIGURATION, BROKEN_IMAGE
from property.operator import Operator
from property.rest import come_to_rest
from property.told import NEW, OLD, born, holds, led_by, said, uids

GREEN, RED = {"color": "green"}, {"color": "red"}
BROKEN = [BROKEN_IMAGE, BROKEN_CONFIGURATION]


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(("members", "primary"), [(3, 0), (3, 1), (3, 2), (5, 4), (4, 1), (7, 3)])
def test_a_roll_takes_one_election(
    members: int, primary: int, version: tuple[int, int, int]
) -> None:
    operator = led_by(born(members, version), primary)
    before, elections = uids(operator.cluster), operator.cluster.mongods.elections
    operator.cluster.edit(podLabels=GREEN)
    gone = order_of_restarts(operator)
    assert sorted(gone) == list(before)
    assert gone[-1] == primary
    assert operator.cluster.mongods.elections == elections + 1


@pytest.mark.parametrize("members", [1, 2])
def test_small_sets_are_restarted_as_well(members: int) -> None:
    operator = born(members)
    before = uids(operator.cluster)
    operator.cluster.edit(podLabels=GREEN)
    come_to_rest(operator)
    assert not set(before.values()) & set(uids(operator.cluster).values())


def test_a_restart_on_demand_is_done_once() -> None:
    operator = born(3)
    before = uids(operator.cluster)
    operator.cluster.annotate(labels.RESTART, "today")
    come_to_rest(operator)
    after = uids(operator.cluster)
    assert not set(before.values()) & set(after.values())
    operator.work()
    assert uids(operator.cluster) == after


@pytest.mark.parametrize("flaw", BROKEN)
@pytest.mark.parametrize("members", [3, 5])
def test_a_broken_template_takes_one_member(members: int, flaw: str) -> None:
    """Rule 57: and it heals when the template is reverted."""
    operator = broken(members, flaw)
    assert holds(operator.cluster, ConditionType.STALLED)
    assert "the restarts have stopped" in said(operator.look())
    operator.cluster.edit(podLabels={})
    come_to_rest(operator)


@pytest.mark.parametrize("flaw", BROKEN)
def test_a_broken_template_heals_by_a_good_one(flaw: str) -> None:
    operator = broken(3, flaw)
    operator.cluster.edit(podLabels=GREEN)
    come_to_rest(operator)


def test_of_two_broken_templates_in_a_row_the_same_member_suffers() -> None:
    operator = broken(3, BROKEN_IMAGE)
    operator.cluster.edit(podLabels={"color": BROKEN_CONFIGURATION})
    operator.work(40)
    assert serving(operator.cluster) == 2
    operator.cluster.edit(podLabels=GREEN)
    come_to_rest(operator)


def test_no_member_is_restarted_while_another_one_is_behind() -> None:
    """Rules 53 and 54."""
    operator = led_by(born(3), 0)
    before = uids(operator.cluster)
    operator.cluster.mongod(1).slow = True
    operator.cluster.edit(podLabels=GREEN)
    operator.work(30)
    assert uids(operator.cluster) == before
    operator.cluster.heal()
    come_to_rest(operator)


@pytest.mark.parametrize("members", [1, 2, 5])
def test_a_set_is_scaled_in_the_middle_of_a_roll(members: int) -> None:
    operator = led_by(born(3), 2)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(4)
    operator.cluster.edit(members=members)
    come_to_rest(operator)


def test_a_member_is_lost_in_the_middle_of_a_roll() -> None:
    operator = led_by(born(3), 0)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(3)
    operator.cluster.lose_volume(1)
    come_to_rest(operator)


def test_a_second_roll_overtakes_the_first() -> None:
    operator = born(3)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(5)
    operator.cluster.edit(podLabels=RED)
    come_to_rest(operator)


def test_parameters_that_can_be_set_live_restart_nobody() -> None:
    operator = born(3)
    before = uids(operator.cluster)
    operator.cluster.edit(configuration={"setParameter": {"cursorTimeoutMillis": 300000}})
    come_to_rest(operator)
    assert uids(operator.cluster) == before


@pytest.mark.parametrize("then", [{}, {"setParameter": {"cursorTimeoutMillis": 300000}}])
def test_other_parameters_come_by_a_restart(then: dict[str, object]) -> None:
    operator = born(3)
    before = uids(operator.cluster)
    fixed = {"diagnosticDataCollectionDirectorySizeMB": 300}
    operator.cluster.edit(configuration={"setParameter": fixed})
    come_to_rest(operator)
    between = uids(operator.cluster)
    assert not set(before.values()) & set(between.values())
    operator.cluster.edit(configuration=then)
    come_to_rest(operator)
    assert not set(between.values()) & set(uids(operator.cluster).values())


def broken(members: int, flaw: str) -> Operator:
    """A set whose new template never starts, some time after it was given."""
    operator = born(members)
    before = uids(operator.cluster)
    operator.cluster.edit(podLabels={"color": flaw})
    operator.work(40)
    assert len(set(before.values()) - set(uids(operator.cluster).values())) == 1
    assert serving(operator.cluster) == members - 1
    return operator


def serving(cluster: Cluster) -> int:
    """How many members serve."""
    return sum(each.state.serves for each in cluster.mongods.by_host.values())


def order_of_restarts(operator: Operator) -> list[int]:
    """The ordinals in the order in which their pods were made anew, until rest."""
    cluster, gone = operator.cluster, list[int]()
    for _ in range(80):
        before = uids(cluster)
        operator.one_pass()
        tick(cluster)
        gone += [each for each, uid in uids(cluster).items() if uid != before.get(each)]
    come_to_rest(operator)
    return gone
