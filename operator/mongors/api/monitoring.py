"""What is measured of a set beyond what the operator has to know, and what was found."""

from typing import Annotated

from pydantic import Field

from mongors.api.base import ApiModel, WireModel
from mongors.api.resources import ComputeResources
from mongors.api.rules import at_least, at_most
from mongors.api.settings import Whole
from mongors.api.text import ImageReference


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


Flag = Annotated[str, Field(min_length=1, max_length=253)]


class Exporter(ApiModel):
    """mongod's own metrics for Prometheus, by Percona's mongodb_exporter beside the members."""

    enabled: bool = Field(
        default=False,
        strict=True,
        description=(
            "Whether a Deployment named NAME-exporter asks every member for its own metrics, with "
            "a user of the role clusterMonitor. It never restarts a member, and no member depends "
            "on it."
        ),
    )
    image: ImageReference | None = Field(
        default=None,
        description=(
            "Image of Percona's mongodb_exporter. Left out: the release that the operator knows, "
            "docker.io/percona/mongodb_exporter:0.47.1 as of now."
        ),
    )
    args: Annotated[tuple[Flag, ...], Field(max_length=32)] = Field(
        default=(),
        description=(
            "What the exporter collects, by its own flags, in place of "
            "--collector.diagnosticdata and --collector.replicasetstatus; where the member is and "
            "where the exporter listens is added to them."
        ),
    )
    resources: ComputeResources | None = Field(
        default=None, description="CPU and memory of the exporter, for each member."
    )


class Monitoring(ApiModel):
    """What is measured of the set."""

    canary: Canary = Field(
        default=Canary(),
        description=(
            "A tiny write at a steady pace, which shows for how long nothing could be written."
        ),
    )
    exporter: Exporter = Field(
        default=Exporter(), description="The metrics that mongod itself counts, for Prometheus."
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
