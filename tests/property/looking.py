"""The snapshot of one pass over the simulated cluster, as the observer would take it."""

from dataclasses import replace

from mongors.api.quantity import is_smaller
from mongors.observed.kubernetes import Node, Pod, statefulset_of
from mongors.observed.mongodb import Answer, MemberView, Optime, Parameter, State
from mongors.observed.observed import Observed
from mongors.observed.record import recorded
from property.cluster import STATEFULSET, Cluster
from property.kubelet import SimPod
from property.servers import SETTABLE_LIVE, Installed, Mongod


def look(cluster: Cluster) -> Observed:
    """Take the snapshot; a member that the operator cannot reach says nothing."""
    statefulset = cluster.objects.get(STATEFULSET)
    size = cluster.desired.spec.storage.size
    pods = {ordinal: pod_seen(cluster, pod) for ordinal, pod in sorted(cluster.pods.items())}
    return Observed(
        at=cluster.now,
        objects=dict(cluster.objects),
        pods=pods,
        claims=dict(cluster.claims),
        statefulset=statefulset_of(statefulset) if statefulset else None,
        named=frozenset(each.name for each in cluster.pods.values() if each.named),
        answers={
            ordinal: _answer(cluster, ordinal)
            for ordinal, pod in sorted(pods.items())
            if pod.mongod_running
        },
        record=recorded(cluster.record, cluster.status),
        status=cluster.status,
        volumes_can_grow=(
            True
            if any(is_smaller(each.requested, size) for each in cluster.claims.values())
            else None
        ),
        nodes={
            pod.node: Node(
                pod.node, ready=ordinal not in cluster.lost, cordoned=pod.node in cluster.cordoned
            )
            for ordinal, pod in pods.items()
            if pod.node is not None
        },
    )


def pod_seen(cluster: Cluster, pod: SimPod) -> Pod:
    """What is known of a pod; from a node that does not report, what was known before."""
    if pod.ordinal in cluster.lost:
        return cluster.lost[pod.ordinal]
    runs = cluster.mongod(pod.ordinal).running
    return Pod(
        name=pod.name,
        uid=pod.uid,
        ordinal=pod.ordinal,
        created=pod.created,
        ip=f"10.0.0.{pod.ordinal}",
        node=pod.node,
        deleting=pod.deleting,
        mongod_running=runs,
        mongod_since=pod.running_since if runs else None,
        mongod_ever_ran=pod.ever_ran,
        role=pod.role,
        in_service=pod.in_service,
        may_start_empty=pod.permitted,
        held_since=pod.held_since,
        template=pod.digest,
        parameters=pod.parameters,
        trouble=cluster.trouble(pod),
        found_no_data=pod.found_no_data,
    )


def _answer(cluster: Cluster, ordinal: int) -> Answer:
    mongod, mongods = cluster.mongod(ordinal), cluster.mongods
    if ordinal in cluster.silent | set(cluster.lost) or not mongod.running:
        return Answer(ordinal, State.UNREACHABLE, problem="no answer")
    installed = mongod.installed
    answer = Answer(
        ordinal,
        mongod.state,
        version=cluster.version,
        parameters={
            name: Parameter(value, name in SETTABLE_LIVE)
            for name, value in mongod.parameters.items()
            if name in cluster.desired.parameters
        },
    )
    if installed is None:
        return answer
    applied = Optime(mongod.optime[0], mongod.optime[1], 1)
    answer = replace(answer, config=installed.config, applied=applied)
    if mongod.state is State.REMOVED:
        return answer
    return replace(
        answer,
        host=mongod.host,
        copying=mongod.state is State.STARTUP2,
        is_writable_primary=mongod.is_writable,
        set_name=installed.config.name,
        term=mongod.term,
        config_committed=mongod.is_writable and mongods.is_committed(installed),
        fcv=f"{cluster.version[0]}.{cluster.version[1]}" if mongod.is_writable else None,
        write_concern=mongods.write_concern if mongod.is_writable else None,
        voting_members=len(installed.counting),
        committed_term=mongod.committed[0],
        views=_views(cluster, mongod, installed),
    )


def _views(cluster: Cluster, mine: Mongod, installed: Installed) -> tuple[MemberView, ...]:
    views = []
    for member in installed.config.members:
        seen = cluster.mongods.by_host.get(member.host)
        there = seen is not None and cluster.mongods.reaches(mine, seen)
        state = seen.state if seen is not None and there else State.DOWN
        late = seen is not None and seen.slow
        source = cluster.mongods.source_of(seen) if seen is not None and there else None
        views.append(MemberView(member.host, state, there, 900.0 if late else 1000.0, source))
    return tuple(views)
