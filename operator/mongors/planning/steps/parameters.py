"""Server parameters and the default write concern: what can be changed while mongod runs."""

from collections.abc import Iterator, Mapping
from typing import Any

from mongors.desired.desired import Desired
from mongors.observed.covering import covers
from mongors.observed.mongodb import Answer
from mongors.observed.observed import Observed
from mongors.planning.actions import SetParameters, SetWriteConcern
from mongors.planning.steps.roll import outdated


def set_parameters(desired: Desired, observed: Observed) -> Iterator[SetParameters]:
    """Set parameters live where mongod allows it, one member at a time.

    They are noted on the pod, for its mongod's next start, and to see when one is given up; but
    not on one that is to be restarted for others: its note shows what it runs with (see `roll`).
    """
    if observed.primary is None:
        return
    for ordinal, answer in sorted(observed.answers.items()):
        pod = observed.pods.get(ordinal)
        if pod is None or not answer.state.serves:
            continue
        stays = outdated(desired, observed, pod) is None
        values = _differing(desired, answer, pod.parameters if stays else None)
        if values:
            noted = desired.configuration if stays else None
            yield SetParameters(ordinal, pod.name, pod.uid, noted, values)
            return


def keep_write_concern(desired: Desired, observed: Observed) -> Iterator[SetWriteConcern]:
    """Raise the default write concern to majority; never lower it, and keep named ones (rule 47).

    Before 5.0 the server's own default is 1: acknowledged would mean "on one member".
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None or desired.spec.default_write_concern.value != "majority":
        return
    now = primary.write_concern
    if isinstance(now, int) and now <= config.majority:
        yield SetWriteConcern(primary.ordinal)


def _differing(desired: Desired, answer: Answer, noted: Mapping[str, Any] | None) -> dict[str, Any]:
    """The parameters to set: those not noted as wanted; without a note, those not live so.

    What was set and noted is not compared again: mongod may keep it in another form.
    """
    return {
        name: wanted
        for name, wanted in desired.parameters.items()
        if (live := answer.parameters.get(name)) is not None
        and live.settable_live
        and not (
            _means_the_same(live.value, wanted) if noted is None else noted.get(name) == wanted
        )
    }


def _means_the_same(live: Any, wanted: Any) -> bool:
    """Whether mongod has taken a value: it gives numbers and truths back in its own spelling."""
    if isinstance(wanted, dict | list):
        return covers(live, wanted)
    if str(live).casefold() == str(wanted).casefold():
        return True
    try:
        return float(live) == float(wanted)
    except (TypeError, ValueError):
        return False
