"""For whom the set waits, when there is nothing else to do."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.members import WantedMember
from mongors.observed.kubernetes import Pod
from mongors.observed.mongodb import ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.waits import Wait
from mongors.planning.words import unsettled


def await_members(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Say for whom the set waits until all wanted members serve and count."""
    primary, config = observed.primary, observed.leading_config
    if primary is None:
        return
    if config is None:
        said = f"waiting for the configuration of {desired.names.pod(primary.ordinal)}"
        why = f" ({primary.problem})" if primary.problem else ""
        yield Wait(Reason.WAITING_FOR_ANSWERS, said + why)
        return
    absent = [each for each in desired.members if config.member(each.host) is None]
    if absent:
        yield from (_absence(desired, observed, each) for each in absent[:1])
        return
    syncing = [each for each in desired.members if not observed.is_healthy(each.host)]
    if syncing:
        yield _syncing(desired, observed, syncing)
    elif unseen := [each for each in desired.members if not observed.state(each.ordinal).serves]:
        named = ", ".join(desired.names.pod(each.ordinal) for each in unseen)
        said = f"{named} serves, as the primary sees it, but does not say so to the operator"
        yield Wait(Reason.WAITING_FOR_ANSWERS, said)
    elif not observed.config_is_settled:
        yield unsettled(config)
    elif behind := [each for each in desired.members if _is_yet_to_vote(config, each)]:
        named = ", ".join(desired.names.pod(each.ordinal) for each in behind)
        yield Wait(Reason.WAITING_FOR_SYNC, f"waiting to give {named} a vote, once caught up")
    elif primary.voting_members not in (None, len(config.voters)):
        yield Wait(
            Reason.WAITING_FOR_SYNC,
            f"{primary.voting_members} of {len(config.voters)} voters count so far; a new voter "
            "counts when it has synced",
        )


def _is_yet_to_vote(config: ReplicaSetConfig, member: WantedMember) -> bool:
    live = config.member(member.host)
    return live is not None and live.votes < member.votes


def trouble_of(pod: Pod, observed: Observed) -> str | None:
    """What keeps a pod from serving, as far as Kubernetes tells."""
    node = observed.node(pod)
    if node is not None and _is_node_lost(observed, pod):
        return (
            f"{pod.name}: its node {node.name} does not report. Nothing is removed by force: bring "
            "the node back, or delete the Node object once the machine is certainly off"
        )
    return f"{pod.name}: {pod.trouble}" if pod.trouble else None


def _is_node_lost(observed: Observed, pod: Pod) -> bool:
    node = observed.node(pod)
    return node is not None and not node.ready


def _syncing(desired: Desired, observed: Observed, syncing: list[WantedMember]) -> Wait:
    named = ", ".join(
        f"{desired.names.pod(each.ordinal)} is {_state_seen(observed, each)}" for each in syncing
    )
    troubled = [observed.pods[each.ordinal] for each in syncing if each.ordinal in observed.pods]
    trouble = next((f"; {each}" for pod in troubled if (each := trouble_of(pod, observed))), "")
    if any(_is_node_lost(observed, pod) for pod in troubled):
        reason = Reason.NODE_LOST
    elif any(observed.state(each.ordinal) is State.UNREACHABLE for each in syncing):
        reason = Reason.WAITING_FOR_PODS
    else:
        reason = Reason.WAITING_FOR_SYNC
    stale = "".join(_if_stale(desired, observed, each) for each in syncing)
    return Wait(reason, f"waiting for members to serve: {named}{trouble}{stale}")


def _if_stale(desired: Desired, observed: Observed, member: WantedMember) -> str:
    """The way out for a member that may be too far behind; it is never taken unasked (rule 44)."""
    live = observed.leading_config.member(member.host) if observed.leading_config else None
    if live is None or observed.state(member.ordinal) is not State.RECOVERING:
        return ""
    pod = desired.names.pod(member.ordinal)
    return (
        f"; if {pod} stays RECOVERING, no other member's oplog reaches back to where it is, and it "
        f"has to copy all data anew: annotate the set with {labels.RESYNC}={pod}/{live.id}"
    )


def _state_seen(observed: Observed, member: WantedMember) -> str:
    view, answer = observed.view_of(member.host), observed.answers.get(member.ordinal)
    state = view.state if view else observed.state(member.ordinal)
    return f"{state.value} ({answer.problem})" if answer and answer.problem else state.value


def _absence(desired: Desired, observed: Observed, member: WantedMember) -> Wait:
    pod = observed.pods.get(member.ordinal)
    name = desired.names.pod(member.ordinal)
    if pod is not None and pod.trouble:
        return Wait(Reason.PODS_PENDING, f"{name} cannot join: {pod.trouble}")
    return Wait(Reason.WAITING_FOR_PODS, f"waiting for {name} to come up and join")
