"""The snapshot of one pass over the simulated cluster, as the observer would take it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mongors.observed.kubernetes import Pod, StatefulSet, statefulset_of
from mongors.observed.mongodb import Answer, MemberView, State
from mongors.observed.observed import Observed
from mongors.observed.record import recorded
from property.cluster import Cluster, SimPod
from property.servers import Installed


def look(cluster: Cluster) -> Observed:
    """Take the snapshot; a member that the operator cannot reach says nothing."""
    keyfile = cluster.objects.get(("Secret", "mongo-keyfile"), {})
    annotations: Mapping[str, str] = keyfile.get("metadata", {}).get("annotations", {})
    statefulset = cluster.objects.get(("StatefulSet", "mongo"))
    return Observed(
        at=cluster.now,
        objects=dict(cluster.objects),
        pods={ordinal: _pod(cluster, pod) for ordinal, pod in sorted(cluster.pods.items())},
        claims=dict(cluster.claims),
        statefulset=_statefulset(cluster, statefulset) if statefulset else None,
        named=frozenset(f"mongo-{each.ordinal}" for each in cluster.pods.values() if each.named),
        answers={
            ordinal: _answer(cluster, ordinal)
            for ordinal in sorted(cluster.pods)
            if cluster.mongod(ordinal).running
        },
        record=recorded(annotations, cluster.status),
        status=cluster.status,
    )


def _statefulset(cluster: Cluster, raw: Mapping[str, Any]) -> StatefulSet:
    return replace(statefulset_of(raw), update_revision=cluster.revision)


def _pod(cluster: Cluster, pod: SimPod) -> Pod:
    return Pod(
        name=f"mongo-{pod.ordinal}",
        uid=pod.uid,
        ordinal=pod.ordinal,
        created=pod.created,
        ip=f"10.0.0.{pod.ordinal}",
        node=f"node-{pod.ordinal}",
        mongod_running=cluster.mongod(pod.ordinal).running,
        mongod_since=pod.running_since if cluster.mongod(pod.ordinal).running else None,
        mongod_ever_ran=pod.ever_ran,
        role=pod.role,
        in_service=pod.in_service,
        may_start_empty=pod.permitted,
        held_since=pod.held_since,
        revision=pod.revision,
        trouble="no luck" if pod.ordinal in cluster.crashed | cluster.unschedulable else None,
    )


def _answer(cluster: Cluster, ordinal: int) -> Answer:
    mongod = cluster.mongod(ordinal)
    if ordinal in cluster.silent:
        return Answer(ordinal, State.UNREACHABLE, problem="no answer")
    installed = mongod.installed
    if installed is None:
        return Answer(ordinal, State.UNINITIATED, version=cluster.version)
    answer = Answer(ordinal, mongod.state, config=installed.config, version=cluster.version)
    if mongod.state is State.REMOVED:
        return answer
    return replace(
        answer,
        host=mongod.host,
        is_writable_primary=mongod.is_writable,
        set_name=installed.config.name,
        term=mongod.term,
        config_committed=mongod.is_writable and cluster.mongods.is_committed(installed),
        fcv=f"{cluster.version[0]}.{cluster.version[1]}" if mongod.is_primary else None,
        voting_members=len(installed.counting),
        views=_views(cluster, installed),
    )


def _views(cluster: Cluster, installed: Installed) -> tuple[MemberView, ...]:
    views = []
    for member in installed.config.members:
        seen = cluster.mongods.by_host.get(member.host)
        there = seen is not None and seen.running
        state = seen.state if seen is not None and there else State.DOWN
        late = seen is not None and seen.slow
        views.append(MemberView(member.host, state, there, 900.0 if late else 1000.0))
    return tuple(views)
