"""What a pass tells the queue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Next:
    """When a set is to be looked at again."""

    seconds: float | None = None
    """From the end of the pass; None to wait for an event."""
    heard_all: bool = True
    """Whether every member that could answer did: one that does not is waited for in vain."""
