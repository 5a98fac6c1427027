"""What the program saw of one set: the resource, and whatever could be looked at. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mongors.api.conditions import ConditionType
from mongors.api.status import Status
from mongors.cli.happenings import Happening
from mongors.desired.desired import Desired
from mongors.desired.names import Names
from mongors.observed.observed import Observed

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Further:
    """What the primary was asked beyond what the operator asks."""

    elected_at: datetime | None = None
    oplog_seconds: float | None = None
    """How far back its oplog reaches now."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at one set."""

    at: datetime
    resource: Raw
    names: Names
    status: Status
    desired: Desired | None = None
    """None when the spec cannot be followed."""
    problems: tuple[str, ...] = ()
    """What is wrong with the spec."""
    observed: Observed | None = None
    further: Further = field(default_factory=Further)
    happenings: tuple[Happening, ...] = ()
    missed: tuple[str, ...] = ()
    """What could not be looked at from here, and why."""
    unplannable: tuple[str, ...] = ()
    """What of that the plan rests on: without it nobody can say what the operator would do."""

    @property
    def generation(self) -> int:
        """The generation of the spec."""
        return int(self.resource["metadata"].get("generation", 0))

    @property
    def members_were_asked(self) -> bool:
        """Whether any mongod answered this program."""
        answers = self.observed.answers.values() if self.observed else ()
        return any(each.answered for each in answers)

    @property
    def is_current(self) -> bool:
        """Whether the operator has seen the present spec."""
        return self.status.observed_generation == self.generation

    @property
    def is_ready(self) -> bool:
        """Whether the set is ready, as the operator reports of the present spec."""
        return self.is_current and self.status.holds(ConditionType.READY)
