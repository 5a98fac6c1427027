"""Beginning anew when every volume is lost: only as a person has given the old data up, by name."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.steps import recovery
from mongors.planning.steps.gate import is_held, knows_no_set
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


def _remaining(desired: Desired, observed: Observed) -> str | None:
    """What may still hold the data: whoever is not known to have none."""
    for member in desired.members:
        if not _has_none(observed, member.ordinal):
            name = desired.names.pod(member.ordinal)
            return f"{name} does not stand at the start gate with an empty volume"
    if recovery.is_begun(desired, observed):
        return "members are held with data that a recovery gives up; take the recovery back first"
    others = [
        pod.name for each, pod in sorted(observed.pods.items()) if not _has_none(observed, each)
    ]
    return f"{others[0]} may still have data" if others else None


def _has_none(observed: Observed, ordinal: int) -> bool:
    """Whether a member waits empty at the gate, or was let in there and knows of no set."""
    pod = observed.pods.get(ordinal)
    if pod is None or pod.deleting:
        return False
    return is_held(pod, observed) or knows_no_set(observed, ordinal)
