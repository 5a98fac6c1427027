"""Elections: asked for at birth, and again when the members find no primary by themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from mongors.api.status import Status
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import StepUp
from mongors.planning.plan import plan
from mongors.planning.steps.election import LEADERLESS, elect_again, elect_first_primary
from mongors.planning.waits import Wait
from unit.builders import (
    NOW,
    asking,
    changed,
    config,
    entry,
    only,
    running,
    unborn,
    wanted,
)

SET = wanted(3)


def leaderless(
    observed: Observed, since: timedelta = LEADERLESS, holds: ConditionStatus | None = None
) -> Observed:
    """A set whose status has said for a while that there is no primary."""
    told = Condition(
        type=ConditionType.PRIMARY_ELECTED,
        status=holds or ConditionStatus.FALSE,
        reason=Reason.NO_PRIMARY,
        last_transition_time=NOW - since,
    )
    return replace(observed, status=Status(conditions=(told,)))


def lost(*, down: set[int] = frozenset(), states: dict[int, State] | None = None) -> Observed:  # type: ignore[assignment]
    return leaderless(running(SET, primary=None, down=down, states=states or {}))


class TestFirstElection:
    """A founder stands for election at once; later ones are the members' own, for a while."""

    def newborn(self, *, states: dict[int, State]) -> Observed:
        return running(SET, config(version=1, term=0), primary=None, states=states)

    def test_is_asked_of_the_lowest_electable_secondary(self) -> None:
        observed = self.newborn(states={0: State.STARTUP2})
        assert only(elect_first_primary(SET, observed)) == StepUp(1)

    def test_is_not_asked_of_a_member_without_priority(self) -> None:
        members = (entry(0, votes=0), entry(1))
        observed = running(SET, config(members, version=1, term=0), primary=None)
        assert only(elect_first_primary(SET, observed)) == StepUp(1)

    def test_waits_until_a_founder_is_ready(self) -> None:
        states = dict.fromkeys(range(3), State.STARTUP2)
        said = only(elect_first_primary(SET, self.newborn(states=states)))
        assert isinstance(said, Wait)
        assert said.reason is Reason.INITIATING

    def test_is_left_to_the_members_once_there_was_a_term(self) -> None:
        assert list(elect_first_primary(SET, running(SET, primary=None))) == []

    def test_is_left_to_the_members_while_they_load_what_they_knew(self) -> None:
        """The term of a configuration outlives a restart."""
        observed = running(SET, config(term=4), primary=None)
        assert list(elect_first_primary(SET, changed(observed, 0, term=0))) == []

    def test_is_not_asked_for_beside_a_primary(self) -> None:
        observed = running(SET, config(version=1, term=0))
        assert list(elect_first_primary(SET, observed)) == []

    def test_is_not_asked_for_before_the_birth(self) -> None:
        assert list(elect_first_primary(SET, unborn(SET))) == []


class TestElectionAgain:
    """A set whose primary is gone does not wait for a time-out of its members."""

    def test_is_asked_of_a_member_that_is_left(self) -> None:
        """The members would wait for 10 s (rule 33)."""
        assert only(elect_again(SET, lost(down={0}))) == StepUp(1)
        assert plan(SET, lost(down={0})).step == StepUp(1)

    def test_is_asked_of_the_most_advanced(self) -> None:
        observed = leaderless(running(SET, primary=None, down={0}, lag={1: 5}))
        assert only(elect_again(SET, observed)) == StepUp(2)

    def test_of_two_equals_the_one_of_higher_priority_stands(self) -> None:
        live = config([0, 1, replace(entry(2), priority=2)])
        observed = leaderless(running(SET, live, primary=None, down={0}))
        assert only(elect_again(SET, observed)) == StepUp(2)

    def test_of_two_equals_the_one_stands_that_was_asked_for(self) -> None:
        """So a handover ends that was cut off in the middle."""
        asked = asking(SET, primary="mongo-2")
        assert only(elect_again(asked, lost())) == StepUp(2)
        unknown = asking(SET, primary="mongo-9")
        assert only(elect_again(unknown, lost())) == StepUp(0)

    def test_is_not_asked_of_one_that_cannot_win(self) -> None:
        live = config([0, replace(entry(1), priority=0), entry(2, votes=0)])
        assert list(elect_again(SET, leaderless(running(SET, live, primary=None)))) == [StepUp(0)]
        states = {0: State.STARTUP2, 1: State.RECOVERING, 2: State.ROLLBACK}
        assert list(elect_again(SET, lost(states=states))) == []

    def test_is_not_asked_while_votes_are_missing_that_do_not_count_yet(self) -> None:
        """Of three voters two count, and one of these is down: nobody can win."""
        observed = lost(down={0})
        for ordinal in (1, 2):
            observed = changed(observed, ordinal, voting_members=2)
        assert list(elect_again(SET, observed)) == []

    def test_a_member_whose_progress_is_not_known_stands_last(self) -> None:
        """Rule 78."""
        assert only(elect_again(SET, changed(lost(), 0, applied=None))) == StepUp(1)

    @pytest.mark.parametrize("since", [timedelta(0), LEADERLESS - timedelta(seconds=1)])
    def test_the_members_have_a_while_to_hand_over(self, since: timedelta) -> None:
        """A second election beside theirs would only end it."""
        assert list(elect_again(SET, leaderless(running(SET, primary=None), since))) == []

    def test_that_there_is_no_primary_has_been_told(self) -> None:
        assert list(elect_again(SET, running(SET, primary=None))) == []
        told = leaderless(running(SET, primary=None), holds=ConditionStatus.TRUE)
        assert list(elect_again(SET, told)) == []

    def test_nobody_stands_beside_a_primary(self) -> None:
        assert list(elect_again(SET, leaderless(running(SET)))) == []

    def test_nobody_stands_against_one_that_was_elected_just_now(self) -> None:
        """It takes no writes yet, and will."""
        drained = changed(leaderless(running(SET)), 0, is_writable_primary=False, views=())
        drained = changed(changed(drained, 1, views=()), 2, views=())
        assert drained.primary is None
        assert list(elect_again(SET, drained)) == []

    def test_nobody_stands_against_a_primary_that_others_see(self) -> None:
        """Rules 13 and 78."""
        observed = leaderless(running(SET))
        unseen = replace(observed, answers={each: observed.answers[each] for each in (1, 2)})
        assert list(elect_again(SET, unseen)) == []

    def test_nobody_is_asked_who_has_no_majority(self) -> None:
        """It could never win; and people must be told of the lost majority, and the way out."""
        observed = changed(lost(down={0, 1}), 2, views=())
        planned = plan(SET, observed)
        assert planned.step is None
        assert planned.waits[-1].reason is Reason.NO_PRIMARY
        assert "mongors.io/recover=" in planned.waits[-1].message
