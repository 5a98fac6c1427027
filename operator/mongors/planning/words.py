"""Sentences that several steps say."""

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import Answer, ReplicaSetConfig
from mongors.planning.actions import StepDown
from mongors.planning.waits import Wait


def unsettled(config: ReplicaSetConfig) -> Wait:
    """Nothing is changed on top of a change that is not everywhere yet."""
    return Wait(
        Reason.WAITING_FOR_SYNC,
        f"waiting until configuration version {config.version} is committed on every member",
    )


def step_down(desired: Desired, primary: Answer, reason: str) -> StepDown:
    """The primary is to hand over, to whom the members choose."""
    return StepDown(primary.ordinal, desired.names.pod(primary.ordinal), primary.term, reason)
