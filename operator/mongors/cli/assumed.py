"""What a snapshot would be after an action, if all went well: for forecasts only. Pure."""

from dataclasses import replace
from typing import assert_never

from mongors.cli import assumed_members as members
from mongors.cli import assumed_objects as objects
from mongors.cli import assumed_pods as pods
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Action,
    Apply,
    CopyFrom,
    Evict,
    Force,
    Generate,
    GrowClaim,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remake,
    Remove,
    ReplacePod,
    SetParameters,
    SetWriteConcern,
    ShowRole,
    StepDown,
    StepUp,
    StopForGood,
    SwitchOver,
    WithdrawEmptyStart,
)


def assumed(  # noqa: PLR0911 - one for each kind of action
    action: Action, desired: Desired, observed: Observed
) -> Observed:
    """The snapshot after the action."""
    match action:
        case Apply() | Generate() | Remove() | Remake() | GrowClaim() | ShowRole():
            return objects.after(action, desired, observed)
        case PermitEmptyStart() | WithdrawEmptyStart() | ReplacePod() | StopForGood() | Evict():
            return pods.after(action, desired, observed)
        case Initiate() | Reconfigure() | Force():
            return members.with_config(desired, observed, action.ordinal, action.config)
        case StepUp() | SwitchOver() | StepDown():
            return members.led_by(desired, observed, _leader(action, desired, observed))
        case MakeUsers():
            return replace(observed, record=replace(observed.record, users_made=action.mark))
        case CopyFrom():
            return observed  # whoever is primary is copied from in every forecast
        case SetParameters():
            return members.with_parameters(desired, observed, action)
        case SetWriteConcern():
            return members.answering(observed, action.ordinal, write_concern="majority")
        case _:
            assert_never(action)


def _leader(action: StepUp | SwitchOver | StepDown, desired: Desired, observed: Observed) -> int:
    match action:
        case StepUp():
            return action.ordinal
        case SwitchOver():
            return action.target
        case StepDown():
            return members.heir(desired, observed)
