"""Server parameters and the default write concern: what can be changed while mongod runs."""

from collections.abc import Iterator, Mapping
from typing import Any

from mongors.desired.desired import Desired
from mongors.observed.mongodb import Answer
from mongors.observed.observed import Observed
from mongors.planning.actions import SetParameters, SetWriteConcern
from mongors.planning.steps.roll import outdated


def set_parameters(desired: Desired, observed: Observed) -> Iterator[SetParameters]:
    """Set parameters live where mongod allows it, one member at a time.

    They are noted on the pod, for its mongod's next start, and to see when one is given up. One
    that is to be restarted anyhow (see `roll`) starts with them then.
    """
    if observed.primary is None:
        return
    for ordinal, answer in sorted(observed.answers.items()):
        pod = observed.pods.get(ordinal)
        if pod is None or not answer.state.serves or outdated(desired, observed, pod) is not None:
            continue
        values = _differing(desired, answer, pod.parameters)
        if values:
            yield SetParameters(ordinal, pod.name, pod.uid, desired.configuration, values)
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


def _differing(desired: Desired, answer: Answer, noted: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters to set: those not noted as wanted.

    What was set and noted is not compared again: mongod may keep it in another form.
    """
    return {
        name: wanted
        for name, wanted in desired.parameters.items()
        if (live := answer.parameters.get(name)) is not None
        and live.settable_live
        and noted.get(name) != wanted
    }
