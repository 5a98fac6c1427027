"""What the operator reports about a set. Read leniently: another version may have written it."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, ValidationError

from mongors.api.approval import SpentApproval, WaitingPlan
from mongors.api.base import WireModel
from mongors.api.conditions import Condition, ConditionStatus, ConditionType
from mongors.api.monitoring import CanaryStatus


class MemberStatus(WireModel):
    """One member as it was last seen."""

    name: str = Field(description="Name of the member's pod.")
    ordinal: int = Field(description="Number of the member: the last part of its pod's name.")
    id: int | None = Field(
        default=None, description="The member's _id in the replica-set configuration."
    )
    host: str | None = Field(
        default=None, description="Host and port under which the other members know it."
    )
    state: str | None = Field(
        default=None, description="State in MongoDB's words, such as PRIMARY or SECONDARY."
    )
    health: int | None = Field(
        default=None, description="1 when the other members reach it, 0 when they do not."
    )
    votes: int | None = Field(default=None, description="Votes in elections: 1 or 0.")
    priority: float | None = Field(
        default=None, description="Priority in elections; a member with 0 is never primary."
    )
    hidden: bool | None = Field(
        default=None, description="Whether applications do not see it and never read from it."
    )
    delay_seconds: int | None = Field(
        default=None, description="Seconds that it stays behind the primary on purpose."
    )
    lag_seconds: int | None = Field(
        default=None,
        description="How far it is behind the primary, in coarse steps: 0 stands for below 10 s.",
    )
    sync_source: str | None = Field(
        default=None, description="Host of the member that it copies from."
    )
    claim_uid: str | None = Field(default=None, description="UID of the claim that holds its data.")
    storage: str | None = Field(
        default=None, description="Size of its volume as it is now, such as 2Gi."
    )
    storage_requested: str | None = Field(
        default=None,
        description="Size that its claim asks for; only while the volume has another one.",
    )
    version: str | None = Field(default=None, description="Version of the server that it runs.")


class Binding(WireModel):
    """Where applications find the connection data (Service Binding)."""

    name: str = Field(description="Name of the Secret with the connection data.")


class Attempt(WireModel):
    """A switchover that was begun."""

    asked: str = Field(description="Value of the annotation mongors.io/primary.")
    term: int = Field(description="Term of the primary that was to hand over.")


class Status(WireModel):
    """What was last seen and done, written by the operator alone."""

    observed_generation: int | None = Field(
        default=None, description="The metadata.generation that this status speaks about."
    )
    phase: str | None = Field(
        default=None, description="The situation in one word, for people; programs use conditions."
    )
    conditions: tuple[Condition, ...] = Field(
        default=(),
        description="What is true about the set, why, and since when.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    )
    members: int | None = Field(default=None, description="Number of members that exist.")
    ready_members: int | None = Field(
        default=None, description="Number of members that are in service."
    )
    ready: str | None = Field(
        default=None, description="Members in service and members wanted, such as 3/3."
    )
    selector: str | None = Field(
        default=None, description="Label selector of the members' pods, for the scale subresource."
    )
    primary: str | None = Field(default=None, description="Name of the primary's pod.")
    version: str | None = Field(default=None, description="Version that all members run.")
    feature_compatibility_version: str | None = Field(
        default=None,
        description="The featureCompatibilityVersion of the data, such as 6.0.",
        json_schema_extra={"maxLength": 16},
    )
    replica_set_id: str | None = Field(
        default=None, description="Identity that MongoDB gave to the set when it was initiated."
    )
    config_version: int | None = Field(
        default=None, description="Version of the live replica-set configuration."
    )
    config_term: int | None = Field(
        default=None, description="Term of the live replica-set configuration."
    )
    voting_members: int | None = Field(
        default=None, description="Number of voters in the live configuration."
    )
    highest_member_id: int | None = Field(
        default=None, description="Highest member _id ever used; none is used twice."
    )
    member_status: tuple[MemberStatus, ...] = Field(
        default=(),
        description="The members one by one, as they were last seen.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["ordinal"],
        },
    )
    attempted_switchover: Attempt | None = Field(
        default=None, description="The switchover that was begun last; each is tried once."
    )
    last_switchover: str | None = Field(
        default=None,
        description=(
            "Value of the annotation mongors.io/primary that was last carried out or found "
            "fulfilled."
        ),
    )
    binding: Binding | None = Field(
        default=None, description="Where applications find the connection data (Service Binding)."
    )
    waiting_for_approval: tuple[WaitingPlan, ...] | None = Field(
        default=None,
        description="The disruptive plans that wait for approval; only with spec.approval: Manual.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["id"],
        },
    )
    spent_approval: SpentApproval | None = Field(
        default=None,
        description="The approval on the resource, once it lets nothing run any more.",
    )
    canary: CanaryStatus | None = Field(
        default=None,
        description="What the canary has found; only with spec.monitoring.canary.enabled.",
    )
    plan: str | None = Field(
        default=None,
        description="What the operator is doing or waiting for, and why, in one sentence.",
    )

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Return what can be understood of a status; the rest is left out, never an error."""
        readable = dict(raw)
        try:
            return cls.model_validate(readable)
        except ValidationError as error:
            return cls.model_validate(_without(readable, error))

    def condition(self, kind: ConditionType) -> Condition | None:
        """What was last reported about one thing."""
        return next((each for each in self.conditions if each.type is kind), None)

    def holds(self, kind: ConditionType) -> bool:
        """Whether it was last reported that this is so."""
        told = self.condition(kind)
        return told is not None and told.status is ConditionStatus.TRUE


def _without(raw: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Leave out the fields that failed; of a list of objects only the entries that failed."""
    failed = {details["loc"][:2] for details in error.errors()}
    kept: dict[str, Any] = {}
    for key, value in raw.items():
        entries = {place[1] for place in failed if place[0] == key and len(place) > 1}
        if isinstance(value, list) and entries:
            kept[key] = [entry for at, entry in enumerate(value) if at not in entries]
        elif not any(place[0] == key for place in failed):
            kept[key] = value
    return kept
