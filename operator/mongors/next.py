"""What a pass tells the queue."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mongors.store import SetRef


@dataclass(frozen=True, slots=True)
class Next:
    """When a set is to be looked at again."""

    seconds: float | None = None
    """From the end of the pass; None to wait for an event."""
    heard_all: bool = True
    """Whether every member that could answer did: one that does not is waited for in vain."""


Reconcile = Callable[[SetRef, bool], Awaitable[Next]]
"""One pass for a set, and whether there was news of it."""
