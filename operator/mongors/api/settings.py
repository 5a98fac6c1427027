"""The part of the spec that says how the members watch each other and elect a primary."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from mongors.api.base import ApiModel
from mongors.api.rules import Rule, at_least, at_most

HEARTBEATS_IN_AN_ELECTION_TIMEOUT = 3
"""Fewer, and one heartbeat that comes late already costs the primary its place."""

Whole = Annotated[int, Field(strict=True)]


class DefaultWriteConcern(StrEnum):
    """What writes wait for that name no write concern of their own."""

    MAJORITY = "majority"
    UNMANAGED = "Unmanaged"


OwnWriteConcern = Annotated[
    DefaultWriteConcern,
    Field(
        description=(
            "What writes wait for that name no write concern of their own: majority, or Unmanaged "
            "to keep whatever the set has. The operator never lowers it."
        )
    ),
]


class Settings(ApiModel):
    """Settings of the replica-set configuration; the defaults are the server's."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel=(
                "self.electionTimeoutMillis >= "
                f"{HEARTBEATS_IN_AN_ELECTION_TIMEOUT} * self.heartbeatIntervalMillis"
            ),
            message=(
                "electionTimeoutMillis must be at least "
                f"{HEARTBEATS_IN_AN_ELECTION_TIMEOUT} times heartbeatIntervalMillis: below it, one "
                "late heartbeat sets off an election. Raise it, or lower heartbeatIntervalMillis"
            ),
            holds=lambda settings: (
                settings.election_timeout_millis
                >= HEARTBEATS_IN_AN_ELECTION_TIMEOUT * settings.heartbeat_interval_millis
            ),
            path=".electionTimeoutMillis",
        ),
    )

    election_timeout_millis: Annotated[
        Whole,
        at_least(
            1_000,
            "electionTimeoutMillis must be at least 1000: a short pause of the network or of a "
            "disk would otherwise set off an election",
        ),
        at_most(
            600_000,
            "electionTimeoutMillis must be at most 600000, ten minutes: nothing can be written "
            "until the members notice that the primary is gone",
        ),
    ] = Field(
        default=10_000,
        description="Milliseconds without a primary after which a member calls an election.",
    )
    heartbeat_interval_millis: Annotated[
        Whole,
        at_least(
            100,
            "heartbeatIntervalMillis must be at least 100: more heartbeats are a load and tell "
            "nothing more",
        ),
        at_most(
            60_000,
            "heartbeatIntervalMillis must be at most 60000, a minute: the members would know too "
            "little of each other",
        ),
    ] = Field(default=2_000, description="Milliseconds between heartbeats.")
    heartbeat_timeout_secs: Annotated[
        Whole,
        at_least(1, "heartbeatTimeoutSecs must be at least 1: an answer takes its time"),
        at_most(
            300,
            "heartbeatTimeoutSecs must be at most 300, five minutes: a member that is gone would "
            "count as healthy for that long",
        ),
    ] = Field(
        default=10, description="Seconds without an answer after which a member counts as away."
    )
    catch_up_timeout_millis: Annotated[
        Whole,
        at_least(
            -1,
            "catchUpTimeoutMillis must be -1 (as long as it takes), 0 (do not catch up) or a "
            "number of milliseconds",
        ),
        at_most(
            3_600_000,
            "catchUpTimeoutMillis must be at most 3600000, an hour, or -1 for as long as it takes",
        ),
    ] = Field(
        default=-1,
        description=(
            "Milliseconds that a new primary has to fetch writes that other members hold, before "
            "it takes new ones; -1: as long as it takes."
        ),
    )
    chaining_allowed: bool = Field(
        default=True,
        strict=True,
        description="Whether secondaries may copy from each other, not from the primary alone.",
    )
