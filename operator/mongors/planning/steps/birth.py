"""Birth: one initiate in the life of a set, and never a second set."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.members import WantedMember
from mongors.observed.mongodb import Answer, ReplicaSetConfig
from mongors.observed.observed import Observed
from mongors.planning.actions import Initiate
from mongors.planning.entries import entry_of
from mongors.planning.steps.gate import knows_no_set
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


def _pod(desired: Desired, member: WantedMember) -> str:
    return desired.names.pod(member.ordinal)
