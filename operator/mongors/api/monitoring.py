"""What the operator measures of a set beyond what it has to know, and what it found."""

from typing import Annotated

from pydantic import Field

from mongors.api.base import ApiModel, WireModel
from mongors.api.rules import at_least, at_most
from mongors.api.settings import Whole


class Canary(ApiModel):
    """A tiny write at a steady pace, to know for how long the set took none."""

    enabled: bool = Field(
        default=False,
        strict=True,
        description=(
            "Whether the operator writes one document over and over, acknowledged by a majority, "
            "with a user of its own into the database mongors."
        ),
    )
    period_seconds: Annotated[
        Whole,
        at_least(1, "periodSeconds must be at least 1: more writes tell nothing more"),
        at_most(300, "periodSeconds must be at most 300, five minutes: gaps would be missed"),
    ] = Field(default=5, description="Seconds between two of these writes.")


class Monitoring(ApiModel):
    """What the operator measures of the set."""

    canary: Canary = Field(
        default=Canary(),
        description=(
            "A tiny write at a steady pace, which shows for how long nothing could be written."
        ),
    )


class CanaryStatus(WireModel):
    """What the canary has found since the operator started it."""

    since: str = Field(
        description="When the operator began to write: at its start, or as it was asked to."
    )
    failures: int = Field(
        description="Attempts to write that were not acknowledged, as of the last gap."
    )
    gaps: int = Field(
        description="Writes that took half a second or longer, all attempts together."
    )
    longest_gap_millis: int | None = Field(
        default=None,
        description="The longest of them in milliseconds, from the first attempt on.",
    )
    last_gap_at: str | None = Field(default=None, description="When the last one began.")
    last_gap_millis: int | None = Field(
        default=None, description="How long it lasted, in milliseconds."
    )
