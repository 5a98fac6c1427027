"""The gaps between acknowledged writes, as an application would have them. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mongors.cli.durations import told
from mongors.cli.layout import EMPTY, Line, Span, Style, line

SHOWN_SECONDS = 0.2
"""Shorter gaps are the way there and back: through the API server it takes some hundredths."""

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Gap:
    """No write was acknowledged for so long. Seconds since the beginning."""

    since: float
    """When the first attempt of the write was made that was acknowledged at last."""
    seconds: float
    said: str | None
    """The last failure in it, in the server's words or the driver's."""


@dataclass(slots=True)
class Gaps:
    """What was acknowledged and when. Moments are seconds since the beginning."""

    at: float = 0.0
    """The moment that it is now."""
    acknowledged: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    found: list[Gap] = field(default_factory=list)
    longest: float = 0.0
    primary: str | None = None
    """The pod that acknowledged last."""
    since: float | None = None
    """When the first attempt of the present write was made; None between two writes."""
    said: str | None = None
    """Why its last attempt failed."""
    left: str | None = None
    """What could not be cleared away at the end, in a sentence."""

    def begin(self, at: float) -> None:
        """A write is due: from now on it is waited for."""
        self.at = at
        if self.since is None:
            self.since = at

    def acknowledge(self, at: float, primary: str) -> None:
        """A write was acknowledged by a majority. The first one only shows that there is a way."""
        self.at, since = at, at if self.since is None else self.since
        if self.acknowledged:
            self.longest = max(self.longest, at - since)
            if at - since >= SHOWN_SECONDS:
                self.found.append(Gap(since, at - since, self.said))
        self.acknowledged += 1
        self.primary, self.since, self.said = primary, None, None

    def fail(self, at: float, said: str) -> None:
        """A write was not acknowledged; what an application would do next is to write again."""
        self.at, self.said = at, said
        self.failed[said] += 1

    @property
    def open_seconds(self) -> float:
        """For how long a write is waited for by now."""
        return 0.0 if self.since is None else self.at - self.since

    @property
    def is_open(self) -> bool:
        """Whether nothing was acknowledged yet, or any more, for longer than is usual."""
        return not self.acknowledged or self.open_seconds >= SHOWN_SECONDS

    def to_wire(self) -> dict[str, Any]:
        """For programs."""
        return {
            "seconds": round(self.at, 3),
            "acknowledged": self.acknowledged,
            "notAcknowledged": dict(self.failed),
            "longestGapSeconds": round(max(self.longest, self.open_seconds), 3),
            "openGapSeconds": round(self.open_seconds, 3),
            "gaps": [
                {"since": round(each.since, 3), "seconds": round(each.seconds, 3)}
                for each in self.found
            ],
        }


def gaps_screen(name: str, gaps: Gaps) -> list[Line]:
    """What is known by now."""
    style = Style.BAD if gaps.is_open else Style.GOOD
    by = f", the last by {gaps.primary}" if gaps.primary else ""
    said = f"{gaps.acknowledged} writes acknowledged by a majority in {told(gaps.at)}{by}"
    lines: list[Line] = [(Span(f"{name}  ", Style.TITLE), Span(said, style)), EMPTY]
    lines.append(line(f"longest gap  {gaps.longest:.2f} s"))
    if gaps.is_open:
        why = f" ({gaps.said})" if gaps.said else ""
        lines.append(line(f"open gap     {gaps.open_seconds:.2f} s{why}", Style.BAD))
    return [*lines, *_found(gaps), *_failed(gaps)]


def _found(gaps: Gaps) -> Iterator[Line]:
    for gap in gaps.found[-MOST_SHOWN:]:
        said = f"  {gap.said}" if gap.said else ""
        yield line(f"  after {gap.since:7.1f} s  {gap.seconds:6.2f} s{said}", Style.UNSURE)


def _failed(gaps: Gaps) -> Iterator[Line]:
    for said, count in gaps.failed.most_common(MOST_SHOWN):
        yield line(f"{count} not acknowledged: {said}")
