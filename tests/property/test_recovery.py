"""Told lives in which a majority is lost for good, and a person confirms how to go on."""

import pytest

from mongors.api.conditions import ConditionType
from mongors.desired import labels
from mongors.observed.mongodb import State
from property.cluster import Cluster
from property.controllers import tick
from property.faults import Faults
from property.operator import Operator
from property.person import Person
from property.rest import come_to_rest
from property.told import NEW, OLD, born, die_after, holds, ids, leader, led_by, said


def stricken(members: int, lost: set[int], version: tuple[int, int, int] = NEW) -> Operator:
    """A set that lost the data of a majority, some time ago."""
    operator = led_by(born(members, version), 0)
    for ordinal in lost:
        operator.cluster.lose_volume(ordinal)
    operator.work(20)
    assert operator.cluster.mongods.primary is None
    return operator


def confirm(operator: Operator) -> Person:
    """Do what the status says."""
    person = Person(operator.cluster)
    assert person.follow(operator), said(operator.look())
    return person


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(("members", "lost"), [(2, {1}), (3, {0, 1}), (3, {1, 2}), (5, {0, 1, 2})])
def test_a_confirmed_recovery_goes_on_with_the_survivor(
    members: int, lost: set[int], version: tuple[int, int, int]
) -> None:
    operator = stricken(members, lost, version)
    person = confirm(operator)
    operator.work(30)
    assert operator.cluster.mongods.forced == 1
    person.tidy()
    come_to_rest(operator)
    assert holds(operator.cluster, ConditionType.DATA_LOSS_POSSIBLE)


def test_who_had_left_before_does_not_stand_in_the_way() -> None:
    """Rule 78: it runs, and shows a configuration of this set without it: it elects nobody."""
    operator = led_by(born(5), 4)
    cluster = operator.cluster
    cluster.edit(members=1)
    for _ in range(20):
        operator.work(1)
        if len(ids(cluster)) == 3:
            break
    assert cluster.mongod(3).state is State.REMOVED
    cluster.lose_volume(0)
    cluster.lose_volume(4)
    operator.work(20)
    confirm(operator)
    operator.work(30)
    assert cluster.mongods.forced == 1
    come_to_rest(operator)


@pytest.mark.parametrize("passes", range(1, 12))
def test_those_who_left_are_offered_when_nobody_else_has_data(passes: int) -> None:
    """The only member loses its volume while others come back over the volumes that they kept."""
    operator = led_by(born(4), 0)
    cluster = operator.cluster
    cluster.edit(members=1)
    come_to_rest(operator)
    cluster.edit(members=4)
    operator.work(passes)
    lost = leader(cluster)
    cluster.lose_volume(lost.ordinal)
    operator.work(20)
    person = confirm(operator) if cluster.mongods.primary is None else Person(cluster)
    operator.work(40)
    person.tidy()
    come_to_rest(operator)
    assert len(cluster.mongods.identities) == 1


def test_a_way_out_is_told_of_a_set_whose_resource_was_made_anew() -> None:
    """Also while its users are not made for the new Secrets."""
    operator = led_by(born(3), 0)
    operator.cluster.recreate(with_secrets=False)
    while not operator.cluster.is_recorded:
        operator.work(1)
        for each in operator.cluster.mongods.by_host.values():
            each.frozen = 5
    operator.cluster.lose_volume(0)
    operator.cluster.lose_volume(1)
    operator.work(20)
    person = confirm(operator)
    operator.work(40)
    person.tidy()
    come_to_rest(operator)


def test_the_most_advanced_survivor_is_offered() -> None:
    operator = led_by(born(5), 0)
    cluster = operator.cluster
    cluster.mongod(3).slow = True
    operator.work(4)
    for ordinal in (0, 1, 2):
        cluster.lose_volume(ordinal)
    operator.work(20)
    cluster.heal()
    assert "mongo-4 is the most advanced survivor" in said(operator.look())
    person = confirm(operator)
    operator.work(40)
    person.tidy()
    come_to_rest(operator)


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("identity-1/mongo-1/1", "the most advanced member is mongo-2"),
        ("identity-1/mongo-2/999", "the most advanced member is mongo-2"),
        ("identity-9/mongo-2/1", "this set's replicaSetId is identity-1"),
        ("yes", "it must name"),
    ],
)
def test_another_confirmation_is_refused(token: str, why: str) -> None:
    operator = stricken(3, {0, 1})
    operator.cluster.annotate(labels.RECOVER, token)
    operator.work(20)
    assert operator.cluster.mongods.forced == 0
    assert why in said(operator.look())


@pytest.mark.parametrize("passes", range(8))
def test_a_confirmation_is_taken_back(passes: int) -> None:
    """Those that can still come back do so with their data, unless it was too late."""
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    down(cluster, 0, 1)
    operator.work(10)
    confirm(operator)
    operator.work(passes)
    cluster.annotate(labels.RECOVER, None)
    kept = [each for each in cluster.mongods.by_host.values() if each.has_files]
    cluster.heal()
    come_to_rest(operator)
    assert cluster.mongods.forced or all(each in kept for each in cluster.mongods.by_host.values())


@pytest.mark.parametrize("passes", range(6))
@pytest.mark.parametrize("back", [{0}, {1}, {0, 1}])
def test_lost_members_come_back_while_the_recovery_runs(back: set[int], passes: int) -> None:
    """Nobody but the survivor runs when it is forced, or it is not forced."""
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    down(cluster, 0, 1)
    operator.work(10)
    person = confirm(operator)
    operator.work(passes)
    cluster.crashed -= back
    operator.work(40)
    cluster.heal()
    person.see_to(operator)
    come_to_rest(operator)


def test_a_recovery_is_refused_when_enough_members_came_back() -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    down(cluster, 0, 1)
    operator.work(10)
    cluster.heal()
    confirm(operator)
    for _ in range(4):
        tick(cluster)
    operator.work(20)
    assert cluster.mongods.forced == 0
    Person(cluster).tidy()
    come_to_rest(operator)


def test_a_node_that_does_not_report_forbids_the_recovery() -> None:
    """A member on it may run, and acknowledge writes, where nobody sees it."""
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    for ordinal in (0, 1):
        Faults(cluster).strike("node_lost", ordinal)
    operator.work(20)
    Person(cluster).follow(operator)
    operator.work(20)
    assert cluster.mongods.forced == 0
    Person(cluster).tidy()
    cluster.heal()
    come_to_rest(operator)


@pytest.mark.parametrize("members", [1, 3])
def test_all_pods_restart_at_once_after_a_recovery(members: int) -> None:
    """Whoever joined again has good data, and does not wait at the gate."""
    operator = stricken(3, {0, 1})
    person = confirm(operator)
    operator.work(30)
    person.tidy()
    operator.cluster.edit(members=members)
    come_to_rest(operator)
    for ordinal in list(operator.cluster.pods):
        operator.cluster.crashed.add(ordinal)
        operator.cluster.mongod(ordinal).stop()
    operator.work(5)
    operator.cluster.heal()
    for ordinal in list(operator.cluster.pods):
        operator.cluster.delete_pod(ordinal)
    come_to_rest(operator)


def test_a_majority_is_lost_twice() -> None:
    operator = stricken(3, {0, 1})
    for _ in range(2):
        person = confirm(operator)
        operator.work(40)
        person.tidy()
        come_to_rest(operator)
        keep = leader(operator.cluster).ordinal
        for ordinal in set(operator.cluster.pods) - {keep}:
            operator.cluster.lose_volume(ordinal)
        operator.work(20)
    person = confirm(operator)
    operator.work(40)
    person.tidy()
    come_to_rest(operator)
    assert operator.cluster.mongods.forced == 3


@pytest.mark.parametrize("crash_after", [None, *range(14)])
@pytest.mark.parametrize("members", [1, 3])
def test_a_set_begins_anew_when_all_is_lost(members: int, crash_after: int | None) -> None:
    operator = born(members)
    cluster = operator.cluster
    for ordinal in list(cluster.pods):
        cluster.lose_volume(ordinal)
    operator.work(20)
    assert all(each.state is State.UNREACHABLE for each in cluster.mongods.by_host.values())
    confirm(operator)
    late = operator if crash_after is None else die_after(operator, crash_after)
    come_to_rest(late)
    assert len(cluster.mongods.identities) == 2


@pytest.mark.parametrize("passes", [*range(14), 20])
def test_a_set_begins_anew_when_its_survivor_is_lost_before_anybody_joined(passes: int) -> None:
    """Those who were let in know of no set, or have a part of the data: it is of no use alone."""
    operator = stricken(3, {0, 1})
    cluster = operator.cluster
    person = confirm(operator)
    operator.work(passes)
    cluster.lose_volume(2)
    operator.work(20)
    person.tidy()
    person.see_to(operator)
    come_to_rest(operator)


@pytest.mark.parametrize("passes", range(1, 14))
def test_who_leaves_a_recovered_set_and_comes_back_at_once_is_copied_anew(passes: int) -> None:
    """Its pod is still there, and runs over data of which nobody knows that they are good."""
    operator = stricken(5, {0, 1, 2})
    person = confirm(operator)
    operator.work(40)
    person.tidy()
    come_to_rest(operator)
    operator.cluster.edit(members=3)
    operator.work(passes)
    operator.cluster.edit(members=5)
    come_to_rest(operator)


def test_a_set_that_shrinks_begins_anew_when_all_is_lost() -> None:
    operator = born(3)
    for ordinal in range(3):
        operator.cluster.lose_volume(ordinal)
    operator.cluster.edit(members=1)
    operator.work(20)
    confirm(operator)
    come_to_rest(operator)


def test_a_set_does_not_begin_anew_while_a_volume_is_left() -> None:
    operator = stricken(3, {0, 1})
    operator.cluster.annotate(labels.BEGIN_ANEW, "identity-1")
    operator.work(20)
    assert len(operator.cluster.mongods.identities) == 1
    assert "does not stand at the start gate" in said(operator.look())


def down(cluster: Cluster, *ordinals: int) -> None:
    """Members that end, and do not come up again for now."""
    for ordinal in ordinals:
        cluster.crashed.add(ordinal)
        cluster.mongod(ordinal).stop()
