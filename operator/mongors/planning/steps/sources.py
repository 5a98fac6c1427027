"""Sources: nobody is left copying from a member that is about to stop.

Who loses its source is told so late, and then waits one second before it chooses another one.
Measured with three members: majority writes wait for 1.4 to 2.1 s when a secondary stops from which
the other one copies, and for 1.0 s after a handover, because nobody copies from the new primary
yet. Who is asked beforehand changes within milliseconds:
https://www.mongodb.com/docs/manual/reference/command/replSetSyncFrom/
"""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.observed.mongodb import MemberConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import CopyFrom, Evict, Reconfigure, Step, SwitchOver


def leave_stopping_pods(desired: Desired, observed: Observed) -> Iterator[CopyFrom]:
    """Turn away from members whose pods are being deleted, whoever deletes them."""
    stopping = {
        ordinal for ordinal, pod in observed.pods.items() if pod.deleting and pod.mongod_running
    }
    yield from _leave(desired, observed, stopping)


def prepare(step: Step, desired: Desired, observed: Observed) -> Iterator[CopyFrom]:
    """What makes a step gentle, done in the same pass before it; it never keeps it from being done.

    Before a handover the others turn to the member that takes over, so that its first write has a
    majority at once; before a member stops or leaves, its readers turn to the primary.
    """
    match step:
        case SwitchOver():
            yield from _gather(step, desired, observed)
        case Evict():
            yield from _leave(desired, observed, {step.ordinal})
        case Reconfigure():
            yield from _leave(desired, observed, _removed(step, desired, observed))
        case _:
            return


def _leave(desired: Desired, observed: Observed, going: set[int]) -> Iterator[CopyFrom]:
    primary = observed.primary
    if primary is None or primary.ordinal in going:
        return
    hosts = {desired.names.host(each): desired.names.pod(each) for each in going}
    for ordinal, source in _readers(desired, observed):
        if source in hosts and ordinal not in going:
            yield _copy(desired, ordinal, primary.ordinal, f"{hosts[source]} stops")


def _gather(step: SwitchOver, desired: Desired, observed: Observed) -> Iterator[CopyFrom]:
    """First who takes over, should it copy from one of the others; then these."""
    config = observed.leading_config
    if config is None or not config.settings.get("chainingAllowed", True):
        return
    target, primary = desired.names.host(step.target), desired.names.host(step.ordinal)
    why = f"it takes over from {step.pod}"
    if observed.sync_source(step.target) not in (None, primary):
        yield _copy(desired, step.target, step.ordinal, why)
    for ordinal, source in _readers(desired, observed):
        entry = config.member(desired.names.host(ordinal))
        if ordinal not in (step.ordinal, step.target) and source != target and _counts(entry):
            yield _copy(desired, ordinal, step.target, f"{step.target_pod} takes over")


def _counts(entry: MemberConfig | None) -> bool:
    """Whether majority writes may wait for this member."""
    return entry is not None and entry.is_voter and entry.delay_seconds == 0


def _readers(desired: Desired, observed: Observed) -> Iterator[tuple[int, str | None]]:
    """Every secondary, with the host that it copies from."""
    for ordinal in sorted(observed.answers):
        if observed.state(ordinal) is State.SECONDARY:
            yield ordinal, observed.sync_source(ordinal)


def _removed(step: Reconfigure, desired: Desired, observed: Observed) -> set[int]:
    before = observed.leading_config
    gone = {each.host for each in before.members} if before else set()
    gone -= {each.host for each in step.config.members}
    ordinals = (desired.names.ordinal_of_host(each) for each in gone)
    return {each for each in ordinals if each is not None}


def _copy(desired: Desired, ordinal: int, source: int, reason: str) -> CopyFrom:
    names = desired.names
    return CopyFrom(ordinal, names.pod(ordinal), names.host(source), names.pod(source), reason)
