"""Actions on the members of the replica set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mongors.observed.mongodb import ReplicaSetConfig


@dataclass(frozen=True, slots=True)
class Initiate:
    """Initiate the set with all founding members in one configuration of version 1."""

    ordinal: int
    config: ReplicaSetConfig

    def __str__(self) -> str:
        return f"initiate {self.config.name} with {len(self.config.members)} members"


@dataclass(frozen=True, slots=True)
class StepUp:
    """Ask a member to stand for election now, instead of waiting for a time-out."""

    ordinal: int

    def __str__(self) -> str:
        return f"ask member {self.ordinal} to stand for election"


@dataclass(frozen=True, slots=True)
class MakeUsers:
    """Create the users, or give existing ones the passwords of their Secrets."""

    ordinal: int
    mark: str

    def __str__(self) -> str:
        return "make the operator's and the application's users"


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """Install the next configuration; it must follow on the one it is based on."""

    ordinal: int
    based_on: tuple[int, int]
    """Term and version."""
    config: ReplicaSetConfig
    change: str
    kind: str
    """`add`, `remove`, `give_vote`, `take_vote` or `change`."""

    def __str__(self) -> str:
        return self.change


@dataclass(frozen=True, slots=True)
class StepDown:
    """Ask the primary to hand over to a caught-up secondary; never forced."""

    ordinal: int
    pod: str
    term: int
    reason: str

    def __str__(self) -> str:
        return f"step {self.pod} down: {self.reason}"


@dataclass(frozen=True, slots=True)
class SwitchOver:
    """Have the primary hand over to one member: the others do not stand meanwhile; not forced."""

    ordinal: int
    pod: str
    term: int
    target: int
    target_pod: str
    others: tuple[int, ...]
    """Members that could be elected as well."""
    reason: str

    def __str__(self) -> str:
        return f"hand over from {self.pod} to {self.target_pod}: {self.reason}"


@dataclass(frozen=True, slots=True)
class CopyFrom:
    """Ask a secondary to copy from another member; a hint, which it may drop when it likes."""

    ordinal: int
    pod: str
    source: str
    """Host, as the configuration names it."""
    source_pod: str
    reason: str

    def __str__(self) -> str:
        return f"ask {self.pod} to copy from {self.source_pod}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SetParameters:
    """Set server parameters of one member while it runs, and note them for its next start."""

    ordinal: int
    pod: str
    uid: str
    configuration: str
    """The mongod.conf to note on the pod."""
    values: Mapping[str, Any] = field(hash=False)

    def __str__(self) -> str:
        return f"set {', '.join(sorted(self.values))} on {self.pod} while it runs"


@dataclass(frozen=True, slots=True)
class SetWriteConcern:
    """Make majority the default write concern of the set."""

    ordinal: int

    def __str__(self) -> str:
        return "set the default write concern to majority"


@dataclass(frozen=True, slots=True)
class Force:
    """Install a configuration without a majority, as a person has confirmed."""

    ordinal: int
    pod: str
    based_on: tuple[int, int]
    config: ReplicaSetConfig

    def __str__(self) -> str:
        return (
            f"force a configuration onto {self.pod} alone, on version {self.based_on[1]}, "
            "as confirmed"
        )
