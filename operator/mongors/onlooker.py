"""Who looks on: told of what passes see and do, and never asked for anything.

Passes know nothing of what is done with it. What counts them looks on; nobody has to.
"""

from collections.abc import Mapping, Sequence

from mongors.api.status import Status
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.store import SetRef


class Onlooker:
    """Lets everything pass; whoever wants to know of something overrides its method."""

    def greeted(self, ref: SetRef, applied: Mapping[int, float | None]) -> None:
        """Be told how far each member was in a check at rest, in seconds since the epoch."""

    def passed(
        self, desired: Desired, observed: Observed, planned: Plan, outcomes: Sequence[Outcome]
    ) -> None:
        """Be told of a whole pass, after its actions."""

    def reported(self, before: Status, after: Status) -> None:
        """Be told of a status that was written."""

    def gone(self, ref: SetRef) -> None:
        """Be told that there is no such set any more."""

    def attempted(self, ref: SetRef, seconds: float | None) -> None:
        """Be told of an attempt of a canary: acknowledged so long after the first one, or not."""

    def silenced(self, ref: SetRef) -> None:
        """Be told that a set has no canary any more."""


class Onlookers(Onlooker):
    """Several of them; each is told of everything."""

    def __init__(self, *onlookers: Onlooker) -> None:
        self._all = onlookers

    def greeted(self, ref: SetRef, applied: Mapping[int, float | None]) -> None:
        """Tell all."""
        for each in self._all:
            each.greeted(ref, applied)

    def passed(
        self, desired: Desired, observed: Observed, planned: Plan, outcomes: Sequence[Outcome]
    ) -> None:
        """Tell all."""
        for each in self._all:
            each.passed(desired, observed, planned, outcomes)

    def reported(self, before: Status, after: Status) -> None:
        """Tell all."""
        for each in self._all:
            each.reported(before, after)

    def gone(self, ref: SetRef) -> None:
        """Tell all."""
        for each in self._all:
            each.gone(ref)

    def attempted(self, ref: SetRef, seconds: float | None) -> None:
        """Tell all."""
        for each in self._all:
            each.attempted(ref, seconds)

    def silenced(self, ref: SetRef) -> None:
        """Tell all."""
        for each in self._all:
            each.silenced(ref)
