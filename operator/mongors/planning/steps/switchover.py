"""Planned changes of the primary: to the member that a person named, or off a cordoned node."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.api.status import Attempt
from mongors.desired.desired import Desired
from mongors.desired.labels import SWITCH_TO
from mongors.observed.mongodb import Answer, MemberConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Step, StepDown, SwitchOver
from mongors.planning.steps.membership import has_caught_up
from mongors.planning.waits import Wait
from mongors.planning.words import step_down


def target_of(desired: Desired, observed: Observed) -> str | None:
    """The pod that shall become primary, as long as that was not done or found done."""
    asked = desired.asked.primary
    if asked is None or asked == observed.status.last_switchover:
        return None
    return asked.partition("@")[0]


def is_fulfilled(desired: Desired, observed: Observed) -> bool:
    """Whether the member that was asked for is primary."""
    target, primary = target_of(desired, observed), observed.primary
    return primary is not None and desired.names.pod(primary.ordinal) == target


def refuse_switchover(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Say why the member that was asked for cannot be primary; everything else goes on."""
    target, primary = target_of(desired, observed), observed.primary
    if target is None or primary is None or is_fulfilled(desired, observed):
        return
    reason = _refusal(desired, observed, target)
    if reason is not None:
        yield Wait(Reason.SWITCHOVER_REFUSED, f"{target} is not made primary: {reason}")


def switch_over(desired: Desired, observed: Observed) -> Iterator[SwitchOver]:
    """Hand over to the member that was asked for, once it has caught up; never forced.

    One that was cut off in the middle ends when that member is asked to stand again (see
    `election`).
    """
    target, primary = target_of(desired, observed), observed.primary
    if target is None or primary is None or is_fulfilled(desired, observed):
        return
    ordinal = desired.names.ordinal_of_pod(target)
    refused = _refusal(desired, observed, target) is not None
    if ordinal is not None and not refused and observed.config_is_settled:
        yield _handover(desired, observed, primary, ordinal, "as asked")


def attempt_of(desired: Desired, observed: Observed, step: Step | None) -> Attempt | None:
    """The switchover that was begun last, as long as it is asked for."""
    asked, before = desired.asked.primary, observed.status.attempted_switchover
    if asked is None:
        return None
    if isinstance(step, SwitchOver) and step.target_pod == target_of(desired, observed):
        return Attempt(asked=asked, term=step.term)
    return before if before and before.asked == asked else None


def leave_cordoned_node(desired: Desired, observed: Observed) -> Iterator[SwitchOver]:
    """Take the primary off a node that is about to be emptied, before its pod is evicted.

    Only to a member of no lower priority, which would otherwise lose the primary again.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None or not _is_cordoned(observed, primary.ordinal):
        return
    mine = config.member(primary.host or "")
    able = [
        ordinal
        for ordinal, entry in _heirs(desired, observed, primary)
        if (mine is None or entry.priority >= mine.priority) and not _is_cordoned(observed, ordinal)
    ]
    if able and observed.config_is_settled:
        node = observed.pods[primary.ordinal].node
        yield _handover(desired, observed, primary, able[0], f"node {node} is cordoned")


def hand_over(
    desired: Desired, observed: Observed, primary: Answer, reason: str
) -> SwitchOver | StepDown:
    """Hand over to the best of those who can take over, or else to whom the members choose."""
    for ordinal, _ in _heirs(desired, observed, primary):
        return _handover(desired, observed, primary, ordinal, reason)
    return step_down(desired, primary, reason)


def _heirs(desired: Desired, observed: Observed, primary: Answer) -> list[tuple[int, MemberConfig]]:
    """Who can take over now, the best first.

    Of equals that is the one from which most others copy already: who copies from another member
    has to find a new source then, which takes mongod one second, and writes wait for it.
    """
    config = observed.leading_config
    heirs = [
        (ordinal, entry)
        for entry in (config.members if config else ())
        if (ordinal := desired.names.ordinal_of_host(entry.host)) is not None
        and ordinal != primary.ordinal
        and entry.is_electable
        and not _is_lost(observed, ordinal)
        and observed.state(ordinal) is State.SECONDARY
        and has_caught_up(observed, entry.host)
    ]
    sources = [observed.sync_source(ordinal) for ordinal in observed.answers]
    return sorted(
        heirs, key=lambda heir: (-heir[1].priority, -sources.count(heir[1].host), heir[0])
    )


def _refusal(desired: Desired, observed: Observed, target: str) -> str | None:
    return _was_tried(desired, observed, target) or _is_unfit(desired, observed, target)


def _was_tried(desired: Desired, observed: Observed, target: str) -> str | None:
    primary, tried = observed.primary, attempt_of(desired, observed, None)
    if tried is None or primary is None or primary.term <= tried.term:
        return None
    return (
        f"it was asked to stand for election, and {desired.names.pod(primary.ordinal)} was "
        f"elected; to have it tried again, annotate the set with {SWITCH_TO}={target}@again, "
        "or any other word after the @"
    )


def _is_unfit(desired: Desired, observed: Observed, target: str) -> str | None:
    ordinal = desired.names.ordinal_of_pod(target)
    entry = _entry(desired, observed, ordinal) if ordinal is not None else None
    if ordinal is None or entry is None:
        return f"it is no member of this set; name a pod such as {desired.names.pod(0)}"
    if not entry.is_electable:
        return "it has no vote or priority 0; change its memberOptions first"
    config = observed.leading_config
    higher = [
        member.host
        for member in (config.members if config else ())
        if member.priority > entry.priority and observed.is_healthy(member.host)
    ]
    if higher:
        return (
            f"{higher[0]} has a higher priority and would take over again; change the priorities "
            "under memberOptions instead"
        )
    if not observed.is_healthy(entry.host) or not observed.state(ordinal).serves:
        return "it is not in service; it is done once it is"
    if not has_caught_up(observed, entry.host):
        lag = observed.lag_seconds(entry.host)
        behind = "behind" if lag is None else f"{lag:.0f} s behind"
        return f"it is {behind}; it is done once it caught up"
    return None


def _entry(desired: Desired, observed: Observed, ordinal: int) -> MemberConfig | None:
    return observed.config.member(desired.names.host(ordinal)) if observed.config else None


def _is_cordoned(observed: Observed, ordinal: int) -> bool:
    pod = observed.pods.get(ordinal)
    node = observed.node(pod) if pod else None
    return node is not None and node.cordoned


def _is_lost(observed: Observed, ordinal: int) -> bool:
    pod = observed.pods.get(ordinal)
    node = observed.node(pod) if pod else None
    return node is not None and not node.ready


def _handover(
    desired: Desired, observed: Observed, primary: Answer, target: int, reason: str
) -> SwitchOver:
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
