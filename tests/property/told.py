"""How stories begin, and what is asked about their end."""

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.planning.plan import Plan
from property.cluster import Cluster
from property.controllers import tick
from property.operator import Operator
from property.rest import come_to_rest
from property.servers import Mongod

OLD, NEW = (4, 4, 29), (6, 0, 5)


def born(
    members: int, version: tuple[int, int, int] = NEW, *, gated: bool = True, **spec: object
) -> Operator:
    """An operator whose set has come to rest."""
    cluster = Cluster(version=version, gated=gated)
    cluster.edit(members=members, **spec)
    operator = Operator(cluster)
    come_to_rest(operator)
    return operator


def led_by(operator: Operator, ordinal: int) -> Operator:
    """The same set with this member as its primary."""
    cluster = operator.cluster
    for _ in range(20):
        if leader(cluster).ordinal == ordinal:
            break
        leader(cluster).give_up_lead()
        for each in cluster.mongods.by_host.values():
            each.unseen, each.frozen = 2, int(each.ordinal != ordinal) * 2
        tick(cluster)
        tick(cluster)
    come_to_rest(operator)
    return operator


def leader(cluster: Cluster) -> Mongod:
    """The primary that there must be."""
    primary = cluster.mongods.primary
    assert primary is not None
    return primary


def others(cluster: Cluster) -> list[int]:
    """The ordinals of all members but the primary."""
    return [ordinal for ordinal in cluster.pods if ordinal != leader(cluster).ordinal]


def holds(cluster: Cluster, kind: ConditionType) -> bool:
    """Whether a condition is True in the status."""
    found = {each.type: each.status for each in cluster.status.conditions}
    return found.get(kind) is ConditionStatus.TRUE


def said(planned: Plan) -> str:
    """All that a plan waits for."""
    return "; ".join(wait.message for wait in planned.waits)


def ids(cluster: Cluster) -> dict[str, int]:
    """The `_id` of every host in the live configuration."""
    live = leader(cluster).installed
    return {each.host: each.id for each in live.config.members} if live else {}


def uids(cluster: Cluster) -> dict[int, str]:
    """The pods that there are."""
    return {ordinal: pod.uid for ordinal, pod in cluster.pods.items()}


def die_after(operator: Operator, actions: int) -> Operator:
    """Let operators work until one dies after so many actions; returns the next one."""
    cluster, left = operator.cluster, actions
    for _ in range(100):
        one = Operator(cluster)
        planned = one.look()
        count = len(planned.upkeep) + (planned.step is not None)
        one.act(crash_after=left if count > left else None)
        tick(cluster)
        if count > left:
            break
        left -= count
    return Operator(cluster)
