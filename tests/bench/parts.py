"""What a birth is made of, as the members' own logs tell it afterwards, to the millisecond.

Nobody is asked while the birth is on: to ask would lengthen what is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from bench.contestants import Set
from e2e.memberlog import entries, logs_of
from e2e.sets import Raw

PARTS = (
    "apply to initiated",
    "initiated to primary",
    "primary to all secondary",
    "all secondary to ready",
)
_NEW_CONFIG = 21392
_NEW_STATE = 21358


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one birth, in seconds since the epoch."""

    initiated: float
    """The first member took the first configuration."""
    primary: float
    secondary: float
    """The last of the members has become a secondary; one of them may be more by then."""


def moments(made: Set) -> Moments:
    """Read the logs of all members of a set that is ready."""
    return moments_of(logs_of(made))


def moments_of(logs: Sequence[str]) -> Moments:
    """Find the moments in the text of each member's log; a log without one is an error."""
    told = [list(entries(log)) for log in logs]
    primary = min(_when(each) for log in told for each in log if _became(each, "PRIMARY"))
    return Moments(
        initiated=min(_when(each) for log in told for each in log if each["id"] == _NEW_CONFIG),
        primary=primary,
        secondary=max(
            min(_when(each) for each in log if _became(each, "SECONDARY")) for log in told
        ),
    )


def parts_of(found: Moments, applied: float, ready: float) -> dict[str, float]:
    """How long each part took, in seconds; together they are the time from apply to ready."""
    edges = (applied, found.initiated, found.primary, max(found.primary, found.secondary), ready)
    lengths = (end - begin for begin, end in pairwise(edges))
    return dict(zip(PARTS, lengths, strict=True))


def _became(entry: Raw, state: str) -> bool:
    return bool(entry["id"] == _NEW_STATE and entry["attr"]["newState"] == state)


def _when(entry: Raw) -> float:
    return datetime.fromisoformat(entry["t"]["$date"]).timestamp()
