"""Why a set is not ready, in sentences: from the set to a pod's or mongod's own error. Pure."""

from collections.abc import Iterator

from mongors.api.conditions import ConditionType, Reason
from mongors.cli.happenings import Happening
from mongors.cli.members import Member
from mongors.cli.seen import Seen
from mongors.cli.view import View
from mongors.cli.ways_out import way_out
from mongors.observed.mongodb import State

_RECENT_SECONDS = 3600
"""Warnings that are older explain nothing any more."""

_STATES = {
    State.STARTUP: "it has begun to start",
    State.STARTUP2: "it copies the data of another member, and serves once it has all",
    State.RECOVERING: "it catches up, or its oplog no longer reaches those of the others",
    State.ROLLBACK: "it takes back writes that no majority acknowledged",
    State.REMOVED: "it runs, but is in no configuration",
    State.UNINITIATED: "it runs, and has not joined the set yet",
    State.UNREACHABLE: "its mongod does not answer",
    State.DOWN: "the primary does not reach it",
}


def explanation(view: View) -> tuple[str, ...]:
    """The sentences, from the whole to the single cause, and what to do at the end."""
    seen = view.seen
    said = [*_of_the_set(view), *_of_members(view), *_of_the_operator(view)]
    notes = [f"Not seen from here: {each}." for each in seen.missed]
    return tuple(dict.fromkeys(view.short(each) for each in (*said, *_ways(view), *notes)))


def _of_the_set(view: View) -> Iterator[str]:
    seen = view.seen
    if seen.problems:
        yield f"The spec cannot be followed: {'; '.join(seen.problems)}."
    if "deletionTimestamp" in seen.resource["metadata"]:
        yield f"{seen.names.name} is being deleted, so the operator does nothing for it any more."
    yield f"{seen.names.name} is {view.health}."
    if view.is_ready:
        yield from (f"But {each.message}." for each in view.troubles)
        return
    if view.primary is None and seen.status.replica_set_id:
        yield "No member is primary, so nothing can be written; reading from secondaries may work."
    majority = seen.status.condition(ConditionType.MAJORITY_HEALTHY)
    if majority is not None and majority.reason is Reason.MAJORITY_LOST:
        yield f"The majority is lost: {majority.message}."


def _of_members(view: View) -> Iterator[str]:
    for each in view.members:
        if not each.serves:
            yield _of_member(view, each)
        yield from _warnings(view.seen, each)


def _of_member(view: View, member: Member) -> str:
    state = State(member.state) if member.state in set(State) else State.UNKNOWN
    if state is State.UNREACHABLE and not view.seen.members_were_asked:
        meaning = "it could not be asked from here"
    elif state is State.UNREACHABLE and member.runs is False:
        meaning = "its mongod does not run"
    else:
        meaning = _STATES.get(state, "nothing certain is known of it")
    where = f" on {member.node}" if member.node else ""
    said = f"{member.name}{where} is {member.state}: {meaning}"
    return said + (f". {_upper(member.trouble)}." if member.trouble else ".")


def _warnings(seen: Seen, member: Member) -> Iterator[str]:
    """The newest warning about a pod or its claim that does not serve."""
    if member.serves:
        return
    told = [
        each
        for each in seen.happenings
        if each.is_warning
        and each.name in (member.name, seen.names.claim(member.ordinal))
        and (seen.at - each.at).total_seconds() < _RECENT_SECONDS
        and not _is_of_former_pod(seen, member, each)
    ]
    if told:
        last = told[-1]
        yield f"Kubernetes says of {last.name}: {last.reason}: {last.note.rstrip('.')}."


def _is_of_former_pod(seen: Seen, member: Member, told: Happening) -> bool:
    """Whether an Event is older than the pod that has its name now."""
    if told.name != member.name or member.age_seconds is None:
        return False
    return (seen.at - told.at).total_seconds() > member.age_seconds + 1


def _of_the_operator(view: View) -> Iterator[str]:
    seen = view.seen
    if not seen.status.conditions or not seen.is_current:
        yield f"The operator {view.work}."
    elif seen.status.holds(ConditionType.STALLED):
        stalled = seen.status.condition(ConditionType.STALLED)
        yield f"The operator waits for a person: {_ended(stalled.message if stalled else '')}"
    elif seen.status.plan is not None:
        does = "waits" if view.is_waiting else "is at work"
        yield f"The operator {does}: {_ended(seen.status.plan)}"
    elif not view.is_ready:
        yield "The operator has nothing to do and waits for the members."


def _ways(view: View) -> Iterator[str]:
    ways = dict.fromkeys(way for each in view.troubles if (way := way_out(each.reason)) is not None)
    yield from (f"What to do: {each}." for each in ways)
    if not view.seen.status.conditions:
        yield (
            "What to do: see whether the operator runs: "
            "kubectl get pods -A -l app.kubernetes.io/name=mongors."
        )


def _ended(text: str) -> str:
    return f"{text.rstrip('.')}."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")
