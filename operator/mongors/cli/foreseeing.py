"""What would follow, step by step, if everything came up as it should. Pure.

The operator's own planner looks at a snapshot; what it would do is assumed to have been done, and
it looks again. Where it waits for something that nobody can foresee, the forecast ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from mongors.api.approval import Approval
from mongors.api.status import Status
from mongors.cli.assumed import assumed
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import Action, Apply, CopyFrom, ShowRole, WithdrawEmptyStart
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan, plan
from mongors.planning.report import report
from mongors.planning.waits import Wait

MOST_PASSES = 200
"""A set of fifty members is grown in fewer."""

_PASS = timedelta(seconds=10)
"""How much time is assumed to pass between two looks: what mongods do at once is done by then."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the operator would do, in order, and how the set would be then."""

    first: Plan
    actions: tuple[Action, ...]
    last: Plan
    before: Observed
    after: Observed
    status: Status
    """What would be reported at the end."""
    approved: tuple[Action, ...] = ()
    """What would follow if a person approved all that waits for it at the end."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing would be left to do."""
        return self.last.is_empty

    @property
    def waits(self) -> tuple[Wait, ...]:
        """What is refused now, and what would be waited for at the end."""
        refused = (each for each in self.first.waits if each.stalls)
        return tuple(dict.fromkeys((*refused, *self.last.waits)))

    @property
    def steps(self) -> tuple[str, ...]:
        """The actions in words."""
        return tuple(map(_told, self.actions))

    @property
    def steps_once_approved(self) -> tuple[str, ...]:
        """The actions that wait for approval in words."""
        return tuple(map(_told, self.approved))


def foresee(desired: Desired, observed: Observed) -> Forecast:
    """Let the planner run ahead, on assumptions only: nothing is asked and nothing is changed."""
    first = last = plan(desired, observed)
    now, actions = observed, list[Action]()
    status = report(desired, now, last, [])
    for _ in range(MOST_PASSES):
        taken = tuple(_actions(last))
        if not taken:
            break
        actions += (each for each in taken if _is_worth_telling(each, desired))
        status = report(desired, now, last, [Outcome(each) for each in taken])
        for each in taken:
            now = assumed(each, desired, now)
        now = replace(now, at=now.at + _PASS, status=status)
        last = plan(desired, now)
    status = report(desired, now, last, [])
    approved = _once_approved(desired, now, last)
    return Forecast(first, tuple(actions), last, observed, now, status, approved)


def _once_approved(desired: Desired, observed: Observed, last: Plan) -> tuple[Action, ...]:
    """What follows when nothing has to wait for approval any more."""
    if not any(wait.approval for wait in last.waits):
        return ()
    spec = desired.spec.model_copy(update={"approval": Approval.AUTOMATIC})
    return foresee(replace(desired, spec=spec), observed).actions


def _actions(planned: Plan) -> Iterator[Action]:
    yield from planned.upkeep
    if planned.step is not None:
        yield planned.step


def _told(action: Action) -> str:
    if isinstance(action, Apply) and action.kind == "StatefulSet":
        return f"{action} with {action.manifest['spec']['replicas']} pods"
    return str(action)


def _is_worth_telling(action: Action, desired: Desired) -> bool:
    """Whether people want to read of it: not of labels that follow, nor of what is only noted."""
    if isinstance(action, Apply) and action.uid is not None:
        return (action.kind, action.name) != ("Secret", desired.names.keyfile)
    return not isinstance(action, ShowRole | WithdrawEmptyStart | CopyFrom)
