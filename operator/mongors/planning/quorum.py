"""The conditions about the majority: whether it is there, and what it can bear."""

from collections import Counter

from mongors.api.conditions import ConditionStatus, Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import ReplicaSetConfig
from mongors.observed.observed import Observed
from mongors.planning.catching_up import falling_behind
from mongors.planning.safety import counting_voters, serving_voters

Fact = tuple[ConditionStatus, Reason, str]

_RUNS_OUT = (
    "has less than half of the primary's oplog left to catch up from; beyond its end all data must "
    "be copied anew. Bring it back, find what slows it down, or enlarge the oplog "
    "(replSetResizeOplog)"
)

TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN


def majority(desired: Desired, observed: Observed) -> Fact:
    """Whether a majority of the voters is in service, and who is left if not."""
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


def fault_tolerant(desired: Desired, observed: Observed) -> Fact:
    """Whether any one member, node or zone may be lost."""
    config = observed.config
    if config is None or observed.primary is None:
        return UNKNOWN, Reason.NO_PRIMARY, "nothing can be said without a primary"
    if behind := falling_behind(observed):
        return FALSE, Reason.FALLING_BEHIND, f"{', '.join(behind)} {_RUNS_OUT}"
    votes = counting_voters(config, observed)
    if votes == 1:
        return FALSE, Reason.SINGLE_MEMBER, "the only member is a single point of failure"
    if votes == 2:
        return FALSE, Reason.TWO_MEMBERS, "losing one of two voters stops writes"
    healthy = [member.host for member in config.voters if observed.is_healthy(member.host)]
    for kind in ("node", "zone"):
        places = Counter(_place(desired, observed, host, kind) for host in healthy)
        place, most = max(places.items(), key=lambda item: item[1], default=("", 0))
        if len(healthy) - most <= votes // 2:
            said = f"losing {place} would leave {len(healthy) - most} of {votes} voters"
            return FALSE, Reason.MAJORITY_AT_RISK, said
    said = "losing any one member, node or zone keeps a majority"
    return TRUE, Reason.TOLERATES_ANY_LOSS, said


def _place(desired: Desired, observed: Observed, host: str, kind: str) -> str:
    """Where a member runs; one of which the node or the zone is not known is a place of its own."""
    ordinal = desired.names.ordinal_of_host(host)
    pod = observed.pods.get(ordinal) if ordinal is not None else None
    node = observed.node(pod) if pod else None
    name = node.zone if node and kind == "zone" else (pod.node if pod and kind == "node" else None)
    return f"{kind} {name}" if name else host
