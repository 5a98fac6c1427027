"""For whom the set waits, when there is nothing else to do."""

from dataclasses import replace

import pytest

from mongors.api.conditions import Reason
from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import State
from mongors.planning.plan import plan
from mongors.planning.steps.awaiting import await_members
from mongors.planning.waits import Wait
from unit.builders import (
    changed,
    config,
    entry,
    only,
    pending_pod,
    running,
    wanted,
    with_pod,
)

UNSETTLED = Wait(
    Reason.WAITING_FOR_SYNC,
    "waiting until configuration version 5 is committed on every member",
)


@pytest.mark.parametrize("members", [1, 3, 5])
def test_nothing_is_said_without_a_primary(members: int) -> None:
    """Rule 13: who serves and counts is what the primary says."""
    assert list(await_members(wanted(members), running(wanted(3), primary=None))) == []


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5, 8, 50])
def test_nothing_is_said_of_a_set_that_is_as_wanted(members: int) -> None:
    assert list(await_members(wanted(members), running(wanted(members)))) == []


class TestWaitingForMembers:
    """The set says for whom it waits until all wanted members serve and count."""

    def test_names_a_pod_that_has_not_come_up(self) -> None:
        observed = running(wanted(4), config(range(3)), pods=3)
        assert only(await_members(wanted(4), observed)) == Wait(
            Reason.WAITING_FOR_PODS, "waiting for mongo-3 to come up and join"
        )

    def test_tells_why_a_pod_does_not_come_up(self) -> None:
        observed = running(wanted(4), config(range(3)), pods=3)
        pods = {**observed.pods, 3: pending_pod(3, trouble="no node fits")}
        assert only(await_members(wanted(4), replace(observed, pods=pods))) == Wait(
            Reason.PODS_PENDING, "mongo-3 cannot join: no node fits"
        )

    def test_names_members_that_sync(self) -> None:
        observed = running(wanted(3), states={2: State.STARTUP2})
        assert only(await_members(wanted(3), observed)) == Wait(
            Reason.WAITING_FOR_SYNC, "waiting for members to serve: mongo-2 is STARTUP2"
        )

    def test_names_members_that_are_down_with_their_trouble(self) -> None:
        observed = with_pod(running(wanted(3), down={1}), 1, trouble="ImagePullBackOff")
        assert only(await_members(wanted(3), observed)) == Wait(
            Reason.WAITING_FOR_PODS,
            "waiting for members to serve: mongo-1 is DOWN; mongo-1: ImagePullBackOff",
        )

    def test_tells_the_state_in_a_member_s_own_words_when_the_primary_has_none(self) -> None:
        observed = running(wanted(3))
        assert observed.primary is not None
        observed = changed(observed, 0, views=observed.primary.views[:2])
        said = only(await_members(wanted(3), observed))
        assert said.message == "waiting for members to serve: mongo-2 is SECONDARY"

    def test_waits_until_the_last_configuration_is_committed(self) -> None:
        observed = running(wanted(3), committed=False)
        assert only(await_members(wanted(3), observed)) == UNSETTLED

    def test_waits_until_a_new_voter_counts(self) -> None:
        observed = changed(running(wanted(3)), 0, voting_members=2)
        said = only(await_members(wanted(3), observed))
        assert said.reason is Reason.WAITING_FOR_SYNC
        assert said.message.startswith("2 of 3 voters count so far")

    def test_does_not_wait_for_what_an_old_server_does_not_tell(self) -> None:
        observed = changed(running(wanted(3)), 0, voting_members=None)
        assert list(await_members(wanted(3), observed)) == []

    def test_waits_for_a_primary_that_does_not_show_its_configuration(self) -> None:
        """Rules 78 and 85: nothing is proven by a plan that had nothing to go by."""
        observed = changed(running(wanted(3)), 0, config=None, problem="it is busy")
        said = only(await_members(wanted(3), observed))
        assert said.message == "waiting for the configuration of mongo-0 (it is busy)"
        silent = changed(observed, 0, problem=None)
        assert only(await_members(wanted(3), silent)).message.endswith("of mongo-0")

    def test_names_a_member_that_only_the_primary_sees(self) -> None:
        """Rules 78 and 85: the set is not Ready then, and must not seem to be settled."""
        observed = running(wanted(3))
        unseen = replace(observed, answers={each: observed.answers[each] for each in (0, 1)})
        said = only(await_members(wanted(3), unseen))
        assert said.reason is Reason.WAITING_FOR_ANSWERS
        assert said.message.startswith("mongo-2 serves, as the primary sees it")

    def test_names_a_member_that_is_too_far_behind_to_vote(self) -> None:
        """Rule 17: it has no vote yet, and the set is not as wanted before it has."""
        observed = running(wanted(3), config((0, 1, entry(2, votes=0))), lag={2: 60})
        said = only(await_members(wanted(3), observed))
        assert said.reason is Reason.WAITING_FOR_SYNC
        assert said.message == "waiting to give mongo-2 a vote, once caught up"

    def test_names_a_node_that_does_not_report(self) -> None:
        """Rule 59: nothing is removed by force; people know whether the machine is off."""
        observed = running(wanted(3), down={1})
        observed = replace(observed, nodes={"node-1": Node("node-1", ready=False)})
        said = only(await_members(wanted(3), observed))
        assert said.reason is Reason.NODE_LOST
        assert "its node node-1 does not report. Nothing is removed by force" in said.message

    def test_tells_the_way_out_for_a_member_that_may_be_stale(self) -> None:
        """Rule 44: it names the member as it is now, and is never taken unasked."""
        observed = running(wanted(3), config((0, entry(1, id=7), 2)), states={1: State.RECOVERING})
        said = only(await_members(wanted(3), observed))
        assert said.reason is Reason.WAITING_FOR_SYNC
        assert said.message.endswith("annotate the set with mongors.io/resync=mongo-1/7")
        assert plan(wanted(3), observed).step is None
        syncing = running(wanted(3), states={1: State.STARTUP2})
        assert "resync" not in only(await_members(wanted(3), syncing)).message
