"""Members that lost their data: out under the old `_id`, in under a new one (rule 34)."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import PermitEmptyStart, Reconfigure
from mongors.planning.plan import plan
from mongors.planning.steps.reseed import release_empty_members
from mongors.planning.waits import Wait
from unit.builders import (
    NOW,
    at_gate,
    changed,
    config,
    host,
    only,
    running,
    wanted,
    with_pod,
)

SET = wanted(3)


def empty(*ordinals: int, members: int = 3, **fields: Any) -> Observed:
    """A set in which these members stand empty at the gate."""
    return at_gate(running(wanted(members), down=ordinals, **fields), *ordinals)


def test_nothing_is_said_of_a_set_in_which_nobody_stands_at_the_gate() -> None:
    assert list(release_empty_members(SET, running(SET))) == []
    assert list(release_empty_members(SET, running(SET, down={2}))) == []


def test_a_member_that_lost_its_data_is_taken_out() -> None:
    """Rules 11 and 34: it must not vote for a primary without what it helped to acknowledge."""
    action = only(release_empty_members(SET, empty(2)))
    assert isinstance(action, Reconfigure)
    assert (action.kind, action.based_on) == ("remove", (3, 5))
    assert [each.host for each in action.config.members] == [host(0), host(1)]
    assert action.change == f"take {host(2)}, which lost its data, out of the configuration"
    assert plan(SET, empty(2)).step == action


def test_its_gate_stays_shut_until_that_is_committed() -> None:
    """Rules 15, 19 and 34."""
    observed = empty(2)
    assert not any(isinstance(each, PermitEmptyStart) for each in plan(SET, observed).upkeep)
    out = at_gate(running(SET, config((0, 1)), committed=False), 2)
    assert not any(isinstance(each, PermitEmptyStart) for each in plan(SET, out).upkeep)
    out = at_gate(running(SET, config((0, 1))), 2)
    assert any(isinstance(each, PermitEmptyStart) for each in plan(SET, out).upkeep)


def test_it_comes_back_under_a_new_id() -> None:
    """Rules 19 and 21."""
    observed = running(SET, config((0, 1)))
    observed = replace(observed, record=replace(observed.record, highest_member_id=2))
    action = plan(SET, observed).step
    assert isinstance(action, Reconfigure)
    assert (action.kind, action.config.members[-1].id) == ("add", 3)


def test_of_several_one_leaves_at_a_time() -> None:
    """Rule 11."""
    action = only(release_empty_members(wanted(5), empty(2, 4, members=5)))
    assert isinstance(action, Reconfigure)
    assert [each.id for each in action.config.members] == [0, 1, 2, 3]


@pytest.mark.parametrize("fields", [{"committed": False}, {"outdated": {1}}])
def test_it_waits_until_the_configuration_is_committed(fields: dict[str, Any]) -> None:
    """Rule 15."""
    wait = only(release_empty_members(SET, empty(2, **fields)))
    assert isinstance(wait, Wait)
    assert "is committed on every member" in wait.message


@pytest.mark.parametrize("fields", [{"held_since": NOW}, {"held_since": None}, {"deleting": True}])
def test_one_that_may_only_pass_by_is_left_in(fields: dict[str, Any]) -> None:
    """Rule 78: every pod runs its init container for a moment."""
    assert list(release_empty_members(SET, with_pod(empty(2), 2, **fields))) == []


def test_nobody_is_taken_out_without_a_primary() -> None:
    """Experiment A1: whoever still has the writes must be elected first."""
    observed = empty(2, primary=None, states={1: State.SECONDARY})
    assert list(release_empty_members(SET, observed)) == []
    assert not any(isinstance(each, PermitEmptyStart) for each in plan(SET, observed).upkeep)


def test_nobody_is_taken_out_of_a_configuration_that_is_not_shown() -> None:
    """Rule 78."""
    assert list(release_empty_members(SET, changed(empty(2), 0, config=None))) == []


def test_nobody_is_taken_out_where_no_majority_would_be_left() -> None:
    """Rules 24 and 37: refused by the predicate, whatever the step says."""
    observed = changed(empty(1, 2), 0, is_writable_primary=True)
    planned = plan(SET, observed)
    assert planned.step is None
    assert planned.waits[-1].reason is Reason.SCALE_REFUSED


def test_people_are_told_when_it_can_never_come_back_by_itself() -> None:
    """Rule 34: two of three lost their data; nothing is forced, and nothing is begun anew."""
    observed = changed(empty(1, 2, primary=None), 0, views=())
    planned = plan(SET, observed)
    assert (planned.upkeep, planned.step) == ((), None)
    assert planned.waits[-1].reason is Reason.VOLUME_LOST
    assert "mongors.io/recover=" in planned.waits[-1].message
