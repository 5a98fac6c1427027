"""Rest: nothing is left to do, and reality is what the resource asks for."""

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.observed.mongodb import State
from property.cluster import Cluster
from property.operator import Operator
from unit.builders import host

PASSES = 400
"""More than the longest way from anywhere to rest."""


def come_to_rest(operator: Operator, *, hurried: bool = False) -> None:
    """Work until nothing is written any more; time passes between two passes, or only at times."""
    quiet = 0
    for done in range(PASSES):
        wrote = operator.one_pass()
        quiet = 0 if wrote or not operator.look().is_empty else quiet + 1
        if quiet == 2:
            break
        if quiet or not (hurried and done % 3):
            operator.cluster.tick()
    else:
        raise AssertionError(f"never at rest: {operator.look()}")
    check_reality(operator.cluster)


def check_reality(cluster: Cluster) -> None:
    """What runs is what is wanted, and the status says so."""
    desired = cluster.desired
    primary = cluster.mongods.primary
    assert primary is not None
    assert primary.installed is not None
    live = primary.installed.config
    wanted = {(each.host, each.votes, each.priority) for each in desired.members}
    assert {(each.host, each.votes, each.priority) for each in live.members} == wanted
    assert sorted(cluster.pods) == [each.ordinal for each in desired.members]
    states = [cluster.mongods.by_host[each.host].state for each in desired.members]
    assert sorted(states) == sorted([State.PRIMARY, *[State.SECONDARY] * (len(states) - 1)])
    for ordinal, pod in cluster.pods.items():
        shown = "primary" if host(ordinal) == primary.host else "secondary"
        assert (pod.role, pod.in_service) == (shown, True)
    conditions = {each.type: each.status for each in cluster.status.conditions}
    assert conditions[ConditionType.READY] is ConditionStatus.TRUE
    assert conditions[ConditionType.MEMBERS_IN_SYNC] is ConditionStatus.TRUE
