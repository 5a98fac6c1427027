"""Copying a member's data anew: one at a time, and only where all others have them."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict, PermitEmptyStart, Reconfigure
from mongors.planning.plan import plan
from mongors.planning.steps.resync import held_pods, refuse_resync, resync_member
from unit.builders import (
    asking,
    at_gate,
    changed,
    config,
    entry,
    held,
    only,
    running,
    wanted,
    with_pod,
)

SET = asking(wanted(3), resync="mongo-2/2")


def refused(observed: Observed, resync: str = "mongo-2/2", members: int = 3) -> str:
    """Why nothing is copied anew; the member goes on with what it has."""
    desired = asking(wanted(members), resync=resync)
    assert list(resync_member(desired, observed)) == []
    assert held_pods(desired, observed) == []
    wait = only(refuse_resync(desired, observed))
    assert wait.reason is Reason.RESYNC_REFUSED
    assert wait.is_harmless
    return wait.message


class TestCourse:
    """It is held, restarted, taken out, let in empty, and added under a new `_id`."""

    def test_begins_with_a_restart_that_ends_at_the_gate(self) -> None:
        """Rules 35 and 44: the Secret lists the pod before its mongod stops."""
        planned = plan(SET, running(SET))
        assert isinstance(planned.step, Evict)
        assert (planned.step.pod, planned.step.may_be_primary) == ("mongo-2", False)
        assert [str(each) for each in planned.upkeep] == ["apply Secret mongo-keyfile"]
        assert held_pods(SET, running(SET)) == ["mongo-2"]

    def test_goes_on_with_a_reconfig(self) -> None:
        """Rules 19 and 34: the old `_id` never starts empty."""
        seen = running(SET, down={2})
        observed = held(at_gate(seen, 2, template=SET.template), "mongo-2")
        assert list(resync_member(SET, observed)) == []
        action = plan(SET, observed).step
        assert isinstance(action, Reconfigure)
        assert action.kind == "remove"

    def test_lets_the_member_in_when_it_is_out(self) -> None:
        observed = held(at_gate(running(SET, config((0, 1), version=6)), 2), "mongo-2")
        assert held_pods(SET, observed) == ["mongo-2"]
        assert any(isinstance(each, PermitEmptyStart) for each in plan(SET, observed).upkeep)

    def test_adds_it_under_a_new_id(self) -> None:
        observed = running(SET, config((0, 1)))
        observed = replace(observed, record=replace(observed.record, highest_member_id=2))
        permitted = with_pod(held(observed, "mongo-2"), 2, may_start_empty=True)
        assert list(resync_member(SET, permitted)) == [], "it is empty"
        assert held_pods(SET, permitted) == [], "whoever has joined must be able to restart"
        assert not isinstance(plan(SET, permitted).step, Reconfigure), "and never without data"
        assert plan(SET, with_pod(observed, 2, may_start_empty=True)).step is None
        action = plan(SET, observed).step
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1].id == 3

    def test_ends_there(self) -> None:
        """The request names the old `_id`, so it may stay where it is."""
        observed = running(SET, config((0, 1, entry(2, id=3))))
        assert held_pods(SET, observed) == []
        assert plan(SET, observed).is_empty

    @pytest.mark.parametrize("fields", [{"deleting": True}, {"mongod_running": False}])
    def test_does_not_restart_twice(self, fields: dict[str, Any]) -> None:
        observed = with_pod(running(SET), 2, **fields)
        assert list(resync_member(SET, observed)) == []


@pytest.mark.parametrize(
    "resync",
    ["mongo-2", "mongo-2/", "mongo-2/x", "mongo-2/1", "mongo-20/2", "mongo/2", "other-2/2"],
)
def test_what_does_not_name_a_member_and_its_id_asks_for_nothing(resync: str) -> None:
    desired = asking(wanted(3), resync=resync)
    assert held_pods(desired, running(desired)) == []
    assert plan(desired, running(desired)).is_empty


def test_a_member_that_left_by_itself_is_not_discarded() -> None:
    """Rule 42: what is kept of a member that was scaled away is not what was asked for."""
    desired = asking(wanted(2), resync="mongo-2/2")
    assert held_pods(desired, running(desired, config((0, 1)), pods=3)) == []


class TestRefused:
    """Rule 35: never the last copy, nor one that the others may need."""

    def test_without_a_primary(self) -> None:
        assert "no primary" in refused(running(SET, primary=None))

    def test_of_the_primary(self) -> None:
        assert "it is primary" in refused(running(SET, primary=2))

    @pytest.mark.parametrize(
        "fields",
        [{"down": {1}}, {"states": {1: State.STARTUP2}}, {"lag": {1: 11}}, {"lag": {0: 11}}],
    )
    def test_while_another_member_is_behind(self, fields: dict[str, Any]) -> None:
        assert "caught up first" in refused(running(SET, **fields))

    def test_in_a_set_of_two(self) -> None:
        """Rule 37: without a majority it could neither leave nor come back."""
        assert "no majority" in refused(running(wanted(2)), "mongo-1/1", 2)

    def test_but_not_of_one_without_a_vote_beside_two_voters(self) -> None:
        votes = [{"member": 2, "votes": 0, "priority": 0}]
        desired = asking(wanted(3, memberOptions=votes), resync="mongo-2/2")
        assert isinstance(only(resync_member(desired, running(desired))), Evict)

    def test_while_the_primary_does_not_show_its_configuration(self) -> None:
        """Rule 78."""
        assert "no primary" in refused(changed(running(SET), 0, config=None))
