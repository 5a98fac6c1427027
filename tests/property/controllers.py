"""What moves by itself: the StatefulSet's controller, the kubelets, growing volumes, mongods."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mongors.api.quantity import is_smaller
from mongors.observed.kubernetes import Claim
from property.cluster import STATEFULSET, TICK, Cluster
from property.kubelet import BROKEN_IMAGE, SimPod
from property.servers import Mongod
from unit.builders import host


def tick(cluster: Cluster, luck: int = 0) -> None:
    """Let a moment pass."""
    cluster.now += TICK
    _finish_deletions(cluster)
    _control_statefulset(cluster)
    _grow(cluster)
    for pod in list(cluster.pods.values()):
        _run(cluster, pod)
    cluster.mongods.tick(luck)


def _finish_deletions(cluster: Cluster) -> None:
    for ordinal, pod in list(cluster.pods.items()):
        if pod.deleting and ordinal not in cluster.lost:
            cluster.delete_pod(ordinal)


def _control_statefulset(cluster: Cluster) -> None:
    live = cluster.objects.get(STATEFULSET)
    if live is None:
        return
    live["status"] = {"observedGeneration": live["metadata"]["generation"]}
    for ordinal in [each for each in cluster.pods if each >= cluster.replicas]:
        if cluster.is_recorded or cluster.pods[ordinal].ever_ran:
            cluster.check_may_go(ordinal)
        cluster.delete_pod(ordinal)
    for ordinal in range(cluster.replicas):
        if ordinal not in cluster.claims:
            cluster.claims[ordinal] = _claim(cluster, live, ordinal)
            cluster.mongods.by_host[host(ordinal)] = Mongod(ordinal, host(ordinal))
        if ordinal not in cluster.pods:
            template = live["spec"]["template"]["metadata"]
            pod = SimPod(ordinal, cluster.uid("pod"), cluster.now, template)
            cluster.pods[ordinal] = pod


def _claim(cluster: Cluster, statefulset: Mapping[str, Any], ordinal: int) -> Claim:
    template = statefulset["spec"]["volumeClaimTemplates"][0]
    size = template["spec"]["resources"]["requests"]["storage"]
    made = Claim(ordinal, cluster.uid("claim"), cluster.now, bound=True)
    return replace(made, requested=size, capacity=size)


def _grow(cluster: Cluster) -> None:
    """One volume in a moment."""
    for ordinal, claim in cluster.claims.items():
        if claim.requested and is_smaller(claim.capacity, claim.requested):
            cluster.claims[ordinal] = replace(claim, capacity=claim.requested)
            return


def _run(cluster: Cluster, pod: SimPod) -> None:
    mongod = cluster.mongod(pod.ordinal)
    if pod.ordinal in cluster.lost or mongod.running or pod.deleting:
        return
    if pod.node is None:
        if pod.ordinal in cluster.unschedulable:
            return
        usual, spare = f"node-{pod.ordinal}", f"spare-{pod.ordinal}"
        pod.node = spare if usual in cluster.cordoned else usual
    pod.named = True
    if pod.flaw == BROKEN_IMAGE:
        return
    if not pod.passed:
        _come_to_gate(cluster, pod, mongod)
    if pod.passed and (pod.flaw or pod.ordinal not in cluster.crashed):
        pod.start_mongod(cluster.mongod(pod.ordinal), cluster.now)


def _come_to_gate(cluster: Cluster, pod: SimPod, mongod: Mongod) -> None:
    if not cluster.gated:
        pod.passed = pod.may_start_once = True
        return
    named = pod.name in cluster.held
    if pod.come_to_gate(mongod, is_named=named, now=cluster.now):
        _check_wipe(cluster, mongod)
        cluster.empty_volume(pod.ordinal)


def _check_wipe(cluster: Cluster, mongod: Mongod) -> None:
    """Data are discarded only of members that are out of the set, and were given up.

    Or of one that has a part of them alone, when they are given up and nobody has the rest.
    """
    if mongod.identity is None:
        return
    newest = cluster.mongods.committed
    is_out = newest is None or newest.config.member(mongod.host) is None
    whole = [
        each.host
        for each in cluster.mongods.by_host.values()
        if each.identity == mongod.identity and not each.sync_left
    ]
    is_useless = mongod.identity in cluster.given_up and not whole
    assert is_out or is_useless, f"the data of {mongod.host} are wiped, a member of {newest}"
    named = {mongod.identity, f"mongo-{mongod.ordinal}"}
    is_given_up = cluster.mongods.forced > 0 or named & cluster.given_up
    assert is_given_up, f"the data of {mongod.host} are wiped, and nobody gave them up"
