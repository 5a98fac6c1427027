"""Whether a register behaved as one value that every operation saw and changed in an instant.

The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with Lowe's
memory of what was tried: operations are put in order one by one, each only while none that was
over before it began is left out. Pure: histories are recorded elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

NEVER = float("inf")


class Kind(StrEnum):
    """What an operation does to a register."""

    READ = "read"
    WRITE = "write"
    SWAP = "swap"
    """Compare and set: it finds what it expects, and puts another value there."""
    MISS = "miss"
    """Compare and set that found something else than it expected."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one client on one register; times in seconds on one clock.

    One that ended in an error may have been done, at any time after it began: it ended NEVER.
    One that was certainly not done is no operation.
    """

    client: str
    kind: Kind
    began: float
    ended: float
    value: int | None
    """What was read or written."""
    expected: int | None = None
    """What a compare and set wanted to find."""

    @property
    def is_known(self) -> bool:
        """Whether its outcome is known."""
        return self.ended != NEVER

    def after(self, value: int | None) -> tuple[bool, int | None]:
        """Whether it can happen while the register holds this, and what it holds then."""
        match self.kind:
            case Kind.READ:
                return self.value == value, value
            case Kind.WRITE:
                return True, self.value
            case Kind.SWAP:
                return self.expected == value, self.value
            case Kind.MISS:
                return self.expected != value, value

    def __str__(self) -> str:
        wanted = f"{self.expected} to " if self.kind in (Kind.SWAP, Kind.MISS) else ""
        return f"{self.client} {self.kind} {wanted}{self.value} at {self.began:.3f}"


def violation(operations: Iterable[Operation], initial: int | None = None) -> str | None:
    """Say up to where a history can be explained, or None when all of it can."""
    history = sorted(operations, key=lambda each: each.began)
    known = sum(1 << at for at, each in enumerate(history) if each.is_known)
    best, tried = 0, {(0, initial)}
    trail = [(0, initial)]
    while trail:
        done, value = trail.pop()
        if done & known == known:
            return None
        best = max(best, done & known, key=int.bit_count)
        for at in _next(history, done):
            fits, then = history[at].after(value)
            state = (done | 1 << at, then)
            if fits and state not in tried:
                tried.add(state)
                trail.append(state)
    return _told(history, best, known)


def _next(history: Sequence[Operation], done: int) -> Iterator[int]:
    """The operations that may come next: those that began before any that is left was over."""
    over = NEVER
    candidates = []
    for at, each in enumerate(history):
        if each.began > over:
            break
        if not done >> at & 1:
            candidates.append(at)
            over = min(over, each.ended)
    return (at for at in candidates if history[at].began <= over)


def _told(history: Sequence[Operation], best: int, known: int) -> str:
    left = [each for at, each in enumerate(history) if known >> at & 1 and not best >> at & 1]
    count = best.bit_count()
    return (
        f"after {count} of {known.bit_count()} operations none of these can be next: "
        + "; ".join(str(each) for each in left[:5])
    )
