"""The predicates that may say no, whatever step asks."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import ReplicaSetConfig, State
from mongors.planning import safety
from mongors.planning.actions import Initiate, MakeUsers, Reconfigure, StepDown, StepUp
from mongors.planning.waits import Wait
from unit.builders import changed, config, entry, host, running, wanted

SET = wanted(3)
LIVE = config(range(3))


def change(after: ReplicaSetConfig, *, based_on: tuple[int, int] = (3, 5)) -> Reconfigure:
    """A reconfig of the live configuration."""
    return Reconfigure(0, based_on, after, "the change", "remove")


def next_with(*members: int) -> ReplicaSetConfig:
    """The configuration after the live one, with these voters."""
    return config(members, version=6)


@pytest.mark.parametrize("step", [Initiate(0, LIVE), StepUp(0), MakeUsers(0, "mark")])
def test_steps_that_take_nothing_away_are_not_refused(
    step: Initiate | StepUp | MakeUsers,
) -> None:
    assert safety.refusal(step, running(SET)) is None


class TestReconfig:
    """What may be installed."""

    def test_one_voter_less_is_allowed(self) -> None:
        assert safety.refusal(change(next_with(0, 1)), running(SET)) is None

    @pytest.mark.parametrize("members", [(0,), (0, 1, 2, 3, 4), (0, 1, 3)])
    def test_two_votes_at_once_are_refused(self, members: tuple[int, ...]) -> None:
        """Rule 11: neighbouring configurations would not share every majority."""
        said = safety.refusal(change(next_with(*members)), running(SET))
        assert said == Wait(
            Reason.SCALE_REFUSED, "refused: more than one vote would change at once"
        )

    @pytest.mark.parametrize("based_on", [(3, 4), (2, 5), (4, 5), (3, 6)])
    def test_a_change_of_another_configuration_is_refused(self, based_on: tuple[int, int]) -> None:
        """Rule 14: compare, then swap."""
        said = safety.refusal(change(next_with(0, 1), based_on=based_on), running(SET))
        assert said is not None
        assert said.reason is Reason.PROGRESSING

    @pytest.mark.parametrize("version", [5, 7])
    def test_a_version_that_does_not_follow_is_refused(self, version: int) -> None:
        said = safety.refusal(change(config((0, 1), version=version)), running(SET))
        assert said is not None
        assert said.reason is Reason.PROGRESSING

    def test_a_change_without_a_primary_is_refused(self) -> None:
        """Rule 13."""
        said = safety.refusal(change(next_with(0, 1)), running(SET, primary=None))
        assert said is not None
        assert said.reason is Reason.PROGRESSING

    def test_a_change_that_leaves_no_majority_is_refused(self) -> None:
        """Rule 37: of two voters left, one would be down."""
        said = safety.refusal(change(next_with(0, 1)), running(SET, down={1}))
        assert said is not None
        assert said.reason is Reason.SCALE_REFUSED
        assert "would leave 1 of 2 voters in service" in said.message

    def test_a_dead_voter_may_go(self) -> None:
        assert safety.refusal(change(next_with(0, 1)), running(SET, down={2})) is None

    def test_a_vote_for_a_member_that_is_down_is_refused_when_it_takes_the_majority(self) -> None:
        live = config((0, 1, 2, entry(3, votes=0)))
        observed = running(wanted(4), live, down={2, 3})
        said = safety.refusal(change(next_with(0, 1, 2, 3)), observed)
        assert said is not None
        assert said.reason is Reason.SCALE_REFUSED

    def test_a_voter_may_join_a_set_with_a_member_down(self) -> None:
        observed = running(wanted(4), LIVE, down={2})
        assert safety.refusal(change(next_with(0, 1, 2, 3)), observed) is None

    def test_voters_that_do_not_count_yet_hold_no_other_back(self) -> None:
        """Three of three votes serve while members 3, 4 and 5 sync: a seventh may come."""
        syncing = dict.fromkeys((3, 4, 5), State.STARTUP2)
        observed = running(wanted(7), config(range(6)), states=syncing)
        observed = changed(observed, 0, voting_members=3)
        assert safety.refusal(change(next_with(*range(7))), observed) is None

    def test_a_voter_that_does_not_count_and_died_may_go(self) -> None:
        """A scale-out that went wrong can be taken back."""
        observed = running(wanted(6), config(range(6)), down={3, 4, 5})
        observed = changed(observed, 0, voting_members=3)
        assert safety.refusal(change(next_with(*range(5))), observed) is None

    def test_a_serving_voter_stays_while_it_is_not_known_who_counts(self) -> None:
        """Rules 18 and 37: member 3 may serve and not count, and member 2 is down."""
        observed = changed(running(wanted(4), config(range(4)), down={2}), 0, voting_members=3)
        said = safety.refusal(change(next_with(0, 2, 3)), observed)
        assert said == Wait(
            Reason.WAITING_FOR_SYNC,
            "3 of 4 voters count so far; waiting for the others to sync",
        )

    def test_the_primary_may_not_go(self) -> None:
        """Rule 25: the server would refuse it."""
        said = safety.refusal(change(next_with(1, 2)), running(SET))
        assert said == Wait(
            Reason.SCALE_REFUSED, "refused: the primary must step down before it goes"
        )

    def test_the_primary_may_not_lose_its_priority(self) -> None:
        after = config((entry(0, votes=0), 1, 2), version=6)
        said = safety.refusal(change(after), running(SET))
        assert said is not None
        assert said.reason is Reason.SCALE_REFUSED

    def test_nothing_may_go_when_the_primary_does_not_know_its_own_name(self) -> None:
        """Rule 78: unknown is not absent."""
        observed = changed(running(SET), 0, host=None)
        said = safety.refusal(change(next_with(0, 1)), observed)
        assert said is not None
        assert said.reason is Reason.SCALE_REFUSED


class TestStepDown:
    """When a primary may be asked to hand over."""

    ASKED = StepDown(0, "mongo-0", 3, "some reason")

    def test_is_allowed_with_a_majority_and_a_successor(self) -> None:
        assert safety.refusal(self.ASKED, running(SET, down={2})) is None

    def test_is_refused_without_a_majority(self) -> None:
        """Rule 37."""
        observed = running(wanted(4), config(range(4)), down={2, 3})
        said = safety.refusal(self.ASKED, observed)
        assert said is not None
        assert said.reason is Reason.SCALE_REFUSED

    def test_is_refused_without_a_successor(self) -> None:
        """Rules 37 and 40: nobody else has a priority."""
        live = config((0, entry(1, votes=0), entry(2, votes=0)))
        said = safety.refusal(self.ASKED, running(SET, live))
        assert said == Wait(
            Reason.SCALE_REFUSED,
            "refused: mongo-0 cannot step down, because no other member could take over. It is "
            "done once one with a vote and a priority above 0 is in service, beside a majority",
        )

    def test_is_refused_when_the_successor_has_no_priority(self) -> None:
        live = config((0, replace(entry(1), priority=0)))
        assert safety.refusal(self.ASKED, running(wanted(2), live)) is not None

    def test_is_refused_in_another_term(self) -> None:
        """Rule 13: the picture is of an earlier primary."""
        said = safety.refusal(replace(self.ASKED, term=2), running(SET))
        assert said is not None
        assert said.reason is Reason.PROGRESSING

    @pytest.mark.parametrize(
        ("members", "fields"),
        [
            (3, {"lag": {1: 300, 2: 300}}),
            (2, {"lag": {1: 3600}}),
            (5, {"lag": {2: 600, 3: 600}, "down": {4}}),
        ],
    )
    def test_waits_until_a_majority_has_caught_up(
        self, members: int, fields: dict[str, Any]
    ) -> None:
        """Rule 53: the server would refuse all writes for 10 s, and then stay primary."""
        observed = running(wanted(members), **fields)
        said = safety.refusal(StepDown(0, "mongo-0", 3, "why"), observed)
        assert said is not None
        assert said.reason is Reason.WAITING_FOR_SYNC
        assert "it stays primary" in said.message

    def test_waits_for_no_member_beyond_the_majority(self) -> None:
        observed = running(SET, lag={2: 600})
        assert safety.refusal(StepDown(0, "mongo-0", 3, "why"), observed) is None

    def test_is_refused_without_a_primary(self) -> None:
        assert safety.refusal(self.ASKED, running(SET, primary=None)) is not None


def test_primary_is_known_by_the_host_under_which_it_knows_itself() -> None:
    assert safety.primary_host(running(SET, primary=2)) == host(2)
    assert safety.primary_host(running(SET, primary=None)) is None
    assert safety.serving_voters(LIVE, running(SET, down={1})) == 2
