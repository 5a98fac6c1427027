"""Planned handovers: to the best who can take over, away from a pod or node that is to go."""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.observed.mongodb import Answer, MemberConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import StepDown, SwitchOver
from mongors.planning.catching_up import has_caught_up
from mongors.planning.words import step_down

Heirs = list[tuple[int, MemberConfig]]
"""Ordinals, with their entries in the live configuration."""


def leave_deleted_pod(desired: Desired, observed: Observed) -> Iterator[SwitchOver]:
    """Take the primary out of a pod that is being deleted, while its mongod still holds on.

    To anybody who can take over, of whatever priority: this one goes in any case.
    """
    primary = observed.primary
    if primary is None or not _is_deleted(observed, primary.ordinal):
        return
    for ordinal, _ in heirs_of(desired, observed, primary):
        name = desired.names.pod(primary.ordinal)
        yield handover_to(desired, observed, primary, ordinal, f"pod {name} is being deleted")
        return


def leave_cordoned_node(desired: Desired, observed: Observed) -> Iterator[SwitchOver]:
    """Take the primary off a node that is about to be emptied, before its pod is evicted.

    Only to a member of no lower priority, which would otherwise lose the primary again.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None or not is_cordoned(observed, primary.ordinal):
        return
    mine = config.member(primary.host or "")
    able = [
        ordinal
        for ordinal, entry in heirs_of(desired, observed, primary)
        if (mine is None or entry.priority >= mine.priority) and not is_cordoned(observed, ordinal)
    ]
    if able and observed.config_is_settled:
        node = observed.pods[primary.ordinal].node
        yield handover_to(desired, observed, primary, able[0], f"node {node} is cordoned")


def hand_over(
    desired: Desired, observed: Observed, primary: Answer, reason: str
) -> SwitchOver | StepDown:
    """Hand over to the best of those who can take over, or else to whom the members choose."""
    for ordinal, _ in heirs_of(desired, observed, primary):
        return handover_to(desired, observed, primary, ordinal, reason)
    return step_down(desired, primary, reason)


def heirs_of(
    desired: Desired, observed: Observed, primary: Answer
) -> list[tuple[int, MemberConfig]]:
    """Who can take over now, the best first.

    Of equals that is the one from which most others copy already: the rest have to be asked to (see
    `sources`).
    """
    config = observed.leading_config
    heirs = [
        (ordinal, entry)
        for entry in (config.members if config else ())
        if (ordinal := desired.names.ordinal_of_host(entry.host)) is not None
        and ordinal != primary.ordinal
        and entry.is_electable
        and not _is_lost(observed, ordinal)
        and not _is_deleted(observed, ordinal)
        and observed.state(ordinal) is State.SECONDARY
        and has_caught_up(observed, entry.host)
    ]
    sources = [observed.sync_source(ordinal) for ordinal in observed.answers]
    return sorted(
        heirs, key=lambda heir: (-heir[1].priority, -sources.count(heir[1].host), heir[0])
    )


def handover_to(
    desired: Desired, observed: Observed, primary: Answer, target: int, reason: str
) -> SwitchOver:
    """Hand over to this member; whoever else could be elected does not stand meanwhile."""
    config = observed.leading_config
    others = [
        ordinal
        for member in (config.members if config else ())
        if (ordinal := desired.names.ordinal_of_host(member.host)) is not None
        and ordinal not in (target, primary.ordinal)
        and member.is_electable
        and observed.state(ordinal) is State.SECONDARY
    ]
    pods = desired.names.pod(primary.ordinal), desired.names.pod(target)
    return SwitchOver(
        primary.ordinal, pods[0], primary.term, target, pods[1], tuple(sorted(others)), reason
    )


def was_tried(observed: Observed, asked: str | None) -> bool:
    """Whether a handover for this reason was begun, and somebody was elected since."""
    tried, primary = observed.status.attempted_switchover, observed.primary
    if tried is None or primary is None or tried.asked != asked:
        return False
    return primary.term > tried.term


def is_cordoned(observed: Observed, ordinal: int) -> bool:
    """Whether a member's node is to be emptied."""
    pod = observed.pods.get(ordinal)
    node = observed.node(pod) if pod else None
    return node is not None and node.cordoned


def _is_deleted(observed: Observed, ordinal: int) -> bool:
    pod = observed.pods.get(ordinal)
    return pod is not None and pod.deleting


def _is_lost(observed: Observed, ordinal: int) -> bool:
    pod = observed.pods.get(ordinal)
    node = observed.node(pod) if pod else None
    return node is not None and not node.ready
