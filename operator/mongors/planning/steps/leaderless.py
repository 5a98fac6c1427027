"""Without a primary: why there is none, and what a person can do about it."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.labels import BEGIN_ANEW, RECOVER
from mongors.observed.mongodb import Optime, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.safety import majority_serves, uncounted_voters
from mongors.planning.steps.anew import unfinished_copies
from mongors.planning.steps.confirming import left_behind, offer
from mongors.planning.steps.gate import is_held, knows_no_set
from mongors.planning.waits import Wait


def await_primary(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Without a primary there is nothing to do but to say why."""
    if observed.primary is not None:
        return
    config = observed.config
    if config is None:
        yield _without_config(desired, observed)
    elif _is_being_born(desired, observed, config):
        yield Wait(Reason.WAITING_FOR_ELECTION, "the founding members elect their first primary")
    else:
        yield _without_primary(desired, observed, config)


def _is_being_born(desired: Desired, observed: Observed, config: ReplicaSetConfig) -> bool:
    """Whether no users were made yet, and all voters are there to elect a primary."""
    made = observed.record.users_made is not None or observed.status.binding is not None
    ordinals = [desired.names.ordinal_of_host(member.host) for member in config.voters]
    states = [State.UNREACHABLE if each is None else observed.state(each) for each in ordinals]
    return not made and State.UNREACHABLE not in states


def _without_primary(desired: Desired, observed: Observed, config: ReplicaSetConfig) -> Wait:
    voters = len(config.voters)
    if observed.elected is not None:
        pod = desired.names.pod(observed.elected.ordinal)
        return Wait(Reason.WAITING_FOR_ELECTION, f"{pod} was elected and will soon take writes")
    if (seen := observed.primary_seen_by_others) is not None:
        return Wait(
            Reason.MEMBER_UNREACHABLE,
            f"{seen} is primary, as other members see it, but does not answer the operator",
        )
    empty = _held_voters(desired, observed, config)
    if empty and voters - len(empty) < config.majority:
        return Wait(
            Reason.VOLUME_LOST,
            f"no primary, and none to come: {', '.join(empty)} lost their data and wait at the "
            f"start gate, and {config.majority} of {voters} voters are needed. Nothing is forced; "
            f"give the members their volumes back{_way_out(desired, observed)}",
        )
    lost = [
        member.host
        for member in config.voters
        if (ordinal := desired.names.ordinal_of_host(member.host)) is None
        or not observed.state(ordinal).serves
    ]
    if not majority_serves(desired, observed):
        uncounted = uncounted_voters(config, observed)
        joined = f", and {uncounted} who joined last had no vote yet" if uncounted else ""
        return Wait(
            Reason.NO_PRIMARY,
            f"no primary, and {len(lost)} of {voters} voters are not in service: "
            f"{', '.join(sorted(lost))}{_at_gate(empty)}{joined}. {config.majority} are needed; "
            f"nothing is forced{_way_out(desired, observed)}",
        )
    return Wait(Reason.WAITING_FOR_ELECTION, "the members are electing a primary")


def _way_out(desired: Desired, observed: Observed) -> str:
    """How a person can go on with the survivors, once nobody else will come back."""
    offered = offer(desired, observed)
    if offered is None and (copies := unfinished_copies(desired, observed)):
        names = ", ".join(desired.names.pod(each) for each in copies)
        return f". {names} had copied a part when the rest was lost. {_giving_up(observed)}"
    if offered is None:
        return ""
    ordinal = desired.names.ordinal_of_pod(offered.pod)
    applied = observed.answers[ordinal].applied if ordinal is not None else None
    left = left_behind(desired, observed)
    who, beside = "the most advanced survivor", ""
    if ordinal in left:
        who = "out of the set, and the most advanced of those that still have data of it"
    elif later := [each for each in left if _may_have_later(observed, applied, each)]:
        pods = ", ".join(desired.names.pod(each) for each in later)
        beside = f"; {pods} left the set, still runs, and may have later ones"
    return (
        f". If they are gone for good, {offered.pod} is {who} (it has applied "
        f"{applied}{beside}): writes after that are lost, acknowledged ones among them, and all "
        f"other members' data are discarded, once you annotate the set with {RECOVER}={offered}"
    )


def _may_have_later(observed: Observed, applied: Optime | None, ordinal: int) -> bool:
    """Whether a member has applied more than this, or does not say how much."""
    other = observed.answers[ordinal].applied
    return other is None or applied is None or other > applied


def _at_gate(empty: list[str]) -> str:
    return f" ({', '.join(empty)} lost its data and waits at the start gate)" if empty else ""


def _held_voters(desired: Desired, observed: Observed, config: ReplicaSetConfig) -> list[str]:
    """The pods of voters that came back empty."""
    hosts = {member.host for member in config.voters}
    return [
        pod.name
        for ordinal, pod in sorted(observed.pods.items())
        if is_held(pod, observed) and desired.names.host(ordinal) in hosts
    ]


def _without_config(desired: Desired, observed: Observed) -> Wait:
    if any(
        is_held(pod, observed) or knows_no_set(observed, ordinal)
        for ordinal, pod in observed.pods.items()
    ):
        return Wait(
            Reason.VOLUME_LOST,
            "the set was initiated before, but no member that can be asked holds its data. Nothing "
            f"is initiated anew: give the members their volumes back. {_giving_up(observed)}",
        )
    return Wait(Reason.WAITING_FOR_ANSWERS, "waiting for a member of the set to answer")


def _giving_up(observed: Observed) -> str:
    return (
        "To give the data up and begin anew, annotate the set with "
        f"{BEGIN_ANEW}={observed.record.replica_set_id}"
    )
