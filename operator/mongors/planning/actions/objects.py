"""Actions on Kubernetes objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mongors.desired.labels import Role
from mongors.desired.secrets import SecretKind


@dataclass(frozen=True, slots=True)
class Apply:
    """Create or correct an object by server-side apply."""

    kind: str
    name: str
    manifest: Mapping[str, Any] = field(repr=False, hash=False)
    uid: str | None
    """The object that is corrected; None to create it."""
    version: str | None = None
    """Its resourceVersion, where an older picture of it could do harm."""

    def __str__(self) -> str:
        return f"{'apply' if self.uid else 'create'} {self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete an object of the set's own."""

    kind: str
    name: str
    uid: str

    def __str__(self) -> str:
        return f"remove {self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Generate:
    """Create a Secret around freshly generated values."""

    secret: SecretKind
    name: str

    def __str__(self) -> str:
        return f"generate Secret {self.name}"


@dataclass(frozen=True, slots=True)
class PermitEmptyStart:
    """Open the start gate of one pod."""

    pod: str
    uid: str
    reason: str

    def __str__(self) -> str:
        return f"permit {self.pod} to start over an empty volume ({self.reason})"


@dataclass(frozen=True, slots=True)
class WithdrawEmptyStart:
    """Close the start gate of one pod again, once its member serves."""

    pod: str
    uid: str

    def __str__(self) -> str:
        return f"withdraw from {self.pod} the permission to start over an empty volume"


@dataclass(frozen=True, slots=True)
class ReplacePod:
    """Delete a pod in which no mongod runs, so that it is made anew from the present template."""

    pod: str
    uid: str
    reason: str

    def __str__(self) -> str:
        return f"replace {self.pod}, which cannot start ({self.reason})"


@dataclass(frozen=True, slots=True)
class StopForGood:
    """Delete a pod whose member's data a person has given up; it comes back behind the gate."""

    pod: str
    uid: str
    reason: str

    def __str__(self) -> str:
        return f"stop {self.pod} ({self.reason})"


@dataclass(frozen=True, slots=True)
class GrowClaim:
    """Ask for a larger volume."""

    claim: str
    uid: str
    size: str

    def __str__(self) -> str:
        return f"grow volume claim {self.claim} to {self.size}"


@dataclass(frozen=True, slots=True)
class Remake:
    """Delete the StatefulSet alone, so that it is made anew over the pods that run."""

    name: str
    uid: str
    reason: str

    def __str__(self) -> str:
        return f"remake StatefulSet {self.name} without touching its pods ({self.reason})"


@dataclass(frozen=True, slots=True)
class ShowRole:
    """Label a pod with its member's role and say whether it is in service."""

    pod: str
    uid: str
    role: Role
    in_service: bool
    was: Role | None
    relabel: bool
    regate: bool

    def __str__(self) -> str:
        service = "in service" if self.in_service else "not in service"
        return f"show {self.pod} as {self.role.value}, {service}"


@dataclass(frozen=True, slots=True)
class Evict:
    """Restart one member under the disruption budget; never the primary of more than one."""

    ordinal: int
    pod: str
    uid: str
    reason: str
    may_be_primary: bool = False
    """Only where no other member could ever take over."""
    may_be_silent: bool = False
    """Only where it has never served and nobody sees it up."""

    def __str__(self) -> str:
        return f"restart {self.pod}: {self.reason}"
