"""Told lives in which volumes grow, and options, settings and the write concern change."""

import pytest

from property.cluster import STATEFULSET
from property.operator import Operator
from property.rest import come_to_rest
from property.told import NEW, OLD, born, leader, uids


def test_volumes_grow_while_the_pods_stay() -> None:
    """Rule 62: the claims first, then the StatefulSet anew over the pods that run."""
    operator = born(3)
    cluster = operator.cluster
    before, statefulset = uids(cluster), cluster.objects[STATEFULSET]["metadata"]["uid"]
    cluster.edit(storage={"size": "5Gi"})
    come_to_rest(operator)
    assert uids(cluster) == before
    assert cluster.objects[STATEFULSET]["metadata"]["uid"] != statefulset


@pytest.mark.parametrize("members", [2, 5])
def test_a_set_is_scaled_while_volumes_grow(members: int) -> None:
    operator = born(3)
    operator.cluster.edit(storage={"size": "5Gi"})
    operator.work(3)
    operator.cluster.edit(members=members)
    come_to_rest(operator)


def test_volumes_grow_and_members_are_restarted_together() -> None:
    operator = born(3)
    operator.cluster.edit(storage={"size": "5Gi"}, podLabels={"color": "green"})
    come_to_rest(operator)


def test_volumes_kept_from_former_times_grow_when_they_are_used_again() -> None:
    operator = born(5)
    for spec in ({"members": 3}, {"storage": {"size": "5Gi"}}, {"members": 5}):
        operator.cluster.edit(**spec)
        come_to_rest(operator)


@pytest.mark.parametrize("version", [OLD, NEW])
def test_options_of_all_kinds_come_and_go(version: tuple[int, int, int]) -> None:
    operator = born(5, version)
    for options in (
        [{"member": 1, "tags": {"zone": "a"}}, {"member": 2, "priority": 3.0}],
        [{"member": 4, "hidden": True}, {"member": 3, "delaySeconds": 60}],
        [{"member": 0, "votes": 0}, {"member": 1, "votes": 0}],
        [],
    ):
        operator.cluster.edit(memberOptions=options)
        come_to_rest(operator)


def test_settings_change_and_what_is_not_ours_stays() -> None:
    operator = born(3)
    operator.cluster.edit(settings={"electionTimeoutMillis": 20000, "chainingAllowed": False})
    come_to_rest(operator)
    live = leader(operator.cluster).installed
    assert live is not None
    assert live.config.settings["electionTimeoutMillis"] == 20000


def test_acknowledged_means_by_a_majority_in_an_old_version_as_well() -> None:
    operator = born(3, OLD)
    assert operator.cluster.mongods.write_concern == "majority"


def test_a_deleted_statefulset_is_made_again_over_its_pods() -> None:
    operator = born(3)
    before = uids(operator.cluster)
    del operator.cluster.objects[STATEFULSET]
    come_to_rest(Operator(operator.cluster))
    assert uids(operator.cluster) == before
