"""The conditions of a set: what is true about it, each with its reason and a way out."""

from collections.abc import Iterator, Sequence

from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import ReplicaSetConfig
from mongors.observed.observed import Observed
from mongors.planning.actions import GrowClaim
from mongors.planning.entries import differs, settings_differ
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.planning.recorded import record_of
from mongors.planning.safety import counting_voters, serving_voters
from mongors.planning.steps.roll import outdated

Fact = tuple[ConditionStatus, Reason, str]

TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN


def conditions_of(
    desired: Desired, observed: Observed, plan: Plan, outcomes: Sequence[Outcome]
) -> Iterator[Condition]:
    """All conditions of one pass, undated."""
    facts: dict[ConditionType, Fact] = {
        ConditionType.READY: ready(desired, observed, plan, outcomes),
        ConditionType.RECONCILING: _reconciling(plan, outcomes),
        ConditionType.STALLED: _stalled(plan, outcomes),
        ConditionType.SPEC_VALID: (TRUE, Reason.SPEC_ACCEPTED, "the spec can be followed"),
        ConditionType.PRIMARY_ELECTED: _primary(desired, observed),
        ConditionType.MAJORITY_HEALTHY: _majority(desired, observed),
        ConditionType.MEMBERS_IN_SYNC: _in_sync(desired, observed),
        ConditionType.UP_TO_DATE: _up_to_date(desired, observed),
        ConditionType.FAULT_TOLERANT: _fault_tolerant(desired, observed),
    }
    if (forced := record_of(desired, observed).forced) is not None:
        facts[ConditionType.DATA_LOSS_POSSIBLE] = (TRUE, Reason.FORCED, forced)
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
        return FALSE, Reason.MEMBERS_NOT_READY, f"{have} of {wanted} members are in service"
    return TRUE, Reason.ALL_MEMBERS_HEALTHY, f"all {wanted} members are in service"


def _under_way(
    desired: Desired, observed: Observed, plan: Plan, outcomes: Sequence[Outcome]
) -> Fact | None:
    """What stands between the set and Ready: a failure, a step, a wait, a new generation."""
    failures = (each for each in outcomes if each.failure)
    failed = next((each for each in failures if not isinstance(each.action, GrowClaim)), None)
    if failed is not None:
        return FALSE, Reason.PROGRESSING, f"{failed.action} failed: {failed.failure}"
    if plan.step is not None:
        return FALSE, Reason.PROGRESSING, str(plan.step)
    harmful = [wait for wait in plan.waits if not wait.is_harmless]
    if harmful:
        return FALSE, harmful[0].reason, harmful[0].message
    if plan.upkeep and observed.status.observed_generation != desired.generation:
        return FALSE, Reason.PROGRESSING, str(plan.upkeep[0])
    return None


def _reconciling(plan: Plan, outcomes: Sequence[Outcome]) -> Fact:
    if plan.waits_for_people or (plan.is_empty and not outcomes):
        return FALSE, Reason.SETTLED, "nothing is under way"
    if plan.step is None and not plan.waits and not any(each.failure for each in outcomes):
        return FALSE, Reason.SETTLED, "nothing is under way"
    return TRUE, Reason.PROGRESSING, plan.sentence() or "at work"


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
    seen = observed.primary_seen_by_others
    if seen is not None:
        said = f"{seen} is primary, as other members see it, but does not answer the operator"
        return UNKNOWN, Reason.MEMBER_UNREACHABLE, said
    if observed.was_initiated and not any(each.answered for each in observed.answers.values()):
        return UNKNOWN, Reason.MEMBER_UNREACHABLE, "no member answers the operator"
    return FALSE, Reason.NO_PRIMARY, "no member says that it is primary"


def _majority(desired: Desired, observed: Observed) -> Fact:
    config = observed.config
    if config is None:
        if observed.was_initiated:
            return UNKNOWN, Reason.UNKNOWN, "no member shows its configuration"
        return FALSE, Reason.INITIATING, "the set is not initiated yet"
    votes = counting_voters(config, observed)
    needed = votes // 2 + 1
    healthy = min(votes, _healthy_voters(desired, config, observed))
    said = f"{healthy} of {votes} voters are in service, {needed} are needed"
    if healthy < needed:
        return FALSE, Reason.MAJORITY_LOST, f"{said}; {_survivors(desired, observed)}"
    at_risk = healthy == needed and healthy < votes
    return TRUE, Reason.MAJORITY_AT_RISK if at_risk else Reason.MAJORITY_REACHABLE, said


def _survivors(desired: Desired, observed: Observed) -> str:
    """Who is up, and how far each of them is."""
    up = [
        f"{desired.names.pod(ordinal)} is up and has applied {answer.applied or 'nothing known'}"
        for ordinal, answer in sorted(observed.answers.items())
        if answer.state.serves
    ]
    return "; ".join(up) or "no member is up"


def _healthy_voters(desired: Desired, config: ReplicaSetConfig, observed: Observed) -> int:
    if observed.primary is not None:
        return serving_voters(config, observed)
    hosts = {desired.names.host(each) for each in observed.answers if observed.state(each).serves}
    return sum(member.host in hosts for member in config.voters)


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
    lists = {
        "not pods of this set, left alone": strange,
        "not in the configuration yet": missing,
        "to leave the configuration": leaving,
        "with other votes or options than wanted": other,
    }
    parts = [f"{what}: {', '.join(hosts)}" for what, hosts in lists.items() if hosts]
    if settings_differ(desired, config):
        parts.append("settings of the set differ from spec.settings")
    if parts:
        reason = Reason.UNKNOWN_MEMBERS if strange else Reason.CONFIGURATION_DIFFERS
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


def _fault_tolerant(desired: Desired, observed: Observed) -> Fact:
    config = observed.config
    if config is None or observed.primary is None:
        return UNKNOWN, Reason.NO_PRIMARY, "nothing can be said without a primary"
    votes = counting_voters(config, observed)
    if votes == 1:
        return FALSE, Reason.SINGLE_MEMBER, "the only member is a single point of failure"
    if votes == 2:
        return FALSE, Reason.TWO_MEMBERS, "losing one of two voters stops writes"
    healthy = [member for member in config.voters if observed.is_healthy(member.host)]
    hosts: dict[str, int] = {}
    for member in healthy:
        ordinal = desired.names.ordinal_of_host(member.host)
        pod = observed.pods.get(ordinal) if ordinal is not None else None
        node = (pod.node if pod else None) or member.host
        hosts[node] = hosts.get(node, 0) + 1
    node, most = max(hosts.items(), key=lambda item: item[1], default=("", 0))
    if len(healthy) - most <= votes // 2:
        said = f"losing node {node} would leave {len(healthy) - most} of {votes} voters"
        return FALSE, Reason.MAJORITY_AT_RISK, said
    said = "losing any one member or node keeps a majority"
    return TRUE, Reason.TOLERATES_ANY_LOSS, said
