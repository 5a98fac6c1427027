"""The status of a set, from what was desired, seen, planned and done in one pass."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, combinations

from mongors.api.approval import WaitingPlan
from mongors.api.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    Reason,
    merge,
)
from mongors.api.quantity import is_smaller
from mongors.api.status import Binding, MemberStatus, Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import OPTIONAL
from mongors.observed.kubernetes import Claim
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import Step
from mongors.planning.conditions import conditions_of, serving
from mongors.planning.disruptions import spent_approval
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.planning.recorded import record_of
from mongors.planning.steps.preference import attempt_of
from mongors.planning.steps.switchover import is_fulfilled
from mongors.planning.steps.users import users_mark

_LAG_STEPS = (10, 30, 60, 300, 900, 3600)


def report(desired: Desired, observed: Observed, plan: Plan, outcomes: Sequence[Outcome]) -> Status:
    """The status to write. It holds nothing that wanders from pass to pass of an idle set."""
    conditions = merge(
        observed.status.conditions,
        tuple(conditions_of(desired, observed, plan, outcomes)),
        observed.at,
    )
    config, primary, record = observed.config, observed.primary, record_of(desired, observed)
    have, wanted = serving(desired, observed), len(desired.members)
    return Status(
        observed_generation=desired.generation,
        phase=phase_of(desired, observed, conditions),
        conditions=conditions,
        members=len(observed.pods),
        ready_members=have,
        ready=f"{have}/{wanted}",
        selector=",".join(f"{k}={v}" for k, v in labels.selector(desired.names.name).items()),
        primary=desired.names.pod(primary.ordinal) if primary else None,
        version=_version(observed),
        feature_compatibility_version=(
            primary.fcv if primary else observed.status.feature_compatibility_version
        ),
        replica_set_id=record.replica_set_id,
        config_version=config.version if config else None,
        config_term=config.term if config else None,
        voting_members=len(config.voters) if config else None,
        highest_member_id=record.highest_member_id,
        member_status=tuple(
            _member(desired, observed, ordinal) for ordinal in sorted(observed.pods)
        ),
        binding=_binding(desired, observed),
        waiting_for_approval=_waiting_plans(plan),
        spent_approval=spent_approval(desired, observed),
        canary=observed.canary,
        plan=plan.sentence(),
        attempted_switchover=attempt_of(desired, observed, _taken(plan, outcomes)),
        last_switchover=(
            desired.asked.primary
            if is_fulfilled(desired, observed) or desired.asked.primary is None
            else observed.status.last_switchover
        ),
    )


def _waiting_plans(plan: Plan) -> tuple[WaitingPlan, ...] | None:
    """The plans that a person may approve now."""
    held = (
        WaitingPlan(id=wait.approval, plan=wait.message)
        for wait in plan.waits
        if wait.approval is not None
    )
    return tuple(held) or None


def _taken(plan: Plan, outcomes: Sequence[Outcome]) -> Step | None:
    """The step of the plan, unless it was not begun, or found at once to be out of place."""
    begun = any(each.action == plan.step and not each.was_refused for each in outcomes)
    return plan.step if begun else None


def refused(status: Status, generation: int, problems: Sequence[str], at: datetime) -> Status:
    """The status of a set whose spec cannot be followed; what runs keeps running."""
    said = "; ".join(problems) + ". Nothing was changed; correct the spec"
    facts = {
        ConditionType.READY: ConditionStatus.FALSE,
        ConditionType.RECONCILING: ConditionStatus.FALSE,
        ConditionType.STALLED: ConditionStatus.TRUE,
        ConditionType.SPEC_VALID: ConditionStatus.FALSE,
    }
    now = tuple(
        Condition(
            type=kind,
            status=holds,
            reason=Reason.SPEC_INVALID,
            message=said,
            observed_generation=generation,
        )
        for kind, holds in facts.items()
    )
    kept = tuple(each for each in status.conditions if each.type not in facts)
    return status.model_copy(
        update={
            "observed_generation": generation,
            "phase": "Stalled",
            "plan": said,
            "conditions": merge(status.conditions, (*now, *kept), at),
        }
    )


def phase_of(desired: Desired, observed: Observed, conditions: Sequence[Condition]) -> str:
    """The situation in one word, for people: the first that fits."""
    holds = {each.type for each in conditions if each.status is ConditionStatus.TRUE}
    reasons = {each.reason for each in conditions if each.type is ConditionType.READY}
    words = {
        "Paused": desired.spec.paused,
        "WaitingForApproval": Reason.WAITING_FOR_APPROVAL in reasons,
        "Ready": ConditionType.READY in holds,
        "Stalled": ConditionType.STALLED in holds,
        "Creating": observed.record.users_made is None,
        "NoPrimary": observed.primary is None,
        "Scaling": ConditionType.MEMBERS_IN_SYNC not in holds,
        "Degraded": serving(desired, observed) < len(desired.members),
    }
    return next((word for word, fits in words.items() if fits), "Updating")


def is_worth_writing(before: Status, after: Status) -> bool:
    """Whether more differs than what wanders: lag, sync sources and failures only go along."""
    return _steady(before) != _steady(after)


def _steady(status: Status) -> dict[str, object]:
    wire = status.to_wire()
    for member in wire.get("memberStatus", ()):
        member.pop("lagSeconds", None)
        member.pop("syncSource", None)
    wire.get("canary", {}).pop("failures", None)
    return wire


def _member(desired: Desired, observed: Observed, ordinal: int) -> MemberStatus:
    pod, claim = observed.pods[ordinal], observed.claims.get(ordinal)
    host = desired.names.host(ordinal)
    answer = observed.answers.get(ordinal)
    entry = observed.config.member(host) if observed.config else None
    view = observed.view_of(host)
    state = answer.state if answer else (view.state if view else State.UNREACHABLE)
    return MemberStatus(
        name=pod.name,
        ordinal=ordinal,
        id=entry.id if entry else None,
        host=host,
        state=state.value,
        health=int(view.healthy) if view else None,
        votes=entry.votes if entry else None,
        priority=entry.priority if entry else None,
        hidden=entry.hidden or None if entry else None,
        delay_seconds=entry.delay_seconds or None if entry else None,
        storage=claim.capacity if claim else None,
        storage_requested=_still_to_grow(claim),
        lag_seconds=coarse_lag(observed.lag_seconds(host)),
        sync_source=view.sync_source if view else None,
        claim_uid=claim.uid if claim else None,
        version=".".join(map(str, answer.version)) if answer and answer.version else None,
    )


def _still_to_grow(claim: Claim | None) -> str | None:
    if claim is None or claim.requested is None or not claim.capacity:
        return None
    return claim.requested if is_smaller(claim.capacity, claim.requested) else None


def coarse_lag(seconds: float | None) -> int | None:
    """A lag in steps, so that status does not flutter: 0 stands for below 10 s."""
    if seconds is None:
        return None
    return max((step for step in _LAG_STEPS if seconds >= step), default=0)


def _version(observed: Observed) -> str | None:
    """The version that all members run; the lowest while they differ."""
    versions = [each.version for each in observed.answers.values() if each.version]
    return ".".join(map(str, min(versions))) if versions else observed.status.version


def _binding(desired: Desired, observed: Observed) -> Binding | None:
    known = observed.record.users_made
    some = chain.from_iterable(combinations(OPTIONAL, count) for count in range(len(OPTIONAL) + 1))
    made = known is not None and known in (users_mark(desired, observed, each) for each in some)
    return Binding(name=desired.names.connection) if made else None
