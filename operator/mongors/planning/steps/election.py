"""Elections that are asked for at once, instead of after the members' own time-out of 10 s."""

from collections.abc import Iterator
from datetime import timedelta

from mongors.api.conditions import ConditionStatus, ConditionType, Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import Answer, Optime, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import StepUp
from mongors.planning.safety import majority_serves
from mongors.planning.steps.switchover import target_of
from mongors.planning.waits import Wait

LEADERLESS = timedelta(seconds=2)
"""So long the members have to hand over among themselves; a planned handover takes below 1 s."""

NOTHING_APPLIED = Optime(-1, 0, 0)


def elect_first_primary(desired: Desired, observed: Observed) -> Iterator[StepUp | Wait]:
    """Let a member stand for the first election at once, instead of after the time-out."""
    config = observed.config
    if config is None or observed.primary is not None or not _never_elected(observed):
        return
    ready = _electable(desired, observed, config)
    if ready:
        _, ordinal = min((-priority, answer.ordinal) for answer, priority in ready)
        yield StepUp(ordinal)
    else:
        yield Wait(Reason.INITIATING, "waiting until a founding member can stand for election")


def elect_again(desired: Desired, observed: Observed) -> Iterator[StepUp]:
    """Let the most advanced member stand when the primary is gone and nobody took over at once.

    This forces nothing: a majority has to vote, and nobody votes for a member that lacks what the
    voter has. It is asked for only where a majority serves, none of which sees a primary.
    """
    config = observed.config
    if config is None or observed.elected is not None or not _is_leaderless(observed):
        return
    if observed.primary_seen_by_others is not None or not majority_serves(desired, observed):
        return
    asked = desired.names.ordinal_of_pod(target_of(desired, observed) or "")
    ready = [
        (answer.applied or NOTHING_APPLIED, answer.ordinal == asked, priority, -answer.ordinal)
        for answer, priority in _electable(desired, observed, config)
    ]
    if ready:
        yield StepUp(-max(ready)[-1])


def _electable(
    desired: Desired, observed: Observed, config: ReplicaSetConfig
) -> list[tuple[Answer, float]]:
    """The members that could be elected, with their priorities."""
    return [
        (answer, member.priority)
        for answer in observed.answers.values()
        if answer.state is State.SECONDARY
        and (member := config.member(desired.names.host(answer.ordinal))) is not None
        and member.is_electable
    ]


def _never_elected(observed: Observed) -> bool:
    return all(
        max(answer.term, answer.config.term) <= 0
        for answer in observed.answers.values()
        if answer.config
    )


def _is_leaderless(observed: Observed) -> bool:
    """Whether it has been known for a while that there is no primary."""
    told = (each for each in observed.status.conditions)
    known = next((each for each in told if each.type is ConditionType.PRIMARY_ELECTED), None)
    if known is None or known.status is not ConditionStatus.FALSE:
        return False
    since = known.last_transition_time
    return since is not None and observed.at - since >= LEADERLESS
