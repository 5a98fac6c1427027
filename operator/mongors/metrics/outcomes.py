"""What becomes of passes and actions: closed lists, each word explained. Pure."""

from collections.abc import Sequence
from typing import get_args

from mongors.api.reasons import Explained
from mongors.errors import Failure, Refused
from mongors.planning.actions import Step, Upkeep
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan

ACTIONS = tuple(sorted(each.__name__ for each in (*get_args(Upkeep), *get_args(Step))))
"""The kinds of action."""


class PassOutcome(Explained):
    """How a pass ended."""

    CHECKED = "checked", "A set at rest was as its status says."
    SETTLED = "settled", "There was nothing to do."
    ACTED = "acted", "All actions of the pass were done."
    WAITING = "waiting", "Nothing was done, because something has to be waited for."
    REFUSED = "refused", "What was planned did not fit any more; the next pass looks again."
    FAILED = "failed", "The API server or a mongod did not do what was asked, or did not answer."
    ERROR = "error", "A bug in the operator; its log has the traceback."
    SKIPPED = "skipped", "The set was gone or being deleted, or its spec cannot be followed."


class ActionOutcome(Explained):
    """What became of an action."""

    DONE = "done", "It was done."
    REFUSED = "refused", "Its precondition did not hold any more, or a budget did not allow it."
    FAILED = "failed", "Whether it was done is not known, or it could not be done just now."
    REJECTED = "rejected", "It was turned down for good; asking again cannot help."
    DENIED = "denied", "The operator lacks a right."


def of_action(outcome: Outcome) -> ActionOutcome:
    """What became of one action."""
    if outcome.failure is None:
        return ActionOutcome.DONE
    if outcome.missing_permission is not None:
        return ActionOutcome.DENIED
    if outcome.is_final:
        return ActionOutcome.REJECTED
    return ActionOutcome.REFUSED if outcome.was_refused else ActionOutcome.FAILED


def of_pass(planned: Plan, outcomes: Sequence[Outcome]) -> PassOutcome:
    """How a whole pass ended."""
    failures = [each for each in outcomes if each.failure is not None]
    if failures:
        refused = all(each.was_refused for each in failures)
        return PassOutcome.REFUSED if refused else PassOutcome.FAILED
    if outcomes:
        return PassOutcome.ACTED
    return PassOutcome.WAITING if planned.waits else PassOutcome.SETTLED


def of_error(error: Exception) -> PassOutcome:
    """How a pass ended that did not come to its end."""
    if isinstance(error, Refused):
        return PassOutcome.REFUSED
    return PassOutcome.FAILED if isinstance(error, Failure) else PassOutcome.ERROR
