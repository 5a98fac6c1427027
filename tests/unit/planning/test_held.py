"""Who must not start on the data it has, during and after a recovery (rules 29 and 34)."""

from dataclasses import replace

import pytest

from mongors.api.conditions import ConditionType, Reason
from mongors.api.status import Status
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.observed.record import Record, recorded
from mongors.planning.conditions import conditions_of
from mongors.planning.plan import Plan, plan
from mongors.planning.recorded import record_of
from mongors.planning.steps.recovery import held_by_recovery, stop_given_up
from unit.builders import (
    IDENTITY,
    NOW,
    USERS,
    asking,
    at_gate,
    changed,
    config,
    held,
    only,
    running,
    wanted,
    with_pod,
)

SET = wanted(3)
CONFIRMED = f"{IDENTITY}/mongo-0/5"
SAID = "mongo-0 went on alone from configuration version 5"
ASKED = asking(SET, recover=CONFIRMED)
DONE = Record(IDENTITY, 2, USERS, recovery=CONFIRMED, forced=SAID)
BEGUN = replace(DONE, forced=None)


def lost(record: Record = BEGUN) -> Observed:
    """Only member 0 is left."""
    observed = running(SET, primary=None, down={1, 2})
    for ordinal in (1, 2):
        observed = with_pod(observed, ordinal, node=None, mongod_ever_ran=False)
    return replace(changed(observed, 0, views=()), record=record)


def test_nobody_is_held_in_a_set_that_never_lost_its_majority() -> None:
    assert held_by_recovery(SET, running(SET)) == []
    assert held_by_recovery(SET, lost(Record(IDENTITY))) == []


def test_all_but_the_survivor_are_held_from_the_confirmation_on() -> None:
    assert held_by_recovery(ASKED, lost(Record(IDENTITY))) == ["mongo-1", "mongo-2"]
    assert held_by_recovery(ASKED, lost()) == ["mongo-1", "mongo-2"]


def test_members_that_are_yet_to_come_are_held_as_well() -> None:
    """A volume that was kept when a member left holds what was given up."""
    assert held_by_recovery(replace(wanted(4), asked=ASKED.asked), lost())[-1] == "mongo-3"


def test_members_are_held_until_they_have_joined() -> None:
    alone = held(running(SET, config([0], version=70006)), "mongo-1", "mongo-2")
    alone = replace(alone, record=DONE)
    assert held_by_recovery(SET, alone) == ["mongo-1", "mongo-2"]
    joined = held(running(SET, config([0, 1], version=70007)), "mongo-2")
    assert held_by_recovery(SET, replace(joined, record=DONE)) == ["mongo-2"]
    assert held_by_recovery(SET, replace(running(SET), record=DONE)) == []


def test_members_that_began_empty_are_held_no_more() -> None:
    """Else who restarts after it has joined would be emptied again, or wait, with its vote."""
    alone = replace(running(SET, config([0], version=70006)), record=DONE)
    listed = held(alone, "mongo-1", "mongo-2")
    permitted = with_pod(listed, 1, may_start_empty=True)
    assert held_by_recovery(SET, permitted) == ["mongo-2"]
    assert held_by_recovery(SET, held(alone, "mongo-2")) == ["mongo-2"], "and stay so"


@pytest.mark.parametrize("answers", [True, False])
def test_members_that_joined_again_may_restart_without_a_primary(answers: bool) -> None:
    """Rule 78: who joined is not seen now; held, they could never elect a primary again."""
    observed = replace(running(SET, primary=None), record=DONE)
    observed = observed if answers else replace(observed, answers={}, pods={})
    assert held_by_recovery(SET, held(observed)) == []
    assert held_by_recovery(SET, held(observed, "mongo-2")) == ["mongo-2"]


def test_members_that_are_made_without_a_primary_are_held() -> None:
    observed = replace(running(SET, primary=None), record=DONE)
    assert held_by_recovery(wanted(5), held(observed)) == ["mongo-3", "mongo-4"]
    unset = replace(observed, statefulset=None)
    assert held_by_recovery(SET, held(unset)) == []


class TestTakenBack:
    """A confirmation that is taken back before anything was forced leaves nothing behind."""

    def test_when_the_survivor_shows_that_nothing_was_forced(self) -> None:
        assert held_by_recovery(SET, lost()) == []
        assert record_of(SET, lost()).recovery is None

    def test_but_not_while_nobody_knows(self) -> None:
        """Rule 78: it may have been forced in the moment before."""
        silent = replace(lost(), answers={})
        assert held_by_recovery(SET, silent) == ["mongo-1", "mongo-2"]
        assert record_of(SET, silent).recovery == CONFIRMED

    def test_when_the_survivor_lost_its_data_as_well(self) -> None:
        """Whatever it forced is gone with them; the others may have a majority without it."""
        empty = at_gate(lost(), 0)
        assert held_by_recovery(SET, empty) == []
        assert held_by_recovery(ASKED, empty) == ["mongo-1", "mongo-2"]

    def test_and_then_it_is_told_for_ever_that_it_was_perhaps_forced(self) -> None:
        """Whoever begins anew, or goes on, a moment later is told all the same."""
        empty = at_gate(lost(), 0)
        record = record_of(SET, empty)
        assert (record.recovery, record.forced) == (None, None)
        assert record.perhaps_forced is not None
        after = replace(running(SET), record=record)
        assert record_of(SET, after).perhaps_forced == record.perhaps_forced
        assert held_by_recovery(SET, after) == []
        told = {each.type: each for each in conditions_of(SET, after, Plan(), ())}
        assert told[ConditionType.DATA_LOSS_POSSIBLE].reason is Reason.PERHAPS_FORCED
        assert recorded(record.annotations(), Status()).perhaps_forced == record.perhaps_forced
        seen = Status(conditions=tuple(told.values()))
        assert recorded({}, seen).perhaps_forced == record.perhaps_forced
        assert recorded({}, seen).forced is None

    def test_nor_once_it_was_carried_out(self) -> None:
        after = replace(running(SET, config([0], version=70005)), record=DONE)
        assert record_of(SET, after).recovery == CONFIRMED

    def test_keeps_what_an_earlier_recovery_gave_up_behind_the_gate(self) -> None:
        second = replace(DONE, recovery=f"{IDENTITY}/mongo-1/9")
        observed = held(running(SET, config([0, 1], version=7)), "mongo-2")
        observed = replace(observed, record=second)
        assert record_of(SET, observed).recovery is None
        assert held_by_recovery(SET, observed) == ["mongo-2"]

    def test_when_a_primary_appears_after_all(self) -> None:
        """Rule 29: a majority came back; nothing is forced, nobody is held."""
        observed = replace(running(SET), record=BEGUN)
        assert held_by_recovery(ASKED, observed) == []
        assert record_of(ASKED, observed).recovery is None


class TestRecord:
    """What was forced is remembered for ever."""

    def test_takes_up_what_was_confirmed(self) -> None:
        assert record_of(ASKED, lost(Record(IDENTITY))).recovery == CONFIRMED
        assert record_of(SET, lost(Record(IDENTITY))).recovery is None

    def test_takes_up_what_was_forced_once_it_shows(self) -> None:
        after = changed(lost(), 0, config=config([0], version=70005))
        assert record_of(ASKED, after).forced == SAID
        assert record_of(ASKED, lost()).forced is None
        grown = changed(lost(), 0, config=config([0, 1], version=70005))
        assert record_of(ASKED, grown).forced is None

    def test_never_forgets_that_something_was_forced(self) -> None:
        assert record_of(SET, replace(running(SET), record=DONE)).forced == SAID
        nothing = Observed(at=NOW, record=DONE)
        assert record_of(SET, nothing).forced == SAID

    def test_tells_of_the_last_one(self) -> None:
        """By it, a recovery that is done is told from one that is not."""
        later = replace(DONE, recovery=f"{IDENTITY}/mongo-0/9")
        after = changed(lost(later), 0, config=config([0], version=80000))
        assert record_of(SET, after).forced == "mongo-0 went on alone from configuration version 9"


class TestWhoLeft:
    """A member that left a recovered set, and is wanted again while its pod still runs."""

    def left(self) -> Observed:
        observed = running(SET, config((0, 1)), states={2: State.REMOVED})
        observed = changed(observed, 2, config=config((0, 1)), applied=None)
        return held(replace(observed, record=DONE), "mongo-2")

    def test_is_stopped_and_comes_back_empty(self) -> None:
        action = only(stop_given_up(SET, self.left()))
        assert (action.pod, action.reason) == (
            "mongo-2",
            "it left the set, and its data are copied anew",
        )
        assert plan(SET, self.left()).step == action

    def test_is_not_stopped_before_it_is_held(self) -> None:
        """It would start over the same data once more."""
        assert list(stop_given_up(SET, held(self.left()))) == []

    def test_is_not_stopped_twice_or_without_a_primary_or_when_it_is_not_wanted(self) -> None:
        assert list(stop_given_up(SET, with_pod(self.left(), 2, deleting=True))) == []
        assert list(stop_given_up(wanted(2), self.left())) == []
        leaderless = changed(self.left(), 0, is_writable_primary=False)
        assert list(stop_given_up(SET, leaderless)) == []

    def test_is_left_alone_in_a_set_that_was_never_recovered(self) -> None:
        never = replace(self.left(), record=Record(IDENTITY, 2, USERS))
        assert list(stop_given_up(SET, never)) == []
