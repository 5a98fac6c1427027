"""Who may be restarted, whatever step asks (rules 37 and 63)."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning import safety
from mongors.planning.actions import Evict, SwitchOver
from mongors.planning.waits import Wait
from unit.builders import changed, config, entry, running, wanted

SET = wanted(3)


def refused(observed: Observed, ordinal: int = 2, *, may_be_primary: bool = False) -> Wait | None:
    """Why a member may not be restarted."""
    step = Evict(ordinal, f"mongo-{ordinal}", "uid", "why", may_be_primary)
    return safety.refusal(step, observed)


def test_a_member_without_which_a_majority_serves_may_go() -> None:
    assert refused(running(SET)) is None


@pytest.mark.parametrize("fields", [{"down": {1}}, {"states": {1: State.RECOVERING}}])
def test_a_member_without_which_none_does_stays(fields: dict[str, Any]) -> None:
    """Rule 37."""
    wait = refused(running(SET, **fields))
    assert wait is not None
    assert wait.reason is Reason.EVICTION_REFUSED
    assert "without mongo-2 only 1 of 3 voters" in wait.message


def test_a_member_that_the_primary_has_not_missed_yet_is_not_counted() -> None:
    """Rule 78: its pod is being made anew, and no heartbeat has failed so far."""
    observed = running(SET)
    gone = replace(observed, answers={each: observed.answers[each] for each in (0, 2)})
    wait = refused(gone)
    assert wait is not None
    assert "It is done once mongo-1" in wait.message


def test_a_member_without_a_vote_takes_none_away() -> None:
    observed = running(wanted(4), down={1})
    assert refused(observed, 3) is None
    assert refused(observed, 2) is not None


def test_of_one_or_two_voters_each_is_needed_and_each_must_be_restarted() -> None:
    assert refused(running(wanted(2)), 1) is None
    assert refused(running(wanted(1)), 0, may_be_primary=True) is None


def test_the_primary_stays_unless_nobody_else_could_be() -> None:
    """Rules 40 and 63."""
    wait = refused(running(SET), 0)
    assert wait is not None
    assert wait.message == "mongo-0 is primary now; looking again"
    assert refused(running(SET), 0, may_be_primary=True) is None


@pytest.mark.parametrize(
    "observed", [running(SET, primary=None), changed(running(SET), 0, config=None)]
)
def test_nobody_goes_while_no_primary_says_who_serves(observed: Observed) -> None:
    """Rules 13 and 78."""
    assert refused(observed) is not None


def test_a_member_that_does_not_answer_is_not_taken_for_one_that_is_spared() -> None:
    """Rule 78: of a silent one, all others are counted as they are seen."""
    observed = running(SET, down={1})
    silent = replace(observed, answers={each: observed.answers[each] for each in (0, 2)})
    assert refused(silent, 1) is None
    assert refused(running(SET, down={1, 2}), 1) is not None


class TestSwitchOver:
    """A primary hands over only where somebody can take over."""

    STEP = SwitchOver(0, "mongo-0", 3, 2, "mongo-2", (1,), "as asked")

    def test_is_allowed_in_the_term_it_was_planned_in(self) -> None:
        assert safety.refusal(self.STEP, running(SET)) is None
        later = safety.refusal(replace(self.STEP, term=2), running(SET))
        assert later is not None
        assert later.reason is Reason.PROGRESSING

    @pytest.mark.parametrize(
        "observed",
        [
            running(SET, down={1, 2}),
            running(SET, config((0, entry(1, votes=0), entry(2, votes=0)))),
        ],
    )
    def test_is_refused_where_writes_would_stop(self, observed: Observed) -> None:
        assert safety.refusal(self.STEP, observed) is not None
