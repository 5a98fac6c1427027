"""Birth: one initiate in the life of a set, and never a second set."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.labels import BEGIN_ANEW, RECOVER
from mongors.desired.members import WantedMember
from mongors.observed.mongodb import Answer, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Initiate
from mongors.planning.entries import entry_of
from mongors.planning.steps.confirming import left_behind, offer
from mongors.planning.steps.gate import is_held, knows_no_set
from mongors.planning.waits import Wait

FOUNDING_GRACE = timedelta(seconds=60)
"""How long a founding member that cannot start holds the others back."""


def refuse_foreign_data(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Change nothing while volumes hold the data of another replica set, or of two."""
    expected = observed.record.replica_set_id
    ids = observed.replica_set_ids
    if len(ids) <= 1 and (ids <= {expected} if expected else _are_ours(desired, observed)):
        return
    found = ", ".join(
        f"{desired.names.pod(answer.ordinal)}: {answer.config.replica_set_id}"
        for answer in observed.answers.values()
        if answer.config and answer.config.replica_set_id != expected
    )
    yield Wait(
        Reason.FOREIGN_DATA,
        f"volumes hold data of another replica set ({found}; this set is "
        f"{expected or 'not known yet'}). Nothing is changed; give the set its own volumes back, "
        "or new ones",
    )


def _are_ours(desired: Desired, observed: Observed) -> bool:
    """Whether data that nobody has recorded are this set's: their members have its hosts."""
    configs = [answer.config for answer in observed.answers.values() if answer.config]
    return all(
        desired.names.include(member.host for member in config.members) for config in configs
    )


def initiate(desired: Desired, observed: Observed) -> Iterator[Initiate | Wait]:
    """Initiate once, with all founding members, when each has said that it knows of no set.

    No answer is not a no: a member that cannot be asked may hold the set's data. Only a member
    whose volume is new and that never ran may be left out, when it keeps a majority of the votes
    waiting.
    """
    if observed.was_initiated:
        return
    founders = [each for each in desired.members if knows_no_set(observed, each.ordinal)]
    missing = [each for each in desired.members if each not in founders]
    held_back = [each for each in missing if not _may_be_left_out(desired, observed, each)]
    if held_back or _votes(founders) <= _votes(desired.members) // 2:
        yield _awaiting(desired, observed, held_back or missing)
    elif unnamed := [each for each in founders if _pod(desired, each) not in observed.named]:
        names = ", ".join(_pod(desired, each) for each in unnamed)
        yield Wait(Reason.WAITING_FOR_NAMES, f"waiting until DNS can know {names}")
    else:
        first = next((each for each in founders if each.priority > 0), founders[0])
        yield Initiate(first.ordinal, _founding_config(desired, founders))


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
    if voters - len(lost) < config.majority:
        return Wait(
            Reason.NO_PRIMARY,
            f"no primary, and {len(lost)} of {voters} voters are not in service: "
            f"{', '.join(sorted(lost))}{_at_gate(empty)}. {config.majority} are needed; "
            f"nothing is forced{_way_out(desired, observed)}",
        )
    return Wait(Reason.WAITING_FOR_ELECTION, "the members are electing a primary")


def _at_gate(empty: list[str]) -> str:
    return f" ({', '.join(empty)} lost its data and waits at the start gate)" if empty else ""


def _way_out(desired: Desired, observed: Observed) -> str:
    """How a person can go on with the survivors, once nobody else will come back."""
    offered = offer(desired, observed)
    if offered is None:
        return ""
    ordinal = desired.names.ordinal_of_pod(offered.pod)
    applied = observed.answers[ordinal].applied if ordinal is not None else None
    left = left_behind(desired, observed)
    pods = ", ".join(desired.names.pod(each) for each in left)
    who, beside = "the most advanced survivor", ""
    if ordinal in left:
        who = "out of the set, and the most advanced of those that still have data of it"
    elif left:
        beside = f"; {pods} left the set, still runs, and may have later ones"
    return (
        f". If they are gone for good, {offered.pod} is {who} (it has applied "
        f"{applied}{beside}): writes after that are lost, acknowledged ones among them, and all "
        f"other members' data are discarded, once you annotate the set with {RECOVER}={offered}"
    )


def _held_voters(desired: Desired, observed: Observed, config: ReplicaSetConfig) -> list[str]:
    """The pods of voters that came back empty."""
    hosts = {member.host for member in config.voters}
    return [
        pod.name
        for ordinal, pod in sorted(observed.pods.items())
        if is_held(pod, observed) and desired.names.host(ordinal) in hosts
    ]


def _votes(members: Iterable[WantedMember]) -> int:
    return sum(member.votes for member in members)


def _may_be_left_out(desired: Desired, observed: Observed, member: WantedMember) -> bool:
    pod = observed.pods.get(member.ordinal)
    claim = observed.claims.get(member.ordinal)
    if pod is None or pod.mongod_ever_ran or claim is None:
        return False
    return claim.is_new(desired.created) and observed.at - pod.created >= FOUNDING_GRACE


def _founding_config(desired: Desired, founders: list[WantedMember]) -> ReplicaSetConfig:
    members = tuple(entry_of(each, each.ordinal) for each in founders)
    name = desired.spec.replica_set_name
    return ReplicaSetConfig(name, version=1, term=0, members=members, settings=desired.settings)


def _awaiting(desired: Desired, observed: Observed, missing: list[WantedMember]) -> Wait:
    waiting = [_pod(desired, each) for each in missing]
    if troubles := _troubles(observed, missing):
        said = f"waiting for {len(waiting)} pods; {troubles}"
        if len(waiting) == 1:
            said = f"waiting for 1 pod; {troubles}"
        return Wait(Reason.PODS_PENDING, said)
    running = [each for each in missing if each.ordinal in observed.answers]
    if running:
        return Wait(Reason.WAITING_FOR_ANSWERS, _silent(observed, running, waiting))
    return Wait(Reason.WAITING_FOR_PODS, f"waiting for {', '.join(waiting)} to start")


def _troubles(observed: Observed, missing: list[WantedMember]) -> str:
    """Why pods do not run; what several have in common is said once."""
    of_trouble = dict[str, list[str]]()
    for each in missing:
        pod = observed.pods.get(each.ordinal)
        if pod is not None and pod.trouble:
            of_trouble.setdefault(pod.trouble, []).append(pod.name)
    return "; ".join(f"{', '.join(pods)}: {why}" for why, pods in of_trouble.items())


def _silent(observed: Observed, running: list[WantedMember], waiting: list[str]) -> str:
    problems: list[Answer] = [observed.answers[each.ordinal] for each in running]
    why = next((answer.problem for answer in problems if answer.problem), None)
    return f"waiting for an answer of {', '.join(waiting)}" + (f" ({why})" if why else "")


def _without_config(desired: Desired, observed: Observed) -> Wait:
    empty = [
        pod.name
        for ordinal, pod in observed.pods.items()
        if is_held(pod, observed)
        or (pod.may_start_empty and observed.state(ordinal) is State.UNINITIATED)
    ]
    if empty:
        return Wait(
            Reason.VOLUME_LOST,
            "the set was initiated before, but no member that can be asked holds its data. Nothing "
            "is initiated anew: give the members their volumes back. To give the data up and begin "
            f"anew, annotate the set with {BEGIN_ANEW}={observed.record.replica_set_id}",
        )
    return Wait(Reason.WAITING_FOR_ANSWERS, "waiting for a member of the set to answer")


def _pod(desired: Desired, member: WantedMember) -> str:
    return desired.names.pod(member.ordinal)
