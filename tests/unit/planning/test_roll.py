"""Restarts: one by one, the primary last, and none when one did not come back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import Optime, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict, StepDown, SwitchOver
from mongors.planning.plan import plan
from mongors.planning.steps.roll import restart_members
from mongors.planning.waits import Wait
from unit.builders import (
    NOW,
    OLD_TEMPLATE,
    changed,
    config,
    copying,
    entry,
    host,
    only,
    running,
    statefulset,
    wanted,
    with_pod,
    without,
)

SET = wanted(3)


def old(desired: Desired, *ordinals: int, **fields: Any) -> Observed:
    """A set in which these pods (or all) have the old template."""
    observed = running(desired, **fields)
    for ordinal in ordinals or observed.pods:
        observed = with_pod(observed, ordinal, template=OLD_TEMPLATE)
    return observed


def waits(observed: Observed, desired: Desired = SET) -> Wait:
    """For what the restarts wait; nothing else is done."""
    wait = only(restart_members(desired, observed))
    assert isinstance(wait, Wait)
    return wait


def evicted(observed: Observed, desired: Desired = SET) -> str:
    """The pod that is restarted."""
    action = only(restart_members(desired, observed))
    assert isinstance(action, Evict)
    assert plan(desired, observed).step == action
    return action.pod


def test_nothing_is_restarted_that_is_as_wanted() -> None:
    assert list(restart_members(SET, running(SET))) == []


def test_nothing_is_restarted_without_a_primary() -> None:
    """Rule 54."""
    assert list(restart_members(SET, old(SET, primary=None))) == []


class TestOrder:
    """Rule 53: who counts least goes first."""

    def test_begins_with_the_highest_secondary(self) -> None:
        said = "its pod template is outdated"
        assert only(restart_members(SET, old(SET))) == Evict(2, "mongo-2", "uid-pod-2", said)

    def test_passes_over_the_primary(self) -> None:
        assert evicted(old(SET, primary=2)) == "mongo-1"
        assert evicted(old(SET, 0, 2, primary=2)) == "mongo-0"

    def test_takes_those_without_a_vote_and_hidden_ones_before_all(self) -> None:
        options = [{"member": 1, "votes": 0, "priority": 0}]
        desired = wanted(4, memberOptions=options)
        assert evicted(old(desired), desired) == "mongo-1"
        desired = wanted(5, memberOptions=[{"member": 2, "hidden": True, "priority": 0}])
        assert evicted(old(desired), desired) == "mongo-2"

    def test_ends_with_the_primary_which_steps_down_first(self) -> None:
        """Rules 12 and 40."""
        action = only(restart_members(SET, old(SET, 0)))
        said = "it is restarted last (its pod template is outdated)"
        assert action == SwitchOver(0, "mongo-0", 3, 1, "mongo-1", (2,), said)
        assert evicted(old(SET, 0, primary=1)) == "mongo-0"

    def test_hands_over_to_the_member_that_most_others_copy_from(self) -> None:
        """Measured: who has to find a new source holds writes up for a second."""
        observed = copying(old(SET, 0), {1: 2, 2: 0})
        action = only(restart_members(SET, observed))
        assert isinstance(action, SwitchOver)
        assert action.target == 2
        live = config([0, replace(entry(1), priority=2), 2])
        preferred = only(restart_members(SET, copying(old(SET, 0, live_config=live), {1: 2})))
        assert isinstance(preferred, SwitchOver)
        assert preferred.target == 1, "and would take over in any case"

    def test_leaves_it_to_the_members_to_whom_when_it_knows_of_none(self) -> None:
        """A member that does not answer the operator may still be able to take over."""
        desired = wanted(3, memberOptions=[{"member": 2, "priority": 0}])
        observed = old(desired, 0)
        assert isinstance(only(restart_members(desired, observed)), SwitchOver)
        lost = replace(observed, nodes={"node-1": Node("node-1", ready=False)})
        assert isinstance(only(restart_members(desired, lost)), StepDown)

    def test_restarts_the_primary_where_nobody_can_take_over(self) -> None:
        """It would stay the only one with the old template for ever."""
        single = wanted(1)
        action = only(restart_members(single, old(single)))
        assert isinstance(action, Evict)
        assert action.may_be_primary
        assert plan(single, old(single)).step == action
        options = [{"member": each, "priority": 0} for each in (1, 2)]
        desired = wanted(3, memberOptions=options)
        assert evicted(old(desired, 0), desired) == "mongo-0"

    def test_has_two_members_restarted_one_after_the_other(self) -> None:
        pair = wanted(2)
        assert evicted(old(pair), pair) == "mongo-1"
        assert isinstance(only(restart_members(pair, old(pair, 0))), SwitchOver)


class TestOneAtATime:
    """Rules 37, 38, 53 and 54: nobody is taken while anybody is away."""

    def test_waits_for_a_member_that_has_not_found_whom_to_copy_from(self) -> None:
        """Its writes count for no majority yet, and another member gone is one too many."""
        lost = changed(copying(old(SET, 0, 2), {1: None}), 1, applied=Optime(3, 999, 1))
        said = "restarts wait for mongo-1 to serve and to catch up"
        assert waits(lost) == Wait(Reason.ROLLING, said)

    def test_waits_until_every_member_sees_it(self) -> None:
        """Whoever is elected before asks all it knows of, and takes no writes meanwhile."""
        observed = old(SET, 0, 2)
        views = tuple(
            replace(view, healthy=view.host != host(1)) for view in observed.answers[2].views
        )
        said = "restarts wait for mongo-1 to serve and to catch up"
        assert waits(changed(observed, 2, views=views)) == Wait(Reason.ROLLING, said)

    def test_waits_for_no_source_where_there_is_nothing_to_copy(self) -> None:
        """An idle set's members have none, until the next write."""
        assert evicted(copying(old(SET, 0, 2), {1: None})) == "mongo-2"

    @pytest.mark.parametrize(
        "fields",
        [
            {"down": {1}},
            {"states": {1: State.STARTUP2}},
            {"states": {1: State.RECOVERING}},
            {"states": {1: State.ROLLBACK}},
            {"lag": {1: 10.5}},
        ],
    )
    def test_waits_for_a_member_that_is_not_back(self, fields: dict[str, Any]) -> None:
        said = "restarts wait for mongo-1 to serve and to catch up"
        assert waits(old(SET, 0, 2, **fields)) == Wait(Reason.ROLLING, said)
        assert waits(old(SET, **fields)) == Wait(Reason.ROLLING, said)

    def test_waits_for_no_pod_of_a_member_that_has_left(self) -> None:
        """It may hang on a machine that is gone, and never come back."""
        observed = old(SET, *range(5), pods=5, states={3: State.REMOVED})
        observed = with_pod(observed, 4, deleting=True)
        assert evicted(observed) == "mongo-2"

    @pytest.mark.parametrize(("seconds", "goes_on"), [(59, False), (60, True)])
    def test_waits_for_one_that_ended_again_to_stay_up(self, seconds: int, goes_on: bool) -> None:
        """Rules 53 and 57: it serves now, and perhaps not for long: the template may be bad."""
        since = NOW - timedelta(seconds=seconds)
        observed = with_pod(old(SET, 0, 2), 1, mongod_restarts=1, mongod_since=since)
        if goes_on:
            assert evicted(observed) == "mongo-2"
        else:
            assert "mongo-1, whose mongod ended again" in waits(observed).message
        first = with_pod(observed, 1, mongod_restarts=0)
        assert evicted(first) == "mongo-2"

    def test_does_not_wait_for_one_that_ends_again_on_the_old_template(self) -> None:
        """The new one may be its cure."""
        observed = with_pod(old(SET), 2, mongod_restarts=4, mongod_since=NOW)
        assert evicted(observed) == "mongo-2"

    def test_waits_for_the_key(self) -> None:
        """Rule 64: a pod that is made anew without it does not start."""
        observed = without(old(SET, 2), ("Secret", "mongo-keyfile"))
        assert "keyFile Secret" in waits(observed).message
        assert plan(SET, observed).step is None

    def test_waits_for_a_pod_that_is_being_made_anew(self) -> None:
        """Rule 38: between two pods there is none, and nobody's heartbeat has failed so far."""
        observed = old(SET, 0)
        between = replace(
            observed,
            pods={each: observed.pods[each] for each in (0, 1)},
            answers={each: observed.answers[each] for each in (0, 1)},
        )
        said = "restarts wait for mongo-2 to be made"
        assert waits(between) == Wait(Reason.ROLLING, said)
        assert plan(SET, between).step is None

    def test_waits_for_a_pod_that_goes(self) -> None:
        """Rule 38: whoever took it, and for whatever."""
        assert "mongo-1" in waits(with_pod(old(SET, 2), 1, deleting=True)).message

    def test_waits_for_a_member_that_only_sees_itself_serve(self) -> None:
        """Rule 13: what the primary sees is what counts."""
        observed = old(SET, 2)
        assert observed.primary is not None
        views = tuple(
            replace(each, healthy=each.host != config().members[1].host)
            for each in observed.primary.views
        )
        assert "mongo-1" in waits(changed(observed, 0, views=views)).message

    def test_waits_for_a_second_primary_to_give_up(self) -> None:
        """F23: the one of the older term does not know yet."""
        observed = old(SET, 2)
        stale = changed(observed, 1, state=State.PRIMARY, is_writable_primary=True, term=2)
        assert stale.primary is observed.answers[0]
        views = tuple(
            replace(each, state=State.DOWN) if each.host == config().members[1].host else each
            for each in observed.answers[0].views
        )
        assert "mongo-1" in waits(changed(stale, 0, views=views)).message

    def test_a_delay_that_is_wanted_is_no_lag(self) -> None:
        options = [{"member": 2, "votes": 0, "priority": 0, "hidden": True, "delaySeconds": 600}]
        desired = wanted(4, memberOptions=options)
        assert evicted(old(desired, 1, lag={2: 605}), desired) == "mongo-1"
        assert "mongo-2" in waits(old(desired, 1, lag={2: 615}), desired).message

    def test_waits_for_members_that_have_yet_to_join(self) -> None:
        observed = running(SET, config((0, 1)), pods=2)
        said = waits(with_pod(observed, 1, template=OLD_TEMPLATE)).message
        assert said == "restarts wait until every member has joined"

    def test_waits_until_every_voter_counts(self) -> None:
        observed = changed(old(SET), 0, voting_members=2)
        assert waits(observed).message == "restarts wait until every voter has synced"
        assert evicted(changed(old(SET), 0, voting_members=None)) == "mongo-2"

    @pytest.mark.parametrize("fields", [{"committed": False}, {"outdated": {1}}])
    def test_waits_until_the_configuration_is_committed(self, fields: dict[str, Any]) -> None:
        assert "configuration is committed" in waits(old(SET, **fields)).message

    @pytest.mark.parametrize("committed_term", [2, None])
    def test_waits_until_the_primary_s_first_write_is_acknowledged(
        self, committed_term: int | None
    ) -> None:
        """Rule 53: before that, what it has acknowledged may be lost with one member more."""
        wait = waits(changed(old(SET), 0, committed_term=committed_term))
        assert wait.reason is Reason.WAITING_FOR_ELECTION

    @pytest.mark.parametrize(
        "fields", [{"template": OLD_TEMPLATE}, {"template": None}, {"is_followed": False}]
    )
    def test_waits_for_the_statefulset(self, fields: dict[str, Any]) -> None:
        """A pod that is made now would have the old template, and be restarted again."""
        observed = replace(old(SET), statefulset=statefulset(SET, 3, **fields))
        assert waits(observed).reason is Reason.ROLLING
        assert waits(replace(observed, statefulset=None)).reason is Reason.ROLLING


class TestStopped:
    """Rule 57: one pod at most is ever on a template that does not work."""

    def test_by_a_restarted_member_that_does_not_start(self) -> None:
        observed = old(SET, 0, 1, down={2})
        wait = waits(with_pod(observed, 2, trouble="its mongod ended: exit code 62"))
        assert (wait.reason, wait.stalls) == (Reason.ROLL_STOPPED, True)
        assert "mongo-2: its mongod ended: exit code 62" in wait.message

    def test_not_by_one_that_has_yet_to_be_restarted(self) -> None:
        """Its trouble is not of the new template's making."""
        observed = with_pod(old(SET, down={2}), 2, trouble="its mongod ended")
        assert waits(observed).reason is Reason.ROLLING

    def test_not_by_trouble_that_is_over(self) -> None:
        assert evicted(with_pod(old(SET, 0, 1), 2, trouble="it was slow")) == "mongo-1"

    def test_by_a_node_that_does_not_report(self) -> None:
        """Rule 59."""
        observed = replace(old(SET, 0, down={2}), nodes={"node-2": Node("node-2", ready=False)})
        wait = waits(observed)
        assert wait.reason is Reason.ROLLING
        assert "Nothing is removed by force" in wait.message


class TestWhoNeverCame:
    """Rule 57: a pod on a template that was taken back is made anew, though its mongod runs."""

    NEW: Mapping[str, Any] = {
        "template": OLD_TEMPLATE, "in_service": None, "mongod_running": True,
    }  # fmt: skip

    def silent(self, ordinal: int = 1, **fields: Any) -> Observed:
        """A set in which this member's mongod runs on an old template, and nobody can reach it."""
        return with_pod(running(SET, down={ordinal}, **fields), ordinal, **self.NEW)

    def test_is_made_anew_before_all_others(self) -> None:
        observed = with_pod(self.silent(), 2, template=OLD_TEMPLATE)
        action = only(restart_members(SET, observed))
        assert isinstance(action, Evict)
        assert (action.pod, action.may_be_silent) == ("mongo-1", True)
        assert plan(SET, observed).step == action

    def test_is_made_anew_before_it_has_joined(self) -> None:
        observed = self.silent(2, live_config=config((0, 1)))
        assert evicted(observed) == "mongo-2"

    def test_waits_while_another_one_is_away(self) -> None:
        """Rule 37."""
        desired = wanted(5)
        observed = with_pod(running(desired, down={1, 3}), 1, **self.NEW)
        assert "mongo-3" in waits(observed, desired).message

    def test_is_not_one_that_has_served(self) -> None:
        """It may be at its recovery after a crash."""
        assert "mongo-1" in waits(with_pod(self.silent(), 1, in_service=False)).message

    def test_is_not_one_that_another_member_sees(self) -> None:
        """Rule 78: it is only the operator that cannot reach it; it may be copying the data."""
        observed = running(SET)
        answers = {each: observed.answers[each] for each in (0, 2)}
        observed = with_pod(
            replace(observed, answers=answers), 1, template=OLD_TEMPLATE, in_service=None
        )
        assert "mongo-1" in waits(observed).message

    def test_is_not_one_on_the_wanted_template(self) -> None:
        observed = with_pod(self.silent(), 1, template=SET.template)
        assert list(restart_members(SET, observed)) == []
