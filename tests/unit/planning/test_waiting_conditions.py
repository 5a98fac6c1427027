"""Conditions of a set that has what it needs, and of one that was forced once."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import Parameter
from mongors.observed.observed import Observed
from mongors.observed.record import Record, recorded
from mongors.planning.actions import GrowClaim
from mongors.planning.conditions import conditions_of
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan, plan
from mongors.planning.report import report
from mongors.planning.waits import Wait
from unit.builders import (
    OLD_TEMPLATE,
    asking,
    changed,
    config,
    config_of,
    entry,
    host,
    running,
    statefulset,
    wanted,
    with_pod,
)

SET = wanted(3)
T, F = ConditionStatus.TRUE, ConditionStatus.FALSE
OPTIONS: list[dict[str, Any]] = [{"member": 2, "tags": {"dc": "east"}}]
HARMLESS = (
    Reason.SWITCHOVER_REFUSED,
    Reason.GROWTH_REFUSED,
    Reason.EXPORTER_REFUSED,
    Reason.GROWING,
    Reason.BEGIN_REFUSED,
    Reason.RECOVERY_REFUSED,
    Reason.RESYNC_REFUSED,
    Reason.WAITING_FOR_APPROVAL,
)
MOVES_BY_ITSELF = (Reason.GROWING, Reason.WAITING_FOR_APPROVAL)
"""No fault that anybody has to be alarmed of."""


def conditions(
    desired: Desired, observed: Observed, *outcomes: Outcome, planned: Plan | None = None
) -> dict[ConditionType, Condition]:
    """The conditions of a pass, by type."""
    planned = planned or plan(desired, observed)
    return {each.type: each for each in conditions_of(desired, observed, planned, outcomes)}


def test_nothing_is_both_stalled_and_reconciling() -> None:
    """Tools that follow both would not know what to wait for."""
    grow = GrowClaim("data-mongo-0", "uid", "20Gi")
    final = Outcome(grow, "the quota forbids it", is_final=True)
    for observed in (running(SET), running(SET, config(range(4)))):
        said = conditions(SET, observed, final)
        assert said[ConditionType.STALLED].status is T
        assert said[ConditionType.RECONCILING].status is F


class TestHarmlessWaits:
    """What a person asked for and does not get leaves the set as ready as it was."""

    @pytest.mark.parametrize("reason", HARMLESS)
    def test_leave_the_set_ready(self, reason: Reason) -> None:
        planned = Plan(waits=(Wait(reason, "why"),))
        said = conditions(SET, running(SET), planned=planned)
        assert said[ConditionType.READY].status is T
        stalled = said[ConditionType.STALLED]
        assert stalled.status is (F if reason in MOVES_BY_ITSELF else T)

    def test_are_told_beside_what_is_not_harmless(self) -> None:
        waits = (Wait(Reason.GROWTH_REFUSED, "why"), Wait(Reason.ROLLING, "later"))
        said = conditions(SET, running(SET), planned=Plan(waits=waits))
        assert (said[ConditionType.READY].status, said[ConditionType.READY].reason) == (
            F,
            Reason.ROLLING,
        )
        assert said[ConditionType.STALLED].message == "why"
        assert Plan(waits=waits).sentence() == "later"

    def test_hold_of_a_switchover_that_is_refused(self) -> None:
        desired = asking(SET, primary="mongo-9")
        said = conditions(desired, running(desired))
        assert said[ConditionType.READY].status is T
        assert said[ConditionType.STALLED].reason is Reason.SWITCHOVER_REFUSED

    @pytest.mark.parametrize("reason", sorted(set(Reason) - {*HARMLESS}))
    def test_are_no_others(self, reason: Reason) -> None:
        planned = Plan(waits=(Wait(reason, "why"),))
        condition = conditions(SET, running(SET), planned=planned)[ConditionType.READY]
        assert (condition.status, condition.reason) == (F, reason)

    def test_a_volume_that_does_not_grow_is_one(self) -> None:
        """F47: the set is as ready as before; people are told what to do."""
        outcome = Outcome(GrowClaim("data-mongo-0", "uid", "5Gi"), "quota", is_final=True)
        said = conditions(SET, running(SET), outcome)
        assert said[ConditionType.READY].status is T
        assert said[ConditionType.STALLED].reason is Reason.API_REFUSED


class TestDataLossPossible:
    """Rule 29: once something was forced, that is said for ever."""

    FORCED = "mongo-0 went on alone from configuration version 4"

    def test_is_not_said_before(self) -> None:
        assert ConditionType.DATA_LOSS_POSSIBLE not in conditions(SET, running(SET))

    def test_is_said_from_the_secret(self) -> None:
        observed = running(SET)
        observed = replace(observed, record=replace(observed.record, forced=self.FORCED))
        condition = conditions(SET, observed)[ConditionType.DATA_LOSS_POSSIBLE]
        assert (condition.status, condition.reason) == (T, Reason.FORCED)
        assert condition.message == self.FORCED

    def test_is_said_from_the_status_alone(self) -> None:
        """Rule 2: a Secret that was restored from a backup does not undo it."""
        observed = running(SET)
        observed = replace(observed, record=replace(observed.record, forced=self.FORCED))
        status = report(SET, observed, plan(SET, observed), [])
        assert recorded({}, status).forced == self.FORCED
        again = replace(running(SET), record=recorded({}, status), status=status)
        assert ConditionType.DATA_LOSS_POSSIBLE in conditions(SET, again)


class TestUpToDate:
    """Whether every pod runs what is wanted."""

    def test_names_each_pod_with_its_reason(self) -> None:
        desired = wanted(3, configuration={"setParameter": {"notablescan": True}})
        observed = with_pod(running(desired), 1, template=OLD_TEMPLATE)
        known = {"notablescan": Parameter(False, settable_live=False)}
        observed = changed(with_pod(observed, 2, parameters={}), 2, parameters=known)
        condition = conditions(desired, observed)[ConditionType.UP_TO_DATE]
        assert (condition.status, condition.reason) == (F, Reason.TEMPLATE_OUTDATED)
        assert condition.message == (
            "to be restarted: mongo-1: its pod template is outdated; "
            "mongo-2: notablescan can only be set at start"
        )

    def test_holds_with_what_can_be_set_live(self) -> None:
        desired = wanted(3, configuration={"setParameter": {"cursorTimeoutMillis": 5}})
        known = {"cursorTimeoutMillis": Parameter(5, settable_live=True)}
        observed = changed(with_pod(running(desired), 2, parameters={}), 2, parameters=known)
        assert conditions(desired, observed)[ConditionType.UP_TO_DATE].status is T

    def test_goes_by_the_pods_and_not_by_the_statefulset(self) -> None:
        old = statefulset(SET, 3, template=OLD_TEMPLATE)
        observed = replace(running(SET), statefulset=old)
        assert conditions(SET, observed)[ConditionType.UP_TO_DATE].status is T


class TestMembersInSync:
    """Whether the live configuration is the wanted one."""

    def said(self, desired: Desired, observed: Observed) -> Condition:
        return conditions(desired, observed)[ConditionType.MEMBERS_IN_SYNC]

    def test_holds_with_all_options(self) -> None:
        desired = wanted(3, memberOptions=OPTIONS, settings={"chainingAllowed": False})
        assert self.said(desired, running(desired)).status is T

    def test_tells_of_other_options(self) -> None:
        desired = wanted(3, memberOptions=OPTIONS)
        condition = self.said(desired, running(desired, config()))
        assert (condition.status, condition.reason) == (F, Reason.CONFIGURATION_DIFFERS)
        assert condition.message == f"with other votes or options than wanted: {host(2)}"

    def test_tells_of_other_settings(self) -> None:
        desired = wanted(3, settings={"chainingAllowed": False})
        condition = self.said(desired, running(desired, config()))
        assert condition.message == "settings of the set differ from spec.settings"

    def test_does_not_tell_of_settings_that_are_not_ours(self) -> None:
        live = config_of(SET)
        live = replace(live, settings={**live.settings, "getLastErrorModes": {"x": {"dc": 2}}})
        assert self.said(SET, running(SET, live)).status is T

    def test_names_strange_members_and_those_that_leave_apart(self) -> None:
        guest = replace(entry(9), host="mongo.example.com:27017")
        condition = self.said(SET, running(SET, config((0, 1, 2, 3, guest))))
        assert condition.reason is Reason.UNKNOWN_MEMBERS
        assert condition.message == (
            "not pods of this set, left alone: mongo.example.com:27017; "
            f"to leave the configuration: {host(3)}"
        )


def test_a_lost_majority_is_told_with_who_is_left() -> None:
    """Rule 29: whoever has to choose must see how far each of them is."""
    condition = conditions(SET, running(SET, primary=None, down={1, 2}))[
        ConditionType.MAJORITY_HEALTHY
    ]
    assert condition.message == (
        "1 of 3 voters are in service, 2 are needed; mongo-0 is up and has applied 1000:1 of term 3"
    )
    none = changed(running(SET, primary=None, down={1, 2}), 0, applied=None)
    said = conditions(SET, none)[ConditionType.MAJORITY_HEALTHY].message
    assert said.endswith("mongo-0 is up and has applied nothing known")
    nobody = conditions(SET, running(SET, primary=None, down={0, 1, 2}))
    assert nobody[ConditionType.MAJORITY_HEALTHY].status is ConditionStatus.UNKNOWN


def test_a_record_alone_says_nothing_of_a_loss() -> None:
    observed = replace(running(SET), record=Record("x", recovery="x/mongo-0/4"))
    assert ConditionType.DATA_LOSS_POSSIBLE not in conditions(SET, observed)
