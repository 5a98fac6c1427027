"""What may never be planned or done, whatever happens."""

from mongors.desired.desired import Desired
from mongors.observed.mongodb import voter_changes
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Evict,
    Force,
    Reconfigure,
    ReplacePod,
    StepDown,
    StopForGood,
    SwitchOver,
)
from mongors.planning.plan import Plan
from property.approvals import check_approval
from property.cluster import Cluster
from property.kubelet import SimPod
from property.servers import Mongod
from unit.builders import host


def check_plan(desired: Desired, observed: Observed, planned: Plan) -> None:
    """What holds of every plan, whatever the snapshot says."""
    if desired.spec.paused:
        assert not planned.upkeep
        assert planned.step is None
    check_approval(desired, observed, planned)
    step = planned.step
    if isinstance(step, Reconfigure):
        _check_reconfigure(observed, step)
    if isinstance(step, StepDown | SwitchOver):
        assert observed.primary is not None
        assert step.term == observed.primary.term
    if isinstance(step, Force) or (isinstance(step, StopForGood) and not _is_out(observed, step)):
        assert observed.primary is None
        is_given_up = desired.asked.begin_anew == observed.record.replica_set_id
        if isinstance(step, Force) or not is_given_up:
            assert desired.asked.recover is not None
            assert desired.asked.recover == observed.record.recovery


def _is_out(observed: Observed, step: StopForGood) -> bool:
    """Whether a pod's member is in no configuration that counts."""
    live = observed.leading_config
    hosts = [each.host.partition(".")[0] for each in live.members] if live else []
    return live is not None and step.pod not in hosts


def check_permission(cluster: Cluster, pod: SimPod) -> None:
    """No member of the committed configuration is let in empty."""
    if not cluster.mongod(pod.ordinal).has_files or pod.name in cluster.held:
        cluster.check_may_go(pod.ordinal)


def check_initiate(cluster: Cluster) -> None:
    """A second set is begun only when the first was given up by name and nothing of it is left."""
    mongods = cluster.mongods
    if not mongods.identities:
        return
    assert mongods.identities[-1] in cluster.given_up, "a second replica set"
    there = [cluster.mongod(ordinal) for ordinal in cluster.pods]
    left = [each.host for each in there if each.identity is not None]
    assert not left, f"{left} still hold the data of {mongods.identities}"
    mongods.begin_anew()


def check_eviction(cluster: Cluster, pod: SimPod, action: Evict | ReplacePod | StopForGood) -> None:
    """Whom the operator takes away: one at a time, and never onto a template that fails."""
    if isinstance(action, StopForGood):
        return
    statefulset = cluster.objects.get(("StatefulSet", "mongo"), {})
    coming = statefulset.get("spec", {}).get("template", {}).get("metadata", {})
    made = SimPod(pod.ordinal, "", cluster.now, coming)
    newest = cluster.mongods.committed
    there = {each.host for each in newest.config.members} if newest else set[str]()
    on_it = [
        each.name
        for each in cluster.pods.values()
        if each is not pod and each.flaw and each.digest == made.digest
        if host(each.ordinal) in there
    ]
    could_serve = pod.ever_ran and not pod.flaw and host(pod.ordinal) in there
    assert not (made.flaw and could_serve and on_it), (
        f"{pod.name} joins {on_it} on a template that fails"
    )
    if isinstance(action, Evict):
        _check_majority_left(cluster, pod)


def check_force(cluster: Cluster, survivor: Mongod, action: Force) -> None:
    """Nobody but the survivor runs, or can come to run, on the data of the set."""
    asked = cluster.desired.asked.recover
    expected = f"{survivor.identity}/{action.pod}/{action.based_on[1]}"
    assert asked == expected, f"{expected} is forced, but {asked} is confirmed"
    for each in cluster.mongods.by_host.values():
        if each is survivor or each.identity is None:
            continue
        pod = cluster.pods.get(each.ordinal)
        assert not each.running, f"{each.host} runs while the rest is given up"
        assert pod is None or not pod.passed, f"{each.host} can start on what is given up"
        may_come = pod is not None or each.ordinal < cluster.replicas
        named = f"mongo-{each.ordinal}" in cluster.held
        assert named or not may_come, f"{each.host} is not held at the gate"


def _check_reconfigure(observed: Observed, step: Reconfigure) -> None:
    live = observed.leading_config
    assert live is not None
    assert observed.config_is_settled
    assert step.based_on == live.stamp
    assert voter_changes(live, step.config) <= 1
    assert abs(len(live.members) - len(step.config.members)) <= 1
    assert len({each.id for each in step.config.members}) == len(step.config.members)
    kept = {each.id: each.host for each in live.members}
    assert all(kept.get(each.id, each.host) == each.host for each in step.config.members)
    assert step.config.foreign == live.foreign


def _check_majority_left(cluster: Cluster, pod: SimPod) -> None:
    newest = cluster.mongods.committed
    if newest is None or len(newest.counting) <= 2 or host(pod.ordinal) not in newest.counting:
        return
    left = [
        each
        for each in newest.counting
        if each != host(pod.ordinal)
        and (there := cluster.mongods.by_host.get(each)) is not None
        and there.running
    ]
    assert len(left) >= newest.majority, f"{pod.name} goes, and only {left} are left"
