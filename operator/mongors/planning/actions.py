"""The closed set of actions. Each carries what the plan believed, so that a stale one fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mongors.desired.labels import Role
from mongors.desired.secrets import SecretKind
from mongors.observed.mongodb import ReplicaSetConfig


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
class Initiate:
    """Initiate the set with all founding members in one configuration of version 1."""

    ordinal: int
    config: ReplicaSetConfig

    def __str__(self) -> str:
        return f"initiate {self.config.name} with {len(self.config.members)} members"


@dataclass(frozen=True, slots=True)
class StepUp:
    """Ask a founding member to stand for the first election instead of waiting for a time-out."""

    ordinal: int

    def __str__(self) -> str:
        return f"ask member {self.ordinal} to stand for the first election"


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
class Evict:
    """Restart one member under the disruption budget; never the primary of more than one."""

    ordinal: int
    pod: str
    uid: str
    reason: str
    may_be_primary: bool = False
    """Only where no other member could ever take over."""

    def __str__(self) -> str:
        return f"restart {self.pod}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SetParameters:
    """Set server parameters of one member while it runs."""

    ordinal: int
    pod: str
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


_PAST = {
    "add": "added",
    "apply": "corrected",
    "ask": "asked",
    "change": "changed",
    "create": "created",
    "force": "forced",
    "generate": "generated",
    "give": "gave",
    "grow": "grew",
    "hand": "handed",
    "initiate": "initiated",
    "make": "made",
    "permit": "permitted",
    "remove": "removed",
    "remake": "remade",
    "replace": "replaced",
    "restart": "restarted",
    "set": "set",
    "show": "showed",
    "step": "stepped",
    "stop": "stopped",
    "take": "took",
    "withdraw": "withdrew",
}


def told(action: "Action") -> str:
    """An action as a thing done, for logs and Events."""
    verb, _, rest = str(action).partition(" ")
    return f"{_PAST[verb].capitalize()} {rest}"


Upkeep = (
    Apply
    | Remove
    | Generate
    | PermitEmptyStart
    | WithdrawEmptyStart
    | ReplacePod
    | GrowClaim
    | ShowRole
)
"""Actions that disturb nobody; any number may go in one pass."""

Step = (
    Initiate
    | StepUp
    | MakeUsers
    | Reconfigure
    | StepDown
    | SwitchOver
    | Evict
    | SetParameters
    | SetWriteConcern
    | Force
    | StopForGood
    | Remake
)
"""Actions on the replica set; one in a pass."""

Action = Upkeep | Step
