"""Votes: given only to members that caught up, one in a reconfig."""

from dataclasses import replace

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import State
from mongors.planning.actions import Reconfigure, StepDown
from mongors.planning.steps.membership import add_members, settle_votes
from mongors.planning.waits import Wait
from unit.builders import changed, config, entry, host, only, running, wanted

UNSETTLED = Wait(
    Reason.WAITING_FOR_SYNC,
    "waiting until configuration version 5 is committed on every member",
)


class TestVotes:
    """A vote is given only to a member that caught up; one vote changes in a reconfig."""

    HALF = config((0, 1, 2, entry(3, votes=0), entry(4, votes=0)))

    def test_one_is_given_in_a_pass(self) -> None:
        """Rule 11."""
        action = only(settle_votes(wanted(5), running(wanted(5), self.HALF)))
        assert isinstance(action, Reconfigure)
        assert action.config.members == (*self.HALF.members[:3], entry(3), self.HALF.members[4])
        assert (action.based_on, action.kind) == ((3, 5), "give_vote")
        assert action.change == f"give a vote to {host(3)}"

    @pytest.mark.parametrize("lag", [10.5, 3600.0])
    def test_none_is_given_to_a_member_that_lags(self, lag: float) -> None:
        """Rule 17: a vote that is far behind only raises the majority."""
        observed = running(wanted(5), self.HALF, lag={3: lag})
        action = only(settle_votes(wanted(5), observed))
        assert isinstance(action, Reconfigure)
        assert action.change == f"give a vote to {host(4)}"

    def test_a_lag_of_10_seconds_is_no_lag(self) -> None:
        observed = running(wanted(5), self.HALF, lag={3: 10.0})
        action = only(settle_votes(wanted(5), observed))
        assert isinstance(action, Reconfigure)
        assert action.change == f"give a vote to {host(3)}"

    def test_none_is_given_to_a_member_of_unknown_lag(self) -> None:
        observed = running(wanted(5), self.HALF)
        assert observed.primary is not None
        views = tuple(replace(each, optime_seconds=None) for each in observed.primary.views)
        assert list(settle_votes(wanted(5), changed(observed, 0, views=views))) == []

    @pytest.mark.parametrize("state", [State.STARTUP2, State.RECOVERING, State.UNREACHABLE])
    def test_none_is_given_to_a_member_that_does_not_serve(self, state: State) -> None:
        observed = running(wanted(5), self.HALF, states={3: state, 4: state})
        assert list(settle_votes(wanted(5), observed)) == []

    def test_one_is_taken_from_the_fourth_of_four(self) -> None:
        action = only(settle_votes(wanted(4), running(wanted(4), config(range(4)))))
        assert isinstance(action, Reconfigure)
        assert action.config.members == (entry(0), entry(1), entry(2), entry(3, votes=0))
        assert action.kind == "take_vote"
        assert action.change == f"take the vote of {host(3)}"

    def test_one_is_taken_from_a_dead_member_too(self) -> None:
        observed = running(wanted(4), config(range(4)), down={3})
        assert isinstance(only(settle_votes(wanted(4), observed)), Reconfigure)

    def test_there_are_no_more_than_seven(self) -> None:
        """Rule 24: the server would refuse it, in every pass anew."""
        strangers = [replace(entry(each), host=f"other-{each}:27017") for each in range(2, 8)]
        live = config((0, entry(1, votes=0), *strangers))
        desired = wanted(3)
        assert list(settle_votes(desired, running(desired, live))) == []
        joined = only(add_members(desired, running(desired, live)))
        assert isinstance(joined, Reconfigure)
        assert joined.config.members[-1].host == host(2)
        assert joined.config.members[-1].votes == 0

    def test_the_primary_steps_down_before_it_loses_its_vote(self) -> None:
        """Rule 25: a member without priority cannot be primary."""
        observed = running(wanted(4), config(range(4)), primary=3)
        assert only(settle_votes(wanted(4), observed)) == StepDown(
            3, "mongo-3", 3, "its member is to give up its vote"
        )

    def test_waits_until_the_configuration_is_committed_everywhere(self) -> None:
        """Rule 15."""
        observed = running(wanted(5), self.HALF, committed=False)
        assert only(settle_votes(wanted(5), observed)) == UNSETTLED

    def test_members_that_have_not_joined_have_none_to_settle(self) -> None:
        assert list(settle_votes(wanted(5), running(wanted(5), config(range(3))))) == []
