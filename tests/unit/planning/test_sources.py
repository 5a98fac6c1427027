"""Sources: nobody is left copying from a member that is about to stop or to lead no more."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.desired.desired import Desired
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import CopyFrom, Evict, Reconfigure, Step, StepDown, SwitchOver
from mongors.planning.plan import plan
from mongors.planning.steps.sources import leave_stopping_pods, prepare
from unit.builders import (
    OLD_TEMPLATE,
    asking,
    changed,
    config,
    copying,
    entry,
    host,
    only,
    running,
    wanted,
    with_pod,
)

SET = wanted(3)
EVICTION = Evict(1, "mongo-1", "uid", "why")
HANDOVER = SwitchOver(0, "mongo-0", 1, 1, "mongo-1", (2,), "why")


def turned(step: Step, observed: Observed, desired: Desired = SET) -> dict[int, str]:
    """Who is asked to copy from whom, before this step."""
    return {each.ordinal: each.source_pod for each in prepare(step, desired, observed)}


class TestBeforeARestart:
    """A member stops: who copies from it is asked to copy from the primary."""

    def test_its_readers_turn_to_the_primary(self) -> None:
        observed = copying(running(SET), {1: 0, 2: 1})
        action = only(prepare(EVICTION, SET, observed))
        assert action == CopyFrom(2, "mongo-2", host(0), "mongo-0", "mongo-1 stops")

    def test_all_others_keep_their_sources(self) -> None:
        assert turned(EVICTION, copying(running(SET), {1: 2, 2: 0})) == {}
        assert turned(EVICTION, copying(running(SET), {1: None, 2: None})) == {}

    def test_nobody_is_turned_to_a_primary_that_stops_itself(self) -> None:
        """A set of two voters: there is nobody else."""
        last = replace(EVICTION, ordinal=0, pod="mongo-0", may_be_primary=True)
        assert turned(last, copying(running(SET), {1: 0, 2: 0})) == {}

    def test_a_member_that_copies_all_data_is_let_alone(self) -> None:
        observed = copying(running(SET, states={2: State.STARTUP2}), {2: 1})
        assert turned(EVICTION, observed) == {}

    def test_without_a_primary_nobody_is_asked(self) -> None:
        assert turned(EVICTION, copying(running(SET, primary=None), {2: 1})) == {}

    def test_it_goes_in_the_same_pass_before_the_step(self) -> None:
        observed = copying(running(SET), {1: 2, 2: 0})
        observed = with_pod(observed, 2, template=OLD_TEMPLATE)
        planned = plan(SET, observed)
        assert isinstance(planned.step, Evict)
        assert [str(each) for each in planned.upkeep] == [
            "ask mongo-1 to copy from mongo-0: mongo-2 stops"
        ]

    def test_a_step_that_is_refused_turns_nobody(self) -> None:
        observed = copying(running(SET, down={0}, primary=1), {2: 0})
        planned = plan(SET, with_pod(observed, 2, template=OLD_TEMPLATE))
        assert planned.step is None
        assert not any(isinstance(each, CopyFrom) for each in planned.upkeep)


class TestBeforeAHandover:
    """One takes over: the others copy from it beforehand, so that it has a majority at once."""

    def test_the_others_turn_to_who_takes_over(self) -> None:
        action = only(prepare(HANDOVER, SET, running(SET)))
        said = "mongo-1 takes over"
        assert action == CopyFrom(2, "mongo-2", host(1), "mongo-1", said)

    def test_who_takes_over_copies_from_none_of_them_first(self) -> None:
        """Two who copy from each other get nothing."""
        first, then = prepare(HANDOVER, SET, copying(running(SET), {1: 2, 2: 0}))
        said = "it takes over from mongo-0"
        assert first == CopyFrom(1, "mongo-1", host(0), "mongo-0", said)
        assert (then.ordinal, then.source) == (2, host(1))

    def test_who_copies_from_there_already_is_let_alone(self) -> None:
        assert turned(HANDOVER, copying(running(SET), {2: 1})) == {}

    @pytest.mark.parametrize("fields", [{"votes": 0, "priority": 0}, {"delay_seconds": 60}])
    def test_those_that_no_write_waits_for_keep_their_source(self, fields: Any) -> None:
        desired = wanted(5)
        members = [*map(entry, range(4)), replace(entry(4), **fields)]
        observed = running(desired, live_config=config(members))
        assert turned(HANDOVER, observed, desired) == {2: "mongo-1", 3: "mongo-1"}

    def test_where_members_may_not_copy_from_each_other_nobody_does(self) -> None:
        live = config().with_settings({"chainingAllowed": False})
        assert turned(HANDOVER, running(SET, live_config=live)) == {}

    def test_one_who_only_steps_down_turns_nobody(self) -> None:
        """Who takes over is not known beforehand."""
        assert turned(StepDown(0, "mongo-0", 1, "why"), running(SET)) == {}

    def test_that_a_person_asks_for_is_prepared_as_well(self) -> None:
        desired = asking(SET, primary="mongo-1")
        planned = plan(desired, running(desired))
        assert isinstance(planned.step, SwitchOver)
        assert CopyFrom in {type(each) for each in planned.upkeep}


class TestBeforeALeave:
    """A member leaves the configuration: who copies from it is asked to copy from the primary."""

    def test_its_readers_turn_to_the_primary(self) -> None:
        live = config(range(4))
        observed = copying(running(SET, live_config=live), {1: 3, 2: 1})
        step = Reconfigure(0, live.stamp, live.removing(host(3)), "remove mongo-3", "remove")
        assert turned(step, observed) == {1: "mongo-0"}

    def test_a_change_that_removes_nobody_turns_nobody(self) -> None:
        observed = copying(running(SET), {1: 2, 2: 1})
        live = observed.leading_config
        assert live is not None
        after = live.changing(replace(entry(1), priority=2))
        step = Reconfigure(0, live.stamp, after, "change", "change")
        assert turned(step, observed) == {}


class TestOfPodsThatAreDeleted:
    """Whoever deletes a pod, a drain as well: its readers are asked at once."""

    def test_readers_turn_to_the_primary(self) -> None:
        observed = with_pod(copying(running(SET), {2: 1}), 1, deleting=True)
        assert [each.pod for each in leave_stopping_pods(SET, observed)] == ["mongo-2"]
        assert CopyFrom in {type(each) for each in plan(SET, observed).upkeep}

    def test_a_reader_that_goes_itself_is_let_alone(self) -> None:
        observed = copying(running(SET), {2: 1})
        for ordinal in (1, 2):
            observed = with_pod(observed, ordinal, deleting=True)
        assert list(leave_stopping_pods(SET, observed)) == []

    def test_nobody_is_asked_again_once_its_mongod_has_ended(self) -> None:
        observed = copying(running(SET), {2: 1})
        observed = with_pod(observed, 1, deleting=True, mongod_running=False)
        assert list(leave_stopping_pods(SET, observed)) == []

    def test_all_pods_that_stay_are_left_alone(self) -> None:
        assert list(leave_stopping_pods(SET, copying(running(SET), {2: 1}))) == []
        silent = changed(copying(running(SET), {2: 1}), 1, state=State.UNREACHABLE)
        assert list(leave_stopping_pods(SET, silent)) == []
