"""Carries out a plan, action by action, and says what became of each."""

import logging
from typing import assert_never

from mongors.desired.desired import Desired
from mongors.errors import Altered, Denied, Failure, NotNow, Refused, Rejected
from mongors.execute.members import Members
from mongors.execute.objects import Objects, Writer
from mongors.mongo.session import MONGOD
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
    told,
)
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan

logger = logging.getLogger("mongors.execute")

_OTHER_KEY = (
    "the members run with another key or password than the set's Secrets hold now: put the former "
    "value back"
)


class Executor:
    """Carries out plans."""

    def __init__(self, kube: Writer) -> None:
        self._kube = kube

    async def execute(self, desired: Desired, observed: Observed, plan: Plan) -> list[Outcome]:
        """All upkeep, each by itself; then the step, unless some upkeep failed."""
        outcomes = [await self._try(desired, observed, action) for action in plan.upkeep]
        hindered = any(each.failure and not each.is_aside for each in outcomes)
        if plan.step is not None and not hindered:
            outcomes.append(await self._try(desired, observed, plan.step))
        return outcomes

    async def _try(self, desired: Desired, observed: Observed, action: Action) -> Outcome:
        context = {"namespace": desired.names.namespace, "set": desired.names.name}
        try:
            await self._do(desired, observed, action)
        except Denied as failure:
            logger.warning("Not permitted: %s: %s", action, failure.message, extra=context)
            if failure.resource == MONGOD:
                return Outcome(action, f"{failure.message}; {_OTHER_KEY}", is_final=True)
            missing = (failure.verb, failure.resource)
            return Outcome(action, failure.message, missing_permission=missing)
        except (Rejected, Altered) as failure:
            logger.warning("Rejected: %s: %s", action, failure.message, extra=context)
            altered = isinstance(failure, Altered)
            return Outcome(action, failure.message, is_final=True, was_altered=altered)
        except (Refused, NotNow) as failure:
            logger.debug("Refused: %s: %s", action, failure.message, extra=context)
            return Outcome(action, failure.message, was_refused=True)
        except Failure as failure:
            logger.info("Failed: %s: %s", action, failure.message, extra=context)
            return Outcome(action, failure.message)
        logger.info("%s", told(action), extra=context)
        return Outcome(action)

    async def _do(self, desired: Desired, observed: Observed, action: Action) -> None:
        objects, members = Objects(self._kube, desired, observed), Members(desired, observed)
        match action:
            case (
                Apply()
                | Remove()
                | Generate()
                | PermitEmptyStart()
                | WithdrawEmptyStart()
                | ReplacePod()
                | StopForGood()
                | GrowClaim()
                | Remake()
                | ShowRole()
            ):
                await objects.do(action)
            case Evict():
                await members.check_role(action)
                await objects.do(action)
            case SetParameters():
                await members.do(action)
                await objects.note_configuration(action)
            case MakeUsers():
                await members.make_users(action.ordinal)
                await objects.record_users(action.mark)
            case (
                Initiate()
                | StepUp()
                | Reconfigure()
                | StepDown()
                | SwitchOver()
                | SetWriteConcern()
                | Force()
                | CopyFrom()
            ):
                await members.do(action)
            case _:
                assert_never(action)
