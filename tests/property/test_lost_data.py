"""Told lives in which members lose their data, and nothing that was acknowledged is lost."""

import pytest

from mongors.api.conditions import ConditionType
from mongors.desired import labels
from mongors.observed.mongodb import State
from property.cluster import Cluster
from property.controllers import tick
from property.kubelet import BROKEN_CONFIGURATION
from property.operator import Operator
from property.person import Person
from property.rest import come_to_rest
from property.told import NEW, OLD, born, holds, ids, leader, led_by, others, said
from unit.builders import host


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_member_that_lost_its_volume_comes_back_as_a_new_one(
    lost: int, version: tuple[int, int, int]
) -> None:
    """Rule 34: of a secondary as well as of the primary."""
    operator = led_by(born(3, version), 1)
    before = ids(operator.cluster)
    operator.cluster.lose_volume(lost)
    come_to_rest(operator)
    after = ids(operator.cluster)
    assert after[host(lost)] > max(before.values())
    assert all(after[each] == before[each] for each in before if each != host(lost))


@pytest.mark.parametrize("primary", [0, 2, 4])
def test_two_of_five_members_lose_their_volumes(primary: int) -> None:
    operator = led_by(born(5), primary)
    operator.cluster.lose_volume(0)
    operator.cluster.lose_volume(3)
    come_to_rest(operator)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_volume_is_emptied_under_a_living_pod(lost: int) -> None:
    """The server does not start again over it, the pod is made anew and stands at the gate."""
    operator = led_by(born(3), 0)
    pod = operator.cluster.pods[lost].uid
    operator.cluster.empty_volume(lost)
    tick(operator.cluster)
    assert operator.cluster.pods[lost].found_no_data
    come_to_rest(operator)
    assert operator.cluster.pods[lost].uid != pod


@pytest.mark.parametrize("lost", [{0, 1}, {0, 1, 2}])
def test_without_a_majority_of_the_data_all_stay_at_the_gate(lost: set[int]) -> None:
    """Rules 12 and 34: nothing is forced, and nobody who forgot an acknowledged write votes."""
    operator = born(3)
    for ordinal in lost:
        operator.cluster.lose_volume(ordinal)
    operator.work(40)
    for ordinal in lost:
        assert operator.cluster.mongod(ordinal).state is State.UNREACHABLE
        assert operator.cluster.pods[ordinal].is_held
    assert holds(operator.cluster, ConditionType.STALLED)
    assert not holds(operator.cluster, ConditionType.READY)


def lose_all_that_acknowledged(cluster: Cluster, operator: Operator) -> int:
    """Experiment A1: of those who have the newest write one is wiped, the other one reboots."""
    stale, empty = others(cluster)
    cluster.mongod(stale).slow = True
    operator.work(4)
    cluster.crashed.add(leader(cluster).ordinal)
    rebooting = leader(cluster)
    rebooting.stop()
    cluster.lose_volume(empty)
    operator.work(20)
    return rebooting.ordinal


def test_a_stale_member_and_an_empty_one_never_make_a_primary() -> None:
    """Rule 34: the write that both lack is not lost while the third is away."""
    operator = born(3)
    cluster = operator.cluster
    rebooting = lose_all_that_acknowledged(cluster, operator)
    assert cluster.mongods.primary is None
    cluster.heal()
    operator.work(20)
    assert leader(cluster).ordinal == rebooting
    come_to_rest(operator)


def test_without_the_gate_the_write_is_lost() -> None:
    """That the checks of these stories see the loss which the gate prevents."""
    operator = born(3, gated=False)
    with pytest.raises(AssertionError, match="leads without acknowledged writes"):
        lose_all_that_acknowledged(operator.cluster, operator)


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(("members", "primary"), [(2, 1), (3, 2)])
def test_all_that_stay_lose_their_volumes_while_the_set_shrinks(
    members: int, primary: int, version: tuple[int, int, int]
) -> None:
    """The member that leaves last waits until there is one to hand over to."""
    operator = led_by(born(members, version), primary)
    operator.cluster.lose_volume(0)
    operator.cluster.edit(members=1)
    if members == 2:
        Person(operator.cluster).see_to(operator)
    come_to_rest(operator)


def test_members_scaled_away_come_back_over_their_old_data() -> None:
    """They join under a new `_id`, and vote when they have caught up."""
    operator = born(5)
    before = ids(operator.cluster)
    operator.cluster.edit(members=3)
    come_to_rest(operator)
    operator.cluster.edit(members=5)
    come_to_rest(operator)
    after = ids(operator.cluster)
    assert min(after[host(3)], after[host(4)]) > max(before.values())


@pytest.mark.parametrize("version", [OLD, NEW])
def test_a_member_that_is_behind_gets_no_vote(version: tuple[int, int, int]) -> None:
    operator = born(5, version)
    cluster = operator.cluster
    cluster.edit(members=3)
    come_to_rest(operator)
    cluster.mongod(3).slow = True
    cluster.edit(members=5)
    operator.work(40)
    live = leader(cluster).installed
    assert live is not None
    assert host(3) not in live.counting
    cluster.heal()
    come_to_rest(operator)


def test_data_are_copied_anew_on_demand() -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    before = ids(cluster)
    cluster.annotate(labels.RESYNC, f"mongo-2/{before[host(2)]}")
    mongod = cluster.mongod(2)
    come_to_rest(operator)
    assert ids(cluster)[host(2)] > max(before.values())
    assert cluster.mongod(2) is not mongod


def test_data_are_not_copied_anew_while_another_member_is_away() -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    mongod, asked = cluster.mongod(2), f"mongo-2/{ids(cluster)[host(2)]}"
    cluster.crashed.add(1)
    cluster.mongod(1).stop()
    cluster.annotate(labels.RESYNC, asked)
    operator.work(20)
    assert "must be in service" in said(operator.look())
    assert cluster.mongod(2) is mongod
    cluster.heal()
    come_to_rest(operator)
    assert cluster.mongod(2) is not mongod


def test_the_last_one_with_data_comes_back_once_the_spec_is_right_again() -> None:
    """The others stand empty at the gate: nobody may be told to give up what it still holds."""
    operator = led_by(born(3), 2)
    cluster = operator.cluster
    cluster.edit(podLabels={"color": BROKEN_CONFIGURATION})
    for _ in range(30):
        operator.work(1)
        if any(pod.flaw for pod in cluster.pods.values()):
            break
    (broken,) = (ordinal for ordinal, pod in cluster.pods.items() if pod.flaw)
    cluster.edit(podLabels={"color": "green"})
    operator.one_pass()
    for ordinal in set(cluster.pods) - {broken}:
        cluster.lose_volume(ordinal)
    operator.work(30)
    assert cluster.mongod(broken).state is State.SECONDARY
    assert labels.BEGIN_ANEW not in said(operator.look())
    assert Person(cluster).follow(operator)
    operator.work(30)
    Person(cluster).tidy()
    come_to_rest(operator)
    assert len(cluster.mongods.identities) == 1
