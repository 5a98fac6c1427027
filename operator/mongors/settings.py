"""The operator's own settings: the environment, read once at start.

Each field is a variable: `rest_seconds` is MONGORS_REST_SECONDS.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

PREFIX = "MONGORS_"


class LogFormat(StrEnum):
    """How log records are written."""

    AUTO = "auto"
    JSON = "json"
    HUMAN = "human"


class LogLevel(StrEnum):
    """The least severe log records that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_REQUEST_SECONDS = 1.0
"""What a renewal of the Lease may take at least before it is given up."""

Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseModel):
    """What the installation decides for the whole operator."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    namespaces: tuple[str, ...] = ()
    """Namespaces to look after, separated by commas; empty means all of them."""
    lease_namespace: str = "default"
    """Namespace of the Lease by which the active operator is elected."""
    lease_name: str = "mongors"
    """Name of that Lease."""
    lease_identity: str = ""
    """Who asks for the Lease, pod/NAME in a pod; empty: the host and a random part."""
    lease_duration_seconds: Seconds = 15.0
    """Silence after which another operator may take the Lease."""
    lease_renew_within_seconds: Seconds = 10.0
    """Time after which an operator that could not renew the Lease ends itself."""
    lease_renew_every_seconds: Seconds = 4.0
    """Time between two renewals of the Lease."""
    log_format: LogFormat = LogFormat.AUTO
    """json, human, or auto: human on a terminal, JSON otherwise."""
    log_level: LogLevel = LogLevel.INFO
    """debug, info, warning or error."""
    health_port: int = Field(default=8080, ge=0, le=65535)
    """Port of /healthz and /readyz; 0 picks a free one."""
    metrics: bool = True
    """Whether /metrics tells Prometheus of the operator and its sets."""
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Port of /metrics; not set: that of /healthz."""
    workers: int = Field(default=16, ge=1, le=256)
    """Sets that are worked on at the same time, at most."""
    rest_seconds: Seconds = 10.0
    """Time between two looks at a set in which nothing happens."""
    watch_nodes: bool = False
    """Whether to watch nodes, to see drains coming; not namespaced, so it is a right of its own."""
    cluster_wide_bindings: bool = False
    """Whether a set may ask for a ClusterRoleBinding of its ServiceAccount."""
    storage_class_creation: bool = False
    """Whether a set may ask for a StorageClass that does not exist."""

    @field_validator("namespaces", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))

    @model_validator(mode="after")
    def _leaves_room_between_holders(self) -> Self:
        if self.lease_renew_within_seconds >= self.lease_duration_seconds:
            raise ValueError("lease_renew_within_seconds must be below lease_duration_seconds")
        if self.lease_renew_within_seconds - self.lease_renew_every_seconds < 2 * _REQUEST_SECONDS:
            raise ValueError(
                f"lease_renew_every_seconds must be {2 * _REQUEST_SECONDS:.0f} below "
                "lease_renew_within_seconds, so that there is time for a second request"
            )
        return self

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; a variable that is set but empty counts as not set."""
        known = {name: environment.get(variable(name), "") for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in known.items() if value})

    @classmethod
    def unknown(cls, environment: Mapping[str, str]) -> tuple[str, ...]:
        """List variables that look like settings and are none, as a misspelt one does."""
        ours = {variable(name) for name in cls.model_fields}
        return tuple(sorted(n for n in environment if n.startswith(PREFIX) and n not in ours))


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + name.upper()
