"""The exact figures: lags from both kinds of look, handovers, and the time without Ready."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from mongors.api.status import Status
from mongors.metrics.figures import Figures, after_greeting, after_pass, unready_seconds
from mongors.observed.observed import Observed
from mongors.planning.actions import StepUp, SwitchOver
from mongors.planning.outcome import Outcome
from unit.builders import LONG_AGO, NOW, changed, running, wanted

SET = wanted(3)
HANDOVER = SwitchOver(0, "mongo-0", 3, 1, "mongo-1", (2,), "as asked")


def after(observed: Observed, *outcomes: Outcome, before: Figures | None = None) -> Figures:
    return after_pass(before or Figures(), SET, observed, outcomes)[0]


def at(seconds: float, *, primary: int | None, term: int = 3) -> Observed:
    """The set so many seconds later, under this primary of this term."""
    observed = replace(running(SET, primary=primary), at=NOW + timedelta(seconds=seconds))
    return observed if primary is None else changed(observed, primary, term=term)


def test_lags_at_rest_are_behind_the_newest_member() -> None:
    assert after_greeting(Figures(), {0: 1000.0, 1: 997.0, 2: None}).lags == {0: 0.0, 1: 3.0}


def test_nobody_who_answers_gives_no_lags() -> None:
    assert after_greeting(Figures(), {0: None}).lags == {}


def test_a_greeting_keeps_what_it_does_not_know_of() -> None:
    before = Figures(oplog_seconds=60.0, handovers=2)
    assert after_greeting(before, {0: 1.0}) == Figures({0: 0.0}, 60.0, 2)


def test_lags_of_a_whole_pass_are_as_the_primary_sees_them() -> None:
    assert after(running(SET, lag={2: 47})).lags == {0: 0.0, 1: 0.0, 2: 47.0}
    assert after(running(SET, primary=None)).lags == {}


def test_the_oplog_window_is_forgotten_when_nobody_is_behind_any_more() -> None:
    told = changed(running(SET), 0, oplog_seconds=7200.0)
    assert after(told).oplog_seconds == 7200.0
    assert after(running(SET), before=after(told)).oplog_seconds is None


def test_a_handover_is_timed_until_a_later_primary_takes_writes() -> None:
    begun = after(at(0, primary=0), Outcome(HANDOVER))
    assert begun.handovers == 1
    waiting, gap = after_pass(begun, SET, at(0.4, primary=None), ())
    assert (waiting.under_way, gap) == (begun.under_way, None)
    ended, gap = after_pass(waiting, SET, at(0.9, primary=1, term=4), ())
    assert gap == pytest.approx(0.9)
    assert (ended.under_way, ended.handovers) == (None, 1)


def test_a_primary_that_never_left_ends_the_handover_untimed() -> None:
    begun = after(at(0, primary=0), Outcome(HANDOVER))
    still, gap = after_pass(begun, SET, at(1, primary=0), ())
    assert (still.under_way, gap) == (None, None)


@pytest.mark.parametrize("outcome", [Outcome(HANDOVER, "no"), Outcome(StepUp(0))])
def test_only_handovers_that_were_begun_count(outcome: Outcome) -> None:
    figures = after(at(0, primary=0), outcome)
    assert (figures.handovers, figures.under_way) == (0, None)


def status(holds: ConditionStatus, since: object = LONG_AGO) -> Status:
    ready = Condition.model_validate(
        {
            "type": ConditionType.READY,
            "status": holds,
            "reason": Reason.PROGRESSING,
            "lastTransitionTime": since,
        }
    )
    return Status(conditions=(ready,))


TRUE, FALSE = ConditionStatus.TRUE, ConditionStatus.FALSE


@pytest.mark.parametrize(
    ("before", "now", "seconds"),
    [
        (status(FALSE), status(TRUE, NOW), 300.0),
        (status(TRUE), status(TRUE, NOW), None),
        (status(FALSE), status(FALSE, NOW), None),
        (status(TRUE), status(FALSE, NOW), None),
        (status(FALSE, None), status(TRUE, NOW), None),
        (Status(), status(TRUE, NOW), None),
    ],
)
def test_the_time_without_ready_is_told_once_it_is_over(
    before: Status, now: Status, seconds: float | None
) -> None:
    assert unready_seconds(before, now) == seconds
