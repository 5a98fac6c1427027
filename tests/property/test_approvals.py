"""Told lives of sets that ask before they disrupt: what is approved is done, and nothing else."""

import pytest

from mongors.api.conditions import ConditionType
from mongors.desired import labels
from property.approvals import approve_next
from property.controllers import tick
from property.operator import Operator
from property.rest import come_to_rest
from property.told import NEW, OLD, born, die_after, holds, ids, led_by, others, uids
from unit.builders import host

GREEN, RED = {"color": "green"}, {"color": "red"}


def asked_first(members: int, version: tuple[int, int, int] = NEW) -> Operator:
    """A set that has come to rest, and asks before it disrupts."""
    return born(members, version, approval="Manual")


def waiting(operator: Operator) -> list[str]:
    """The ids that wait for approval, as the status has them."""
    return [each.id for each in operator.cluster.status.waiting_for_approval or ()]


def approve(operator: Operator, approved: str) -> None:
    operator.cluster.annotate(labels.APPROVED, approved)


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("members", [1, 2, 3, 5])
def test_restarts_wait_and_one_approval_is_enough_for_all(
    members: int, version: tuple[int, int, int]
) -> None:
    operator = asked_first(members, version)
    before = uids(operator.cluster)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(20)
    assert uids(operator.cluster) == before
    assert holds(operator.cluster, ConditionType.READY)
    (wanted,) = waiting(operator)
    approve(operator, wanted)
    asked = set[str]()
    for _ in range(60):
        operator.one_pass()
        tick(operator.cluster)
        asked |= {*waiting(operator)}
    assert asked == set()
    assert not set(before.values()) & set(uids(operator.cluster).values())
    come_to_rest(operator)


@pytest.mark.parametrize("sizes", [(5, 3), (5, 4), (3, 1), (8, 6), (2, 1)])
def test_members_stay_until_their_removal_is_approved(sizes: tuple[int, int]) -> None:
    operator = led_by(asked_first(sizes[0]), sizes[0] - 1 if sizes[0] < 8 else 5)
    before, voters = ids(operator.cluster), len(operator.cluster.status.member_status)
    elections = operator.cluster.mongods.elections
    operator.cluster.edit(members=sizes[1])
    operator.work(20)
    assert ids(operator.cluster) == before
    assert operator.cluster.mongods.elections == elections
    assert len(operator.cluster.pods) == voters
    (wanted,) = waiting(operator)
    approve(operator, wanted)
    operator.work(40)
    assert waiting(operator) == []
    come_to_rest(operator)


def test_a_copy_anew_waits_and_discards_nothing_before() -> None:
    operator = asked_first(3)
    cluster, who = operator.cluster, others(operator.cluster)[0]
    known = ids(cluster)[host(who)]
    cluster.annotate(labels.RESYNC, f"mongo-{who}/{known}")
    operator.work(20)
    cluster.delete_pod(who)
    operator.work(20)
    assert ids(cluster)[host(who)] == known
    (wanted,) = waiting(operator)
    approve(operator, wanted)
    come_to_rest(operator)
    assert ids(cluster)[host(who)] != known


def test_a_wish_that_comes_back_is_asked_for_anew() -> None:
    """A is approved and begun; B is wished for, and seen; A again waits."""
    operator = asked_first(5)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(3)
    (first,) = waiting(operator)
    approve(operator, first)
    operator.work(4)
    operator.cluster.edit(podLabels=RED)
    operator.work(20)
    (other,) = waiting(operator)
    assert other != first
    operator.cluster.edit(podLabels=GREEN)
    before = uids(operator.cluster)
    operator.work(40)
    assert uids(operator.cluster) == before
    assert waiting(operator) == [f"{first}@2"]
    come_to_rest(operator)


def test_an_approval_lets_nothing_run_a_second_time() -> None:
    operator = asked_first(3)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(3)
    approve(operator, waiting(operator)[0])
    come_to_rest(operator)
    operator.cluster.edit(podLabels=RED, approval="Automatic")
    come_to_rest(operator)
    before = uids(operator.cluster)
    operator.cluster.edit(podLabels=GREEN, approval="Manual")
    operator.work(40)
    assert uids(operator.cluster) == before


def test_lost_volumes_are_mended_while_restarts_and_removals_wait() -> None:
    operator = asked_first(5)
    operator.cluster.edit(podLabels=GREEN, members=3)
    operator.work(6)
    known, who = ids(operator.cluster), next(each for each in others(operator.cluster) if each < 3)
    operator.cluster.lose_volume(who)
    operator.work(40)
    assert ids(operator.cluster)[host(who)] != known[host(who)]
    assert len(ids(operator.cluster)) == 5
    assert len(waiting(operator)) == 2
    come_to_rest(operator)


def test_an_approved_roll_goes_on_after_a_pause() -> None:
    operator = asked_first(5)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(3)
    approve(operator, waiting(operator)[0])
    operator.work(4)
    operator.cluster.edit(paused=True)
    before = uids(operator.cluster)
    operator.work(10)
    assert before.items() <= uids(operator.cluster).items()
    operator.cluster.edit(paused=False)
    operator.work(60)
    assert waiting(operator) == []
    come_to_rest(operator)


@pytest.mark.parametrize("actions", range(1, 14))
def test_an_operator_that_dies_asks_nothing_twice(actions: int) -> None:
    operator = asked_first(3)
    operator.cluster.edit(podLabels=GREEN)
    operator.work(3)
    approve(operator, waiting(operator)[0])
    operator = die_after(operator, actions)
    operator.work(40)
    assert waiting(operator) == []
    come_to_rest(operator)


def test_a_person_approves_one_plan_after_the_other() -> None:
    operator = asked_first(5)
    operator.cluster.edit(podLabels=GREEN, members=3)
    operator.work(6)
    assert [each.partition("-")[0] for each in waiting(operator)] == ["remove", "restart"]
    assert approve_next(operator.cluster)
    assert not approve_next(operator.cluster), "the first one is under way"
    operator.work(30)
    assert [each.partition("-")[0] for each in waiting(operator)] == ["restart"]
    come_to_rest(operator)
