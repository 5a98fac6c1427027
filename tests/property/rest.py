"""Rest: nothing is left to do, and reality is what the resource asks for."""

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.observed.mongodb import State
from mongors.planning.plan import Plan
from property.approvals import approve_next
from property.cluster import STATEFULSET, Cluster
from property.controllers import tick
from property.operator import Operator
from unit.builders import host

PASSES = 600
"""More than the longest way from anywhere to rest."""


def come_to_rest(operator: Operator, *, hurried: bool = False) -> None:
    """Work until nothing is written any more; time passes between two passes, or only at times.

    A person approves what waits for it.
    """
    quiet = 0
    for done in range(PASSES):
        wrote = operator.one_pass() | approve_next(operator.cluster)
        quiet = 0 if wrote or not _is_done(operator.look()) else quiet + 1
        if quiet == 3:
            break
        if quiet or not (hurried and done % 3):
            tick(operator.cluster)
    else:
        raise AssertionError(f"never at rest: {operator.look()}")
    check_reality(operator.cluster)


def _is_done(planned: Plan) -> bool:
    """Whether nothing is planned; what is refused without harm stays refused."""
    waits = all(wait.is_harmless and wait.stalls for wait in planned.waits)
    return waits and planned.step is None and not planned.upkeep


def check_reality(cluster: Cluster) -> None:
    """What runs is what is wanted, and the status says so."""
    desired = cluster.desired
    primary = cluster.mongods.primary
    assert primary is not None
    assert primary.installed is not None
    live = primary.installed.config
    wanted = {(each.host, each.votes, each.priority, each.hidden) for each in desired.members}
    there = {(each.host, each.votes, each.priority, each.hidden) for each in live.members}
    assert there == wanted
    assert all(live.settings.get(key) == value for key, value in desired.settings.items())
    assert sorted(cluster.pods) == [each.ordinal for each in desired.members]
    states = [cluster.mongods.by_host[each.host].state for each in desired.members]
    assert sorted(states) == sorted([State.PRIMARY, *[State.SECONDARY] * (len(states) - 1)])
    assert cluster.mongods.write_concern == "majority"
    for ordinal in cluster.pods:
        check_member(cluster, ordinal, "primary" if host(ordinal) == primary.host else "secondary")
    check_conditions(cluster)


def check_member(cluster: Cluster, ordinal: int, role: str) -> None:
    """A pod is as wanted, shows its role, and has the volume that was asked for."""
    desired, pod = cluster.desired, cluster.pods[ordinal]
    assert (pod.role, pod.in_service, pod.permitted) == (role, True, False)
    assert pod.digest == desired.template
    live = cluster.mongod(ordinal).parameters
    assert all(live.get(key) == value for key, value in desired.parameters.items())
    statefulset = cluster.objects[STATEFULSET]["spec"]["volumeClaimTemplates"][0]
    size = desired.spec.storage.size
    assert statefulset["spec"]["resources"]["requests"]["storage"] == size
    assert cluster.claims[ordinal].capacity == size
    assert pod.name not in cluster.held


def check_conditions(cluster: Cluster) -> None:
    """The set is ready, as is wanted now (I9), and what was forced is told for ever."""
    told_of = {cluster.status.observed_generation}
    told_of |= {each.observed_generation for each in cluster.status.conditions}
    assert told_of == {cluster.desired.generation}
    conditions = {each.type: each.status for each in cluster.status.conditions}
    assert conditions[ConditionType.READY] is ConditionStatus.TRUE
    assert conditions[ConditionType.MEMBERS_IN_SYNC] is ConditionStatus.TRUE
    assert conditions[ConditionType.UP_TO_DATE] is ConditionStatus.TRUE
    told = conditions.get(ConditionType.DATA_LOSS_POSSIBLE) is ConditionStatus.TRUE
    assert told or not cluster.mongods.forced
    assert not told or cluster.mongods.forced or cluster.was_confirmed, "told without a reason"
