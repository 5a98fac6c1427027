"""What a canary has found. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mongors.api.base import rfc3339
from mongors.api.monitoring import CanaryStatus

GAP_SECONDS = 0.5
"""A write that takes so long is a gap: applications notice it."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found since a moment; all attempts for one write count as one."""

    since: datetime
    failures: int = 0
    gaps: int = 0
    longest: float | None = None
    """Seconds."""
    last_at: datetime | None = None
    last: float | None = None

    def failed(self) -> "Findings":
        """After an attempt that was not acknowledged."""
        return replace(self, failures=self.failures + 1)

    def acknowledged(self, at: datetime, seconds: float) -> "Findings":
        """After a write that was acknowledged at a moment, so long after its first attempt."""
        if seconds < GAP_SECONDS:
            return self
        return replace(
            self,
            gaps=self.gaps + 1,
            longest=max(self.longest or 0.0, seconds),
            last_at=at - timedelta(seconds=seconds),
            last=seconds,
        )

    def to_status(self) -> CanaryStatus:
        """As the status tells it."""
        return CanaryStatus(
            since=rfc3339(self.since),
            failures=self.failures,
            gaps=self.gaps,
            longest_gap_millis=_millis(self.longest),
            last_gap_at=rfc3339(self.last_at) if self.last_at else None,
            last_gap_millis=_millis(self.last),
        )


def _millis(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)
