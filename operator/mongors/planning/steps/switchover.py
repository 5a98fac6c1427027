"""Switchover: the member that a person named becomes primary."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.labels import SWITCH_TO
from mongors.observed.mongodb import MemberConfig
from mongors.observed.observed import Observed
from mongors.planning.actions import SwitchOver
from mongors.planning.catching_up import has_caught_up
from mongors.planning.steps.handover import handover_to, was_tried
from mongors.planning.waits import Wait


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
        yield handover_to(desired, observed, primary, ordinal, "as asked")


def _refusal(desired: Desired, observed: Observed, target: str) -> str | None:
    return _was_tried(desired, observed, target) or _is_unfit(desired, observed, target)


def _was_tried(desired: Desired, observed: Observed, target: str) -> str | None:
    primary = observed.primary
    if primary is None or not was_tried(observed, desired.asked.primary):
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
