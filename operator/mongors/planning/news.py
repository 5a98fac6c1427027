"""What people are told by Events: each act, each failure, each turn for better or worse."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mongors.api.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    EventReason,
    Reason,
)
from mongors.api.status import Status
from mongors.planning.actions import (
    Action,
    Apply,
    CopyFrom,
    Evict,
    Force,
    Generate,
    GrowClaim,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remake,
    Remove,
    ReplacePod,
    SetParameters,
    SetWriteConcern,
    ShowRole,
    StepDown,
    StepUp,
    StopForGood,
    SwitchOver,
    WithdrawEmptyStart,
    told,
)
from mongors.planning.outcome import Outcome
from mongors.planning.waits import may_last


@dataclass(frozen=True, slots=True)
class News:
    """One Event to be."""

    reason: EventReason
    note: str
    is_warning: bool = False


_CHANGES = {
    "add": EventReason.MEMBER_ADDED,
    "remove": EventReason.MEMBER_REMOVED,
    "give_vote": EventReason.VOTE_GIVEN,
    "take_vote": EventReason.VOTE_TAKEN,
    "change": EventReason.MEMBER_CHANGED,
}

_REFUSALS = {
    Reason.NAME_CONFLICT: EventReason.NAME_CONFLICT,
    Reason.FOREIGN_DATA: EventReason.FOREIGN_DATA,
    Reason.KEY_FILE_MISSING: EventReason.KEY_FILE_MISSING,
    Reason.SPEC_INVALID: EventReason.SPEC_INVALID,
}


_LONGEST_NOTE = 1000
"""Bytes; the API server takes 1024."""


def news(outcomes: Sequence[Outcome], before: Status, after: Status) -> Iterator[News]:
    """What is worth an Event in one pass; nothing in a pass that changed nothing."""
    yield from _together(_of_outcomes(outcomes))
    yield from _of_turns(before, after)
    yield from _of_approvals(before, after)


def _of_outcomes(outcomes: Sequence[Outcome]) -> Iterator[News]:
    for outcome in outcomes:
        if outcome.failure is None:
            if (act := _of_act(outcome.action)) is not None:
                yield act
        elif outcome.is_final or outcome.missing_permission:
            yield News(EventReason.FAILED, f"{outcome.action}: {outcome.failure}", True)


def _together(told_of: Iterable[News]) -> Iterator[News]:
    """Acts of one kind in one Event, as far as they find room: each Event is a request."""
    kept = list[News]()
    for each in told_of:
        at = next((n for n, other in enumerate(kept) if _go_together(other, each)), None)
        if at is None:
            kept.append(each)
        else:
            kept[at] = replace(kept[at], note=_joined(kept[at], each))
    yield from kept


def _go_together(one: News, other: News) -> bool:
    if one.is_warning or other.is_warning or one.reason is not other.reason:
        return False
    return len(_joined(one, other).encode()) <= _LONGEST_NOTE


def _joined(one: News, other: News) -> str:
    return f"{one.note}; {other.note[:1].lower()}{other.note[1:]}"


def _of_act(action: Action) -> News | None:
    reasons: dict[type, EventReason] = {
        Generate: EventReason.SECRET_GENERATED,
        Remove: EventReason.OBJECT_REMOVED,
        ReplacePod: EventReason.POD_REPLACED,
        PermitEmptyStart: EventReason.EMPTY_START_PERMITTED,
        Initiate: EventReason.INITIATED,
        MakeUsers: EventReason.USERS_CREATED,
        StepDown: EventReason.STEPPED_DOWN,
        SwitchOver: EventReason.SWITCHED_OVER,
        Evict: EventReason.POD_EVICTED,
        SetParameters: EventReason.PARAMETERS_SET,
        SetWriteConcern: EventReason.DEFAULT_WRITE_CONCERN_SET,
        GrowClaim: EventReason.VOLUME_GROWN,
        Remake: EventReason.STATEFUL_SET_REMADE,
        Force: EventReason.FORCED,
        StopForGood: EventReason.RECOVERY_PREPARED,
    }
    match action:
        case Apply():
            made = action.uid is None
            reason = EventReason.OBJECT_CREATED if made else EventReason.OBJECT_UPDATED
        case Reconfigure():
            reason = _CHANGES[action.kind]
        case ShowRole():
            if not action.relabel:
                return None
            reason = EventReason.ROLE_CHANGED
        case CopyFrom():
            return None  # part of the step behind it
        case WithdrawEmptyStart():
            return None  # the other end of what was told
        case StepUp():
            return None  # asked several times before it succeeds; the election itself is told
        case _:
            reason = reasons[type(action)]
    return News(reason, told(action))


def _of_turns(before: Status, after: Status) -> Iterator[News]:
    if after.primary is not None and after.primary != before.primary:
        yield News(EventReason.PRIMARY_ELECTED, f"{after.primary} is primary")
    was, now = before.condition(ConditionType.READY), after.condition(ConditionType.READY)
    if now is not None and now.status is ConditionStatus.TRUE and not _holds(was):
        yield News(EventReason.READY, _sentence(now.message))
    elif now is not None and _holds(was) and not _holds(now):
        yield News(EventReason.NOT_READY, _sentence(now.message), is_warning=True)
    elif (waiting := _waiting(after)) is not None and waiting.reason is not _reason(before):
        yield News(EventReason.WAITING, _sentence(waiting.message))
    behind = [_behind(before), _behind(after)]
    if behind[1] is not None and behind[0] != behind[1]:
        yield News(EventReason.FALLING_BEHIND, behind[1], is_warning=True)
    was, now = before.condition(ConditionType.STALLED), after.condition(ConditionType.STALLED)
    known = was.message if was is not None and _holds(was) else None
    if now is not None and _holds(now) and now.message != known:
        reason = _REFUSALS.get(now.reason, EventReason.REFUSED)
        yield News(reason, _sentence(now.message), is_warning=True)


def _of_approvals(before: Status, after: Status) -> Iterator[News]:
    """Which plan waits for a person, once for each; and which approval leads to nothing."""
    known = {each.id for each in before.waiting_for_approval or ()}
    for each in after.waiting_for_approval or ():
        if each.id not in known:
            yield News(EventReason.APPROVAL_NEEDED, _sentence(each.plan))
    spent = after.spent_approval
    if spent is not None and spent.void and spent != before.spent_approval:
        said = f"The approval {spent.approved} fits no plan of the present wish: it is void"
        yield News(EventReason.APPROVAL_VOID, said, is_warning=True)


def _waiting(status: Status) -> Condition | None:
    """What is waited for, and may last; what waits for people is told of otherwise."""
    now = status.condition(ConditionType.RECONCILING)
    told_otherwise = (Reason.PROGRESSING, Reason.WAITING_FOR_APPROVAL)
    is_wait = now is not None and _holds(now) and now.reason not in told_otherwise
    return now if now is not None and is_wait and may_last(now.reason) else None


def _reason(status: Status) -> Reason | None:
    waiting = _waiting(status)
    return waiting.reason if waiting is not None else None


def _behind(status: Status) -> str | None:
    told = status.condition(ConditionType.FAULT_TOLERANT)
    return told.message if told is not None and told.reason is Reason.FALLING_BEHIND else None


def _holds(condition: Condition | None) -> bool:
    return condition is not None and condition.status is ConditionStatus.TRUE


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
