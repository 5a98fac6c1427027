"""An approval lets one plan run, and nothing else; never later by accident."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.approval import SpentApproval, WaitingPlan
from mongors.api.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    EventReason,
    Reason,
)
from mongors.api.status import Status
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict
from mongors.planning.approval import removal_id, restart_id, resync_id, text_for
from mongors.planning.disruptions import spent_approval
from mongors.planning.news import news
from mongors.planning.plan import plan
from mongors.planning.report import is_worth_writing, report
from unit.builders import OLD_TEMPLATE, asking, config, entry, only, running, wanted, with_pod

RED: dict[str, Any] = {"podLabels": {"color": "red"}}
GREEN: dict[str, Any] = {"podLabels": {"color": "green"}}


def manual(members: int = 3, *, approved: str | None = None, **spec: Any) -> Desired:
    desired = wanted(members, approval="Manual", **spec)
    return asking(desired, approved=approved) if approved else desired


def old(observed: Observed, *ordinals: int) -> Observed:
    for ordinal in ordinals or observed.pods:
        observed = with_pod(observed, ordinal, template=OLD_TEMPLATE)
    return observed


def reported(desired: Desired, observed: Observed) -> Status:
    return report(desired, observed, plan(desired, observed), [])


def after(desired: Desired, observed: Observed) -> Observed:
    """The same snapshot after a pass that reported on it."""
    return replace(observed, status=reported(desired, observed))


def void(approved: str) -> SpentApproval:
    return SpentApproval(approved=approved, void=True)


def done(approved: str) -> SpentApproval:
    return SpentApproval(approved=approved, void=False)


A, B = restart_id(manual(**RED)), restart_id(manual(**GREEN))


def test_an_approval_that_fits_is_not_spent() -> None:
    desired = manual(approved=A, **RED)
    assert spent_approval(desired, old(running(desired), 0)) is None


def test_an_approval_is_spent_once_all_is_done() -> None:
    desired = manual(approved=A, **RED)
    assert spent_approval(desired, running(desired)) == done(A)


def test_in_doubt_it_still_counts() -> None:
    """A pod that is not there, or a parameter not noted: it may yet have to be restarted."""
    desired = manual(approved=A, **RED)
    observed = running(desired)
    gone = replace(observed, pods={0: observed.pods[0]})
    assert spent_approval(desired, gone) is None
    assert spent_approval(desired, with_pod(observed, 1, parameters={"x": 1})) is None


@pytest.mark.parametrize("approved", ["nonsense", B, removal_id(manual(5))])
def test_an_approval_of_something_else_is_void(approved: str) -> None:
    desired = manual(approved=approved, **RED)
    assert spent_approval(desired, old(running(desired))) == void(approved)


def test_a_void_approval_stays_void_when_the_wish_comes_back() -> None:
    """A is approved, then B is wished for, then A again."""
    approved, other = manual(approved=A, **RED), manual(approved=A, **GREEN)
    observed = old(running(approved))
    assert isinstance(plan(approved, observed).step, Evict)
    observed = after(other, observed)
    assert plan(other, observed).step is None
    planned = plan(approved, observed)
    assert planned.step is None
    assert only(planned.waits).approval == f"{A}@2"
    assert f"The approval {A} is void." in only(planned.waits).message
    again = replace(approved, asked=replace(approved.asked, approved=f"{A}@2"))
    assert isinstance(plan(again, observed).step, Evict)


def test_an_approval_that_was_carried_out_lets_nothing_run_again() -> None:
    desired = manual(approved=A, **RED)
    observed = after(desired, running(desired))
    planned = plan(desired, old(observed))
    assert planned.step is None
    assert only(planned.waits).approval == f"{A}@2"
    assert "void" not in only(planned.waits).message


def test_a_spent_approval_is_kept_while_it_stands_there() -> None:
    desired, other = manual(approved=A, **RED), manual(approved=A, **GREEN)
    observed = after(desired, running(desired))
    assert spent_approval(other, old(observed)) == done(A)
    assert spent_approval(manual(**RED), observed) is None, "it was taken away"
    assert spent_approval(manual(approved=B, **GREEN), old(observed)) is None, "another one"


def test_an_approval_outlasts_a_pause_but_not_another_wish() -> None:
    paused = manual(approved=A, paused=True, **RED)
    assert spent_approval(paused, old(running(paused))) is None
    other = manual(approved=A, paused=True, **GREEN)
    assert spent_approval(other, old(running(other))) == void(A)


def test_an_approval_of_a_removal_is_spent_when_all_have_left() -> None:
    desired = manual(3, approved=removal_id(manual(3)))
    assert spent_approval(desired, running(desired, config(range(4)))) is None
    assert spent_approval(desired, running(desired, primary=None)) is None
    assert spent_approval(desired, running(desired, committed=False)) is None
    assert spent_approval(desired, running(desired)) == done(removal_id(manual(3)))


def test_an_approval_of_a_copy_is_spent_when_the_member_has_another_id() -> None:
    desired = asking(manual(), resync="mongo-2/2")
    desired = asking(manual(), resync="mongo-2/2", approved=resync_id(desired))
    assert spent_approval(desired, running(desired)) is None
    silent = replace(running(desired), answers={})
    assert spent_approval(desired, silent) is None, "nobody says which members there are"
    live = config((0, 1, entry(2, id=3)))
    assert spent_approval(desired, running(desired, live)) == done(resync_id(desired))
    dropped = manual(approved=resync_id(desired))
    assert spent_approval(dropped, running(dropped)) == void(resync_id(desired))


@pytest.mark.parametrize(
    ("there", "text"),
    [
        (None, "x-1"),
        ("x-2", "x-1"),
        ("x-1", "x-1@2"),
        ("x-1@2", "x-1@3"),
        ("x-1@again", "x-1@2"),
        ("x-1@" + "9" * 5000, "x-1@2"),
        ("x-1@²", "x-1@2"),
    ],
)
def test_what_was_spent_takes_a_number(there: str | None, text: str) -> None:
    assert text_for(manual(approved=there), "x-1") == text


class TestReport:
    """What is said while a plan waits."""

    WAITING = old(running(manual(**RED)))

    def conditions(self) -> dict[ConditionType, Condition]:
        status = reported(manual(**RED), self.WAITING)
        return {each.type: each for each in status.conditions}

    def test_the_set_is_ready(self) -> None:
        ready = self.conditions()[ConditionType.READY]
        assert (ready.status, ready.reason) == (ConditionStatus.TRUE, Reason.WAITING_FOR_APPROVAL)
        assert ready.message == f"all 3 members are in service; waiting for approval: {A}"

    def test_it_is_not_settled_and_nothing_is_wrong(self) -> None:
        now = self.conditions()
        reconciling = now[ConditionType.RECONCILING]
        assert reconciling.status is ConditionStatus.TRUE
        assert reconciling.reason is Reason.WAITING_FOR_APPROVAL
        assert now[ConditionType.STALLED].status is ConditionStatus.FALSE

    def test_it_is_not_up_to_date_and_says_why(self) -> None:
        current = self.conditions()[ConditionType.UP_TO_DATE]
        assert current.status is ConditionStatus.FALSE
        assert current.reason is Reason.WAITING_FOR_APPROVAL
        assert current.message.startswith("to be restarted, once that is approved: mongo-0: ")

    def test_members_that_are_to_leave_say_why_they_stay(self) -> None:
        status = reported(manual(3), running(manual(3), config(range(5))))
        said = next(
            each for each in status.conditions if each.type is ConditionType.MEMBERS_IN_SYNC
        )
        assert (said.status, said.reason) == (ConditionStatus.FALSE, Reason.WAITING_FOR_APPROVAL)
        assert said.message.startswith("to leave the configuration, once that is approved: mongo-3")

    def test_a_member_that_is_down_goes_before(self) -> None:
        observed = old(running(manual(**RED), down={1}))
        status = reported(manual(**RED), observed)
        ready = next(each for each in status.conditions if each.type is ConditionType.READY)
        assert ready.status is ConditionStatus.FALSE
        assert only(status.waiting_for_approval or ()).id == A

    def test_the_status_has_the_plan_with_its_id(self) -> None:
        status = reported(manual(**RED), self.WAITING)
        assert status.waiting_for_approval == (WaitingPlan(id=A, plan=status.plan or ""),)
        assert (status.phase, status.observed_generation) == ("WaitingForApproval", 1)

    def test_it_says_nothing_once_it_runs(self) -> None:
        status = reported(manual(approved=A, **RED), self.WAITING)
        assert (status.waiting_for_approval, status.phase) == (None, "Updating")

    def test_it_does_not_flutter(self) -> None:
        observed = after(manual(**RED), self.WAITING)
        assert not is_worth_writing(observed.status, reported(manual(**RED), observed))


class TestNews:
    """People are told once of each plan that waits, and of each approval that is void."""

    def told(self, before: Status, now: Status) -> dict[EventReason, bool]:
        return {each.reason: each.is_warning for each in news([], before, now)}

    def test_a_plan_that_waits(self) -> None:
        desired = manual(**RED)
        ready = reported(desired, running(desired))
        waits = reported(desired, old(running(desired)))
        assert self.told(ready, waits) == {EventReason.APPROVAL_NEEDED: False}
        assert self.told(waits, waits) == {}
        other = reported(manual(**GREEN), old(running(desired)))
        assert self.told(waits, other) == {EventReason.APPROVAL_NEEDED: False}

    def test_an_approval_that_is_void(self) -> None:
        desired = manual(**GREEN)
        before = reported(desired, old(running(desired)))
        now = reported(manual(approved=A, **GREEN), old(running(desired)))
        assert self.told(before, now) == {EventReason.APPROVAL_VOID: True}
        assert self.told(now, now) == {}

    def test_not_an_approval_that_was_carried_out(self) -> None:
        desired = manual(approved=A, **RED)
        before = reported(desired, old(running(desired)))
        assert EventReason.APPROVAL_VOID not in self.told(
            before, reported(desired, running(desired))
        )
