"""The closed set of actions. Each carries what the plan believed, so that a stale one fails."""

from mongors.planning.actions.members import (
    CopyFrom,
    Force,
    Initiate,
    MakeUsers,
    Reconfigure,
    SetParameters,
    SetWriteConcern,
    StepDown,
    StepUp,
    SwitchOver,
)
from mongors.planning.actions.objects import (
    Apply,
    Evict,
    Generate,
    GrowClaim,
    PermitEmptyStart,
    Remake,
    Remove,
    ReplacePod,
    ShowRole,
    StopForGood,
    WithdrawEmptyStart,
)

__all__ = [
    "Action",
    "Apply",
    "CopyFrom",
    "Evict",
    "Force",
    "Generate",
    "GrowClaim",
    "Initiate",
    "MakeUsers",
    "PermitEmptyStart",
    "Reconfigure",
    "Remake",
    "Remove",
    "ReplacePod",
    "SetParameters",
    "SetWriteConcern",
    "ShowRole",
    "Step",
    "StepDown",
    "StepUp",
    "StopForGood",
    "SwitchOver",
    "Upkeep",
    "WithdrawEmptyStart",
    "told",
]

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
    | CopyFrom
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
