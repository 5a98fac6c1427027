"""Some lives, told from beginning to end: the ways that every set goes, and its worst days."""

import pytest

from property.cluster import Cluster
from property.operator import Operator
from property.rest import come_to_rest
from property.told import NEW, OLD, born, led_by


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


@pytest.mark.parametrize("primary", [0, 1, 2])
def test_the_primary_is_never_removed_before_it_stepped_down(primary: int) -> None:
    """Rules 25 and 40."""
    operator = led_by(born(3), primary)
    operator.cluster.edit(members=1)
    come_to_rest(operator)


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
    operator.work(3)
    assert all(each.running for each in cluster.mongods.by_host.values())
    assert not cluster.mongods.identities
    cluster.recreate(with_secrets=True)
    come_to_rest(operator)


def test_a_birth_goes_on_without_a_member_that_finds_no_node() -> None:
    operator = Operator(Cluster(unschedulable={2}))
    operator.cluster.edit(members=3)
    operator.work(40)
    assert operator.cluster.mongods.primary is not None
    assert operator.cluster.status.ready == "2/3"
    operator.cluster.heal()
    come_to_rest(operator)


def test_a_minority_that_the_operator_sees_is_not_the_set() -> None:
    """Rules 12, 36 and 78: members that it cannot reach are neither removed nor replaced."""
    operator = born(3)
    operator.cluster.silent |= {0, 1, 2}
    operator.cluster.edit(members=1)
    operator.work(20)
    assert sorted(operator.cluster.pods) == [0, 1, 2]
    operator.cluster.heal()
    come_to_rest(operator)


def test_pods_stay_while_a_paused_set_shrinks_on_paper() -> None:
    """Rule 86."""
    operator = born(3)
    operator.cluster.edit(members=1, paused=True)
    writes = operator.cluster.writes
    operator.work()
    assert operator.cluster.writes == writes
    assert sorted(operator.cluster.pods) == [0, 1, 2]
