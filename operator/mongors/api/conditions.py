"""Conditions: what is true about a set, why, and since when."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, WithJsonSchema, field_serializer

from mongors.api.base import WireModel, rfc3339
from mongors.api.reasons import EventReason, Explained, Reason

__all__ = [
    "Condition",
    "ConditionStatus",
    "ConditionType",
    "EventReason",
    "Reason",
    "merge",
]


class ConditionType(Explained):
    """What a condition is about."""

    READY = "Ready", "The set has a primary and every wanted member is in service."
    RECONCILING = "Reconciling", "The operator is at work on the set or waits for it to follow."
    STALLED = "Stalled", "Nothing moves until somebody acts; the message says what to do."
    SPEC_VALID = "SpecValid", "The spec can be followed."
    PRIMARY_ELECTED = "PrimaryElected", "A primary is elected, so writes are accepted."
    MAJORITY_HEALTHY = "MajorityHealthy", "A majority of the voters is in service."
    MEMBERS_IN_SYNC = "MembersInSync", "The live replica-set configuration is the wanted one."
    UP_TO_DATE = "UpToDate", "No pod runs an old template."
    FAULT_TOLERANT = (
        "FaultTolerant",
        "Any one member, host or zone can be lost and a majority of the voters stays.",
    )
    DATA_LOSS_POSSIBLE = (
        "DataLossPossible",
        "Somebody forced a configuration without a majority: acknowledged writes may be gone.",
    )


class ConditionStatus(StrEnum):
    """Whether a condition holds."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


_OPEN = WithJsonSchema({"type": "string", "maxLength": 64})
"""No list of words in the schema: a definition that is older than the operator must not refuse
what the operator reports."""


class Condition(WireModel):
    """One fact about the set, as `kubectl wait --for=condition=…` reads it."""

    type: Annotated[ConditionType, _OPEN] = Field(
        description="What the condition is about, such as Ready."
    )
    status: ConditionStatus = Field(description="Whether it holds: True, False or Unknown.")
    reason: Annotated[Reason, _OPEN] = Field(description="Why, as one word of a closed list.")
    message: str = Field(
        default="",
        description="Why, in a sentence that names things and says what happens next.",
    )
    observed_generation: int = Field(
        default=0, description="The metadata.generation that the condition speaks about."
    )
    last_transition_time: datetime | None = Field(
        default=None, description="When the status last changed."
    )

    @field_serializer("last_transition_time")
    def _to_rfc3339(self, at: datetime | None) -> str | None:
        return None if at is None else rfc3339(at)


def merge(
    previous: Sequence[Condition], now: Sequence[Condition], at: datetime
) -> tuple[Condition, ...]:
    """Return the conditions of now; one whose status did not flip keeps its transition time."""
    before = {condition.type: condition for condition in previous}
    return tuple(_dated(condition, before.get(condition.type), at) for condition in now)


def _dated(condition: Condition, before: Condition | None, at: datetime) -> Condition:
    stayed = before is not None and before.status is condition.status
    since = before.last_transition_time if stayed and before is not None else None
    moment = since or at.replace(microsecond=0)
    return condition.model_copy(update={"last_transition_time": moment})
