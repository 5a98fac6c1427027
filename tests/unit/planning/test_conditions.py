"""Conditions: what is said to be true, proven in the same pass (rule 85)."""

from dataclasses import replace

import pytest

from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from mongors.api.status import Status
from mongors.desired.desired import Desired
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.conditions import conditions_of
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan, plan
from unit.builders import (
    OLD_TEMPLATE,
    changed,
    config,
    entry,
    host,
    running,
    unborn,
    wanted,
    with_pod,
    without,
)

SET = wanted(3)
T, F, U = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN

Said = tuple[ConditionStatus, Reason]


def conditions(
    desired: Desired, observed: Observed, *outcomes: Outcome, planned: Plan | None = None
) -> dict[ConditionType, Condition]:
    """The conditions of a pass, by type."""
    planned = planned or plan(desired, observed)
    return {each.type: each for each in conditions_of(desired, observed, planned, outcomes)}


def said(kind: ConditionType, desired: Desired, observed: Observed, *outcomes: Outcome) -> Said:
    """Status and reason of one condition."""
    condition = conditions(desired, observed, *outcomes)[kind]
    return condition.status, condition.reason


def failed(observed: Observed, **fields: object) -> Outcome:
    """The outcome of a planned correction that failed."""
    action = plan(SET, without(observed, ("Service", "mongo"))).upkeep[0]
    return replace(Outcome(action, "it broke"), **fields)  # type: ignore[arg-type]


def test_every_condition_speaks_of_the_generation_that_was_looked_at() -> None:
    """Rule 85."""
    desired = wanted(3, generation=7)
    assert {
        each.observed_generation for each in conditions(desired, running(desired)).values()
    } == {7}


def test_a_healthy_set_is_all_that_it_should_be() -> None:
    assert {
        kind: (each.status, each.reason) for kind, each in conditions(SET, running(SET)).items()
    } == {
        ConditionType.READY: (T, Reason.ALL_MEMBERS_HEALTHY),
        ConditionType.RECONCILING: (F, Reason.SETTLED),
        ConditionType.STALLED: (F, Reason.SETTLED),
        ConditionType.SPEC_VALID: (T, Reason.SPEC_ACCEPTED),
        ConditionType.PRIMARY_ELECTED: (T, Reason.PRIMARY_ELECTED),
        ConditionType.MAJORITY_HEALTHY: (T, Reason.MAJORITY_REACHABLE),
        ConditionType.MEMBERS_IN_SYNC: (T, Reason.CONFIGURATION_MATCHES),
        ConditionType.UP_TO_DATE: (T, Reason.TEMPLATE_CURRENT),
        ConditionType.FAULT_TOLERANT: (T, Reason.TOLERATES_ANY_LOSS),
    }


class TestReady:
    """True only if this pass saw a primary, and every wanted member serve and count."""

    def test_is_false_with_a_member_down(self) -> None:
        assert said(ConditionType.READY, SET, running(SET, down={2})) == (
            F,
            Reason.WAITING_FOR_PODS,
        )

    def test_is_false_without_a_primary(self) -> None:
        """Rule 85: three members that serve reads are not a set that takes writes."""
        assert said(ConditionType.READY, SET, running(SET, primary=None))[0] is F

    def test_is_false_in_the_pass_that_takes_a_step(self) -> None:
        observed = running(SET, config(range(4)))
        condition = conditions(SET, observed)[ConditionType.READY]
        assert (condition.status, condition.reason) == (F, Reason.PROGRESSING)
        assert condition.message == f"take {host(3)} out of the configuration"

    def test_is_false_in_the_pass_that_first_sees_a_generation_and_acts(self) -> None:
        """Rule 85: a user who waits for Ready must not be told of the state before."""
        desired = wanted(3, generation=2)
        observed = without(running(desired), ("Service", "mongo"))
        observed = replace(observed, status=Status(observed_generation=1))
        assert said(ConditionType.READY, desired, observed)[0] is F
        seen = replace(observed, status=Status(observed_generation=2))
        assert said(ConditionType.READY, desired, seen)[0] is T

    def test_is_false_when_something_failed(self) -> None:
        observed = running(SET)
        condition = conditions(SET, observed, failed(observed))[ConditionType.READY]
        assert condition.status is F
        assert condition.message == "create Service mongo failed: it broke"

    def test_holds_in_a_paused_set_that_serves(self) -> None:
        """Rule 86: pausing the operator takes nothing from the set."""
        desired = wanted(3, paused=True)
        assert said(ConditionType.READY, desired, running(desired)) == (T, Reason.PAUSED)

    def test_fails_in_a_paused_set_that_does_not_serve(self) -> None:
        desired = wanted(3, paused=True)
        assert said(ConditionType.READY, desired, running(desired, down={1})) == (F, Reason.PAUSED)

    def test_is_false_when_a_member_serves_only_in_its_own_eyes(self) -> None:
        """An empty plan proves nothing if the members do not serve."""
        observed = running(SET, down={2})
        condition = conditions(SET, observed, planned=Plan())[ConditionType.READY]
        assert (condition.status, condition.reason) == (F, Reason.MEMBERS_NOT_READY)


class TestReconciling:
    """Whether the operator is at work, or waits for the system to follow."""

    def test_holds_during_a_step(self) -> None:
        assert said(ConditionType.RECONCILING, SET, running(SET, config(range(4))))[0] is T

    def test_holds_while_something_is_waited_for(self) -> None:
        said_so = said(ConditionType.RECONCILING, SET, running(SET, down={2}))
        assert said_so == (T, Reason.WAITING_FOR_PODS)

    def test_holds_while_a_failure_is_tried_again(self) -> None:
        observed = running(SET)
        assert said(ConditionType.RECONCILING, SET, observed, failed(observed))[0] is T

    def test_does_not_hold_while_people_are_waited_for(self) -> None:
        observed = without(running(SET), ("Secret", "mongo-keyfile"))
        assert said(ConditionType.RECONCILING, SET, observed)[0] is F

    def test_does_not_hold_for_mere_upkeep(self) -> None:
        observed = with_pod(running(SET), 1, role="other")
        assert said(ConditionType.RECONCILING, SET, observed)[0] is F


class TestStalled:
    """Whether nothing moves until somebody acts."""

    def test_holds_when_a_wait_is_for_people(self) -> None:
        observed = without(running(SET), ("Secret", "mongo-keyfile"))
        assert said(ConditionType.STALLED, SET, observed) == (T, Reason.KEY_FILE_MISSING)

    def test_does_not_hold_while_a_step_is_possible(self) -> None:
        observed = without(running(SET, config(range(4))), ("Secret", "mongo-keyfile"))
        assert said(ConditionType.STALLED, SET, observed)[0] is F

    def test_names_a_missing_permission(self) -> None:
        observed = running(SET)
        outcome = failed(observed, missing_permission=("patch", "services"))
        condition = conditions(SET, observed, outcome)[ConditionType.STALLED]
        assert (condition.status, condition.reason) == (T, Reason.PERMISSION_MISSING)
        assert "may not patch services" in condition.message

    def test_names_a_request_that_can_never_be_granted(self) -> None:
        observed = running(SET)
        outcome = failed(observed, is_final=True)
        assert said(ConditionType.STALLED, SET, observed, outcome) == (T, Reason.API_REFUSED)

    def test_does_not_hold_after_a_failure_that_may_pass(self) -> None:
        observed = running(SET)
        assert said(ConditionType.STALLED, SET, observed, failed(observed))[0] is F


class TestPrimaryElected:
    """Whether writes are accepted."""

    def test_is_false_when_nobody_claims_to_be_primary(self) -> None:
        observed = running(SET, primary=None)
        assert said(ConditionType.PRIMARY_ELECTED, SET, observed) == (F, Reason.NO_PRIMARY)

    def test_is_unknown_when_nobody_answers(self) -> None:
        """Rule 78: the set may well be served while the operator sees nothing."""
        observed = replace(running(SET), answers={})
        assert said(ConditionType.PRIMARY_ELECTED, SET, observed) == (
            U,
            Reason.MEMBER_UNREACHABLE,
        )

    def test_is_unknown_when_only_others_see_a_primary(self) -> None:
        """Rule 78: the operator's own way to it may be what is broken."""
        observed = running(SET)
        answers = {each: observed.answers[each] for each in (1, 2)}
        condition = conditions(SET, replace(observed, answers=answers))[
            ConditionType.PRIMARY_ELECTED
        ]
        assert (condition.status, condition.reason) == (U, Reason.MEMBER_UNREACHABLE)
        assert host(0) in condition.message


class TestMajorityHealthy:
    """Whether a majority of the votes that count is in service."""

    @pytest.mark.parametrize(
        ("down", "expected"),
        [
            (set(), (T, Reason.MAJORITY_REACHABLE)),
            ({2}, (T, Reason.MAJORITY_AT_RISK)),
            ({1, 2}, (F, Reason.MAJORITY_LOST)),
        ],
    )
    def test_counts_voters_as_the_primary_sees_them(self, down: set[int], expected: Said) -> None:
        assert said(ConditionType.MAJORITY_HEALTHY, SET, running(SET, down=down)) == expected

    def test_counts_voters_in_their_own_words_without_a_primary(self) -> None:
        observed = running(SET, primary=None, down={2})
        assert said(ConditionType.MAJORITY_HEALTHY, SET, observed)[0] is T
        observed = running(SET, primary=None, down={1, 2})
        assert said(ConditionType.MAJORITY_HEALTHY, SET, observed)[0] is F

    def test_does_not_count_members_without_a_vote(self) -> None:
        desired = wanted(4)
        observed = running(desired, primary=None, down={1, 2})
        assert said(ConditionType.MAJORITY_HEALTHY, desired, observed)[0] is F

    def test_does_not_count_voters_that_have_yet_to_sync(self) -> None:
        """Scaling from 3 to 7 never looks like a lost majority."""
        desired = wanted(7)
        observed = running(desired, states=dict.fromkeys((3, 4, 5, 6), State.STARTUP2))
        observed = changed(observed, 0, voting_members=3)
        assert said(ConditionType.MAJORITY_HEALTHY, desired, observed)[0] is T
        assert said(ConditionType.FAULT_TOLERANT, desired, observed)[0] is T

    def test_is_false_before_the_birth(self) -> None:
        assert said(ConditionType.MAJORITY_HEALTHY, SET, unborn(SET)) == (F, Reason.INITIATING)

    def test_is_unknown_when_no_member_shows_its_configuration(self) -> None:
        observed = replace(running(SET), answers={})
        assert said(ConditionType.MAJORITY_HEALTHY, SET, observed) == (U, Reason.UNKNOWN)


class TestMembersInSync:
    """Whether the live configuration is the wanted one."""

    def test_is_false_before_the_birth(self) -> None:
        assert said(ConditionType.MEMBERS_IN_SYNC, SET, unborn(SET))[0] is F

    def test_names_members_that_are_missing(self) -> None:
        observed = running(SET, config((0, 1)))
        condition = conditions(SET, observed)[ConditionType.MEMBERS_IN_SYNC]
        assert condition.message == f"not in the configuration yet: {host(2)}"

    def test_names_members_that_are_no_pods_of_the_set(self) -> None:
        guest = replace(entry(9), host="mongo.example.com:27017")
        observed = running(SET, config((0, 1, 2, guest)))
        condition = conditions(SET, observed)[ConditionType.MEMBERS_IN_SYNC]
        assert condition.status is F
        assert condition.message == ("not pods of this set, left alone: mongo.example.com:27017")

    def test_tells_of_other_votes(self) -> None:
        observed = running(wanted(4), config(range(4)))
        condition = conditions(wanted(4), observed)[ConditionType.MEMBERS_IN_SYNC]
        assert condition.message == (f"with other votes or options than wanted: {host(3)}")


class TestUpToDate:
    """Whether any pod runs an old template."""

    def test_names_pods_of_an_older_template(self) -> None:
        observed = with_pod(running(SET), 1, template=OLD_TEMPLATE)
        condition = conditions(SET, observed)[ConditionType.UP_TO_DATE]
        assert (condition.status, condition.reason) == (F, Reason.TEMPLATE_OUTDATED)
        assert condition.message == ("to be restarted: mongo-1: its pod template is outdated")


class TestFaultTolerant:
    """Whether any one member or node can be lost."""

    @pytest.mark.parametrize(
        ("members", "expected"),
        [(1, (F, Reason.SINGLE_MEMBER)), (2, (F, Reason.TWO_MEMBERS))],
    )
    def test_is_false_for_sets_too_small(self, members: int, expected: Said) -> None:
        desired = wanted(members)
        assert said(ConditionType.FAULT_TOLERANT, desired, running(desired)) == expected

    def test_is_false_with_a_member_down(self) -> None:
        assert said(ConditionType.FAULT_TOLERANT, SET, running(SET, down={2})) == (
            F,
            Reason.MAJORITY_AT_RISK,
        )

    def test_is_false_with_two_members_on_a_node(self) -> None:
        observed = with_pod(running(SET), 1, node="node-0")
        condition = conditions(SET, observed)[ConditionType.FAULT_TOLERANT]
        assert condition.message == "losing node node-0 would leave 1 of 3 voters"

    def test_counts_a_member_without_a_known_node_for_itself(self) -> None:
        guest = replace(entry(9), host="mongo.example.com:27017")
        observed = with_pod(running(SET, config((0, 1, guest))), 1, node=None)
        assert said(ConditionType.FAULT_TOLERANT, SET, observed)[0] is T

    @pytest.mark.parametrize("observed", [unborn(SET), running(SET, primary=None)])
    def test_is_unknown_without_a_primary(self, observed: Observed) -> None:
        assert said(ConditionType.FAULT_TOLERANT, SET, observed)[0] is U

    @pytest.mark.parametrize(
        ("lag", "reach", "delay", "status"),
        [
            (51, 100, 0, F),
            (49, 100, 0, T),
            (51, None, 0, T),
            (9, 10, 0, T),
            (3651, 100, 3600, F),
            (3649, 100, 3600, T),
        ],
    )
    def test_is_false_while_a_member_may_soon_need_all_data(
        self, lag: float, reach: float | None, delay: int, status: ConditionStatus
    ) -> None:
        """Rule 44: it tells before it is too late."""
        late = replace(entry(2, votes=0), delay_seconds=delay, hidden=True)
        live = config((0, 1, late, 3))
        observed = changed(running(wanted(4), live, lag={2: lag}), 0, oplog_seconds=reach)
        condition = conditions(wanted(4), observed)[ConditionType.FAULT_TOLERANT]
        assert condition.status is status
        if status is F:
            assert condition.reason is Reason.FALLING_BEHIND
            assert condition.message.startswith(f"{host(2)} has less than half")
