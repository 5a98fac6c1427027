"""Beginning anew when every volume is lost: only as a person has given the old data up, by name.

A copy that nobody can complete any more is given up with them: its pod is stopped, and stands at
the gate until its data are discarded (see `planning.steps.recovery`, which does the same).
"""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import StopForGood
from mongors.planning.steps import recovery
from mongors.planning.steps.confirming import all_ordinals
from mongors.planning.steps.gate import has_begun_empty, held_now, is_held, knows_no_set
from mongors.planning.waits import Wait


def is_accepted(desired: Desired, observed: Observed) -> bool:
    """Whether the old data are given up: asked for by their identity, and certainly gone."""
    asked = desired.asked.begin_anew
    is_meant = asked is not None and asked == observed.record.replica_set_id
    return is_meant and _remaining(desired, observed) is None


def refuse_beginning(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Say why the set does not begin anew although somebody asked for it."""
    asked, known = desired.asked.begin_anew, observed.record.replica_set_id
    if asked is None or asked == observed.record.given_up or is_accepted(desired, observed):
        return
    if asked != known:
        reason = f"the data of this set have the identity {known or 'none yet'}"
    else:
        reason = _remaining(desired, observed) or ""
    yield Wait(Reason.BEGIN_REFUSED, f"to begin anew, giving up {asked}, is refused: {reason}")


def unfinished_copies(desired: Desired, observed: Observed) -> list[int]:
    """The ordinals of those who had not copied all data when the last one that had them was lost.

    None while anybody may have all of them: a member that cannot be asked, or a missing pod.
    """
    held = held_now(desired, observed)
    copies = []
    for ordinal in sorted(all_ordinals(desired, observed)):
        answer = observed.answers.get(ordinal)
        if desired.names.pod(ordinal) in held or (answer is not None and answer.copying):
            copies.append(ordinal)
        elif not _has_none(observed, ordinal):
            return []
    return copies


def held_copies(desired: Desired, observed: Observed) -> list[str]:
    """The pods that must not start on the part that they have: it is given up with the rest."""
    return [desired.names.pod(each) for each in _given_up(desired, observed)]


def stop_copies(desired: Desired, observed: Observed) -> Iterator[StopForGood]:
    """Stop those who copy, once the Secret says that they must not go on with it."""
    for ordinal in _given_up(desired, observed):
        pod = observed.pods.get(ordinal)
        if pod is None or pod.deleting or not pod.mongod_running:
            continue
        if pod.name in held_now(desired, observed):
            yield StopForGood(pod.name, pod.uid, "what it has copied is given up, as asked")
            return


def _given_up(desired: Desired, observed: Observed) -> list[int]:
    """Whose copy is given up, as asked, and was not discarded yet."""
    asked, record = desired.asked.begin_anew, observed.record
    if asked is None or asked not in (record.replica_set_id, record.given_up):
        return []
    copies = unfinished_copies(desired, observed)
    return [each for each in copies if not has_begun_empty(desired, observed, each)]


def _remaining(desired: Desired, observed: Observed) -> str | None:
    """What may still hold the data: whoever is not known to have none."""
    for member in desired.members:
        if not _has_none(observed, member.ordinal):
            name = desired.names.pod(member.ordinal)
            return f"{name} does not stand at the start gate with an empty volume"
    if recovery.is_begun(desired, observed):
        return "members are held with data that a recovery gives up; take the recovery back first"
    pods = sorted(observed.pods.items())
    others = [pod.name for ordinal, pod in pods if not _has_none(observed, ordinal)]
    return f"{others[0]} may still have data" if others else None


def _has_none(observed: Observed, ordinal: int) -> bool:
    """Whether a member waits empty at the gate, or was let in there and knows of no set."""
    pod = observed.pods.get(ordinal)
    if pod is None or pod.deleting:
        return False
    return is_held(pod, observed) or knows_no_set(observed, ordinal)
