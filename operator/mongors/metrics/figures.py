"""Exact figures of a set, from its last look; the status has them coarsely, or not at all. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.api.status import Status
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import StepDown, SwitchOver
from mongors.planning.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Handover:
    """A planned change of the primary that has begun."""

    term: int
    """Of the primary that was to hand over."""
    began: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What is remembered of one set between two scrapes; losing it loses nothing but exactness."""

    lags: Mapping[int, float] | None = field(default=None, hash=False)
    """Seconds by ordinal; None before the first look."""
    oplog_seconds: float | None = None
    handovers: int = 0
    under_way: Handover | None = None


def after_greeting(figures: Figures, applied: Mapping[int, float | None]) -> Figures:
    """Take in how far each member was in a check at rest."""
    known = {ordinal: at for ordinal, at in applied.items() if at is not None}
    newest = max(known.values(), default=0.0)
    return replace(figures, lags={ordinal: newest - at for ordinal, at in known.items()})


def after_pass(
    figures: Figures, desired: Desired, observed: Observed, outcomes: Sequence[Outcome]
) -> tuple[Figures, float | None]:
    """Take in what a whole pass saw and did; with it the seconds of a handover that has ended."""
    begun = _begun(observed, outcomes)
    ended = _ended(figures.under_way, observed)
    lags = {each: observed.lag_seconds(desired.names.host(each)) for each in observed.pods}
    primary = observed.primary
    now = Figures(
        lags={ordinal: lag for ordinal, lag in lags.items() if lag is not None},
        oplog_seconds=primary.oplog_seconds if primary else None,
        handovers=figures.handovers + len(begun),
        under_way=next(iter(begun), figures.under_way if primary is None else None),
    )
    return now, ended


def unready_seconds(before: Status, after: Status) -> float | None:
    """For how long a set was not ready that has become so; None if it has not."""
    was, now = before.condition(ConditionType.READY), after.condition(ConditionType.READY)
    if was is None or now is None or was.status is ConditionStatus.TRUE:
        return None
    if now.status is not ConditionStatus.TRUE:
        return None
    since, until = was.last_transition_time, now.last_transition_time
    return (until - since).total_seconds() if since and until else None


def _begun(observed: Observed, outcomes: Iterable[Outcome]) -> list[Handover]:
    return [
        Handover(each.action.term, observed.at)
        for each in outcomes
        if isinstance(each.action, SwitchOver | StepDown) and each.failure is None
    ]


def _ended(under_way: Handover | None, observed: Observed) -> float | None:
    """How long it took, once a later primary takes writes; one of the same term never left."""
    primary = observed.primary
    if under_way is None or primary is None or primary.term <= under_way.term:
        return None
    return (observed.at - under_way.began).total_seconds()
