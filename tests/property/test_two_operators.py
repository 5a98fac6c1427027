"""Told lives of a set that two operators look after, each on its own and late picture."""

import pytest

from mongors.desired import labels
from mongors.planning.actions import Force
from property.cluster import Cluster
from property.controllers import tick
from property.operator import Operator
from property.person import Person
from property.rest import come_to_rest
from property.told import NEW, OLD, born, led_by, uids


def work_late(cluster: Cluster, passes: int, lateness: int) -> None:
    """Two operators take turns; each acts on what it saw some moments before."""
    pair = [Operator(cluster), Operator(cluster)]
    for turn in range(passes):
        acting, other = pair[turn % 2], pair[(turn + 1) % 2]
        if other.seen is None:
            other.look()
        for _ in range(lateness if turn % 3 else 0):
            tick(cluster)
        acting.act()
        if turn % 4:
            acting.look()
        tick(cluster)


@pytest.mark.parametrize("lateness", [0, 1, 3])
@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("sizes", [(3, 5, 3), (1, 3, 2), (5, 1), (7, 9, 7)])
def test_two_operators_scale(
    sizes: tuple[int, ...], version: tuple[int, int, int], lateness: int
) -> None:
    cluster = Cluster(version=version)
    for members in sizes:
        cluster.edit(members=members)
        work_late(cluster, 30, lateness)
    come_to_rest(Operator(cluster))
    assert len(cluster.mongods.identities) == 1


@pytest.mark.parametrize("lateness", [0, 1, 3])
@pytest.mark.parametrize("primary", [0, 2])
def test_two_operators_roll(primary: int, lateness: int) -> None:
    operator = led_by(born(3), primary)
    cluster = operator.cluster
    before = uids(cluster)
    cluster.edit(podLabels={"color": "green"})
    work_late(cluster, 50, lateness)
    come_to_rest(operator)
    assert not set(before.values()) & set(uids(cluster).values())


@pytest.mark.parametrize("lateness", [0, 1, 3])
@pytest.mark.parametrize("lost", [{0}, {1}, {0, 1}])
def test_two_operators_take_members_back(lost: set[int], lateness: int) -> None:
    operator = led_by(born(5), 0)
    for ordinal in lost:
        operator.cluster.lose_volume(ordinal)
    work_late(operator.cluster, 40, lateness)
    come_to_rest(operator)


@pytest.mark.parametrize("lateness", [0, 1, 2, 3])
@pytest.mark.parametrize("crashed", [{0, 1}, {1, 2}])
def test_two_operators_recover(crashed: set[int], lateness: int) -> None:
    """The members that are given up are back at any time: nobody starts on what is given up."""
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    for ordinal in crashed:
        cluster.crashed.add(ordinal)
        cluster.mongod(ordinal).stop()
    operator.work(10)
    person = Person(cluster)
    assert person.follow(operator)
    work_late(cluster, 6, lateness)
    cluster.heal()
    work_late(cluster, 30, lateness)
    person.see_to(operator)
    come_to_rest(operator)


@pytest.mark.parametrize("lateness", [0, 1, 3])
def test_two_operators_switch_over(lateness: int) -> None:
    operator = led_by(born(3), 0)
    cluster = operator.cluster
    cluster.annotate(labels.SWITCH_TO, "mongo-2")
    work_late(cluster, 20, lateness)
    come_to_rest(operator)
    assert cluster.mongod(2).is_primary


@pytest.mark.parametrize("lateness", [0, 2])
def test_two_operators_grow_volumes(lateness: int) -> None:
    operator = born(3)
    cluster = operator.cluster
    before = uids(cluster)
    cluster.edit(storage={"size": "5Gi"}, members=4)
    work_late(cluster, 40, lateness)
    come_to_rest(operator)
    assert before.items() <= uids(cluster).items()


def test_a_late_record_does_not_let_go_who_is_held() -> None:
    """What one operator writes on an old picture must not undo what the other relies on."""
    operator, late = led_by(born(3), 0), None
    cluster = operator.cluster
    cluster.edit(members=4)
    for _ in range(20):
        late = Operator(cluster)
        if any("apply Secret mongo-keyfile" in str(each) for each in late.look().upkeep):
            break
        operator.one_pass()
        tick(cluster)
    for ordinal in (0, 1, 3):
        cluster.mongod(ordinal).stop()
        cluster.crashed.add(ordinal)
    operator.work(10)
    assert Person(cluster).follow(operator)
    for _ in range(40):
        if isinstance(operator.look().step, Force):
            break
        operator.act()
        tick(cluster)
    assert isinstance(operator.look().step, Force)
    assert late is not None
    late.act()
    operator.act()
    cluster.heal()
    Person(cluster).see_to(operator)
    come_to_rest(operator)
