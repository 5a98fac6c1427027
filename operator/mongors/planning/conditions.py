"""The conditions of a set: what is true about it, each with its reason and a way out."""

from collections.abc import Iterator, Sequence

from mongors.api.conditions import Condition, ConditionType, Reason
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import GrowClaim
from mongors.planning.approval import is_given, removal_id, restart_id
from mongors.planning.entries import differs, settings_differ
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.planning.quorum import FALSE, TRUE, UNKNOWN, Fact, fault_tolerant, majority
from mongors.planning.recorded import record_of
from mongors.planning.steps.roll import outdated


def conditions_of(
    desired: Desired, observed: Observed, plan: Plan, outcomes: Sequence[Outcome]
) -> Iterator[Condition]:
    """All conditions of one pass, undated."""
    stalled = _stalled(plan, outcomes)
    facts: dict[ConditionType, Fact] = {
        ConditionType.READY: ready(desired, observed, plan, outcomes),
        ConditionType.RECONCILING: _reconciling(plan, outcomes, stalled),
        ConditionType.STALLED: stalled,
        ConditionType.SPEC_VALID: (TRUE, Reason.SPEC_ACCEPTED, "the spec can be followed"),
        ConditionType.PRIMARY_ELECTED: _primary(desired, observed),
        ConditionType.MAJORITY_HEALTHY: majority(desired, observed),
        ConditionType.MEMBERS_IN_SYNC: _in_sync(desired, observed),
        ConditionType.UP_TO_DATE: _up_to_date(desired, observed),
        ConditionType.FAULT_TOLERANT: fault_tolerant(desired, observed),
    }
    record = record_of(desired, observed)
    if record.forced is not None:
        facts[ConditionType.DATA_LOSS_POSSIBLE] = (TRUE, Reason.FORCED, record.forced)
    elif record.perhaps_forced is not None:
        said = (TRUE, Reason.PERHAPS_FORCED, record.perhaps_forced)
        facts[ConditionType.DATA_LOSS_POSSIBLE] = said
    for kind, (status, reason, message) in facts.items():
        yield Condition(
            type=kind,
            status=status,
            reason=reason,
            message=message,
            observed_generation=desired.generation,
        )


def serving(desired: Desired, observed: Observed) -> int:
    """How many of the wanted members are in service."""
    return sum(observed.state(member.ordinal).serves for member in desired.members)


def ready(desired: Desired, observed: Observed, plan: Plan, outcomes: Sequence[Outcome]) -> Fact:
    """Ready means proven in this pass: a primary, and every wanted member serves and counts."""
    wanted, have = len(desired.members), serving(desired, observed)
    if desired.spec.paused and observed.primary is not None and have == wanted:
        return TRUE, Reason.PAUSED, f"{have} of {wanted} members serve; the operator is paused"
    under_way = _under_way(desired, observed, plan, outcomes)
    if under_way is not None:
        return under_way
    if observed.primary is None or have < wanted:
        return FALSE, Reason.MEMBERS_NOT_READY, _absent(desired, observed, have)
    waiting = [wait.approval for wait in plan.waits if wait.approval is not None]
    if waiting:
        said = f"all {wanted} members are in service; waiting for approval: {', '.join(waiting)}"
        return TRUE, Reason.WAITING_FOR_APPROVAL, said
    return TRUE, Reason.ALL_MEMBERS_HEALTHY, f"all {wanted} members are in service"


def _absent(desired: Desired, observed: Observed, have: int) -> str:
    """How many members are in service, and who is not."""
    states = {each.ordinal: observed.state(each.ordinal) for each in desired.members}
    named = ", ".join(
        f"{desired.names.pod(ordinal)} is {state.value}"
        for ordinal, state in states.items()
        if not state.serves
    )
    return f"{have} of {len(states)} members are in service{': ' * bool(named)}{named}"


def _under_way(
    desired: Desired, observed: Observed, plan: Plan, outcomes: Sequence[Outcome]
) -> Fact | None:
    """What stands between the set and Ready: a failure, a step, a wait, a new generation."""
    failed = next((each for each in outcomes if each.failure and not each.is_aside), None)
    if failed is not None:
        return FALSE, Reason.PROGRESSING, f"{failed.action} failed: {failed.failure}"
    if plan.step is not None:
        return FALSE, Reason.PROGRESSING, str(plan.step)
    harmful = [wait for wait in plan.waits if not wait.is_harmless]
    if harmful:
        return FALSE, harmful[0].reason, harmful[0].message
    begun = [each for each in plan.upkeep if not isinstance(each, GrowClaim)]
    if begun and observed.status.observed_generation != desired.generation:
        return FALSE, Reason.PROGRESSING, str(begun[0])
    return None


def _reconciling(plan: Plan, outcomes: Sequence[Outcome], stalled: Fact) -> Fact:
    """Never beside Stalled: tools that follow both would not know what to wait for."""
    if stalled[0] is TRUE:
        return FALSE, stalled[1], "the condition Stalled says what holds it up"
    if plan.waits_for_people or (plan.is_empty and not outcomes):
        return FALSE, Reason.SETTLED, "nothing is under way"
    if plan.step is None and not plan.waits and not any(each.failure for each in outcomes):
        return FALSE, Reason.SETTLED, "nothing is under way"
    reason = plan.wait.reason if plan.wait else Reason.PROGRESSING
    return TRUE, reason, plan.sentence() or "at work"


def _stalled(plan: Plan, outcomes: Sequence[Outcome]) -> Fact:
    for outcome in outcomes:
        if outcome.missing_permission is not None:
            verb, resource = outcome.missing_permission
            return (
                TRUE,
                Reason.PERMISSION_MISSING,
                f"the operator may not {verb} {resource}: grant it that right; nothing else helps",
            )
        if outcome.is_final:
            return TRUE, Reason.API_REFUSED, f"{outcome.action}: {outcome.failure}"
    stalling = next((wait for wait in plan.waits if wait.stalls), None)
    if stalling is not None and plan.step is None:
        return TRUE, stalling.reason, stalling.message
    return FALSE, Reason.SETTLED, "nothing waits for a person"


def _primary(desired: Desired, observed: Observed) -> Fact:
    if observed.primary is not None:
        pod = desired.names.pod(observed.primary.ordinal)
        return TRUE, Reason.PRIMARY_ELECTED, f"{pod} is primary in term {observed.primary.term}"
    if observed.elected is not None:
        said = f"{desired.names.pod(observed.elected.ordinal)} was elected and takes no writes yet"
        return FALSE, Reason.WAITING_FOR_ELECTION, said
    seen = observed.primary_seen_by_others
    if seen is not None:
        said = f"{seen} is primary, as other members see it, but does not answer the operator"
        return UNKNOWN, Reason.MEMBER_UNREACHABLE, said
    if observed.was_initiated and not any(each.answered for each in observed.answers.values()):
        return UNKNOWN, Reason.MEMBER_UNREACHABLE, "no member answers the operator"
    return FALSE, Reason.NO_PRIMARY, "no member says that it is primary"


def _in_sync(desired: Desired, observed: Observed) -> Fact:
    config = observed.config
    if config is None:
        return FALSE, Reason.CONFIGURATION_DIFFERS, "there is no configuration yet"
    by_host = {each.host: each for each in desired.members}
    strange = sorted(
        each.host for each in config.members if desired.names.ordinal_of_host(each.host) is None
    )
    leaving = sorted(each.host for each in config.members if each.host not in {*by_host, *strange})
    missing = sorted(by_host.keys() - {each.host for each in config.members})
    other = sorted(
        each.host
        for each in config.members
        if each.host in by_host and differs(each, by_host[each.host])
    )
    waits = bool(leaving) and not is_given(desired, observed, removal_id(desired))
    lists = {
        "not pods of this set, left alone": strange,
        "not in the configuration yet": missing,
        f"to leave the configuration{', once that is approved' * waits}": leaving,
        "with other votes or options than wanted": other,
    }
    parts = [f"{what}: {', '.join(hosts)}" for what, hosts in lists.items() if hosts]
    if settings_differ(desired, config):
        parts.append("settings of the set differ from spec.settings")
    if parts:
        differing = Reason.WAITING_FOR_APPROVAL if waits else Reason.CONFIGURATION_DIFFERS
        reason = Reason.UNKNOWN_MEMBERS if strange else differing
        return FALSE, reason, "; ".join(parts)
    said = f"configuration version {config.version} is as wanted"
    return TRUE, Reason.CONFIGURATION_MATCHES, said


def _up_to_date(desired: Desired, observed: Observed) -> Fact:
    old = {
        pod.name: reason
        for _, pod in sorted(observed.pods.items())
        if (reason := outdated(desired, observed, pod)) is not None
    }
    if old:
        said = "; ".join(f"{pod}: {reason}" for pod, reason in old.items())
        if not is_given(desired, observed, restart_id(desired)):
            said = f"to be restarted, once that is approved: {said}"
            return FALSE, Reason.WAITING_FOR_APPROVAL, said
        return FALSE, Reason.TEMPLATE_OUTDATED, f"to be restarted: {said}"
    other = {
        desired.names.pod(answer.ordinal): ".".join(map(str, answer.version))
        for answer in observed.answers.values()
        if answer.version and ".".join(map(str, answer.version)) != desired.spec.version
    }
    if other:
        said = ", ".join(f"{pod} runs {version}" for pod, version in sorted(other.items()))
        return FALSE, Reason.VERSION_DIFFERS, f"spec.version is {desired.spec.version}, but {said}"
    return TRUE, Reason.TEMPLATE_CURRENT, "every pod runs the current template"
