"""Some lives, told from beginning to end: the ways that every set goes, and its worst days."""

import pytest

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.observed.mongodb import State
from property.cluster import Cluster
from property.operator import Operator
from property.rest import come_to_rest

OLD, NEW = (4, 4, 29), (6, 0, 5)
ACTIONS = 30
"""More than a birth and a change of scale take together."""


def born(members: int, version: tuple[int, int, int] = NEW) -> Operator:
    """An operator whose set has come to rest."""
    cluster = Cluster(version=version)
    cluster.edit(members=members)
    operator = Operator(cluster)
    come_to_rest(operator)
    return operator


def work(operator: Operator, passes: int = 12) -> None:
    """Some passes, with time between them."""
    for _ in range(passes):
        operator.one_pass()
        operator.cluster.tick()


@pytest.mark.parametrize("hurried", [False, True])
@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("sizes", [(1, 2, 1), (2, 3, 5, 3), (3, 7, 1), (5, 4, 6, 2), (8, 3)])
def test_a_set_follows_every_change_of_scale(
    sizes: tuple[int, ...], version: tuple[int, int, int], hurried: bool
) -> None:
    operator = born(sizes[0], version)
    for members in sizes[1:]:
        operator.cluster.edit(members=members)
        come_to_rest(operator, hurried=hurried)


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("first", range(ACTIONS))
def test_an_operator_may_die_after_any_action(first: int, version: tuple[int, int, int]) -> None:
    """Rule 77: a birth, a scale-out and a scale-in are taken up wherever they were cut off."""
    cluster = Cluster(version=version)
    left = first
    for members in (1, 3, 2):
        cluster.edit(members=members)
        for _ in range(14):
            operator = Operator(cluster)
            operator.look()
            before = cluster.writes
            operator.act(crash_after=left if left < 8 else None)
            left = max(0, left - (cluster.writes - before)) if left else ACTIONS
            cluster.tick()
    come_to_rest(Operator(cluster))


@pytest.mark.parametrize("primary", [0, 1, 2])
def test_the_primary_is_never_removed_before_it_stepped_down(primary: int) -> None:
    """Rules 25 and 40."""
    operator = born(3)
    while operator.cluster.mongod(primary).state is not State.PRIMARY:
        leader = operator.cluster.mongods.primary
        if leader is not None:
            leader.stop()
        for _ in range(4):
            operator.cluster.tick(primary)
    come_to_rest(operator)
    operator.cluster.edit(members=1)
    come_to_rest(operator)


@pytest.mark.parametrize("lost", [{0}, {1}, {0, 1}, {0, 1, 2}])
def test_members_that_lost_their_data_stay_at_the_gate(lost: set[int]) -> None:
    """Rule 34: nobody who forgot an acknowledged write may vote."""
    operator = born(3)
    for ordinal in lost:
        operator.cluster.lose_volume(ordinal)
    work(operator, 40)
    for ordinal in lost:
        assert operator.cluster.mongod(ordinal).state is State.UNREACHABLE
        assert operator.cluster.pods[ordinal].held_since is not None
    conditions = {each.type: each.status for each in operator.cluster.status.conditions}
    assert conditions[ConditionType.STALLED] is ConditionStatus.TRUE
    assert conditions[ConditionType.READY] is ConditionStatus.FALSE


def test_a_stale_member_and_an_empty_one_never_make_a_primary() -> None:
    """Rule 34: the write that both lack is not lost while the third is away."""
    operator = born(3)
    cluster = operator.cluster
    leader = cluster.mongods.primary
    assert leader is not None
    stale, empty = [each for each in range(3) if each != leader.ordinal]
    cluster.mongod(stale).slow = True
    work(operator)
    cluster.crashed.add(leader.ordinal)
    leader.stop()
    cluster.lose_volume(empty)
    work(operator, 20)
    assert cluster.mongods.primary is None
    cluster.heal()
    work(operator, 20)
    assert cluster.mongods.primary is leader


@pytest.mark.parametrize("with_secrets", [True, False])
@pytest.mark.parametrize("members", [1, 2, 3, 5])
def test_a_resource_made_anew_finds_its_set(members: int, with_secrets: bool) -> None:
    """Rules 2 and 43: the volumes were kept, so there is nothing to initiate."""
    operator = born(3)
    operator.cluster.recreate(with_secrets=with_secrets)
    operator.cluster.edit(members=members)
    come_to_rest(operator)
    assert len(operator.cluster.mongods.identities) == 1


def test_a_resource_made_anew_before_its_birth_is_born() -> None:
    """Whoever deletes a resource and applies it again, all within seconds, gets a set."""
    cluster = Cluster()
    cluster.edit(members=3)
    operator = Operator(cluster)
    work(operator, 2)
    assert all(each.running for each in cluster.mongods.by_host.values())
    assert not cluster.mongods.identities
    cluster.recreate(with_secrets=True)
    come_to_rest(operator)


def test_a_birth_goes_on_without_a_member_that_finds_no_node() -> None:
    operator = Operator(Cluster(unschedulable={2}))
    operator.cluster.edit(members=3)
    work(operator, 40)
    assert operator.cluster.mongods.primary is not None
    assert operator.cluster.status.ready == "2/3"
    operator.cluster.heal()
    come_to_rest(operator)


def test_a_minority_that_the_operator_sees_is_not_the_set() -> None:
    """Rules 12, 36 and 78: members that it cannot reach are neither removed nor replaced."""
    operator = born(3)
    operator.cluster.silent |= {0, 1, 2}
    operator.cluster.edit(members=1)
    work(operator, 20)
    assert sorted(operator.cluster.pods) == [0, 1, 2]
    operator.cluster.heal()
    come_to_rest(operator)


def test_pods_stay_while_a_paused_set_shrinks_on_paper() -> None:
    """Rule 86."""
    operator = born(3)
    operator.cluster.edit(members=1, paused=True)
    writes = operator.cluster.writes
    work(operator)
    assert operator.cluster.writes == writes
    assert sorted(operator.cluster.pods) == [0, 1, 2]
