"""What became of the actions of a plan."""

from dataclasses import dataclass

from mongors.desired.exporter import KIND as EXPORTER
from mongors.planning.actions import Action, Apply, CopyFrom, GrowClaim, Remove


@dataclass(frozen=True, slots=True)
class Outcome:
    """One action, and how it failed if it did."""

    action: Action
    failure: str | None = None
    """In words for people; None when the action was done."""
    missing_permission: tuple[str, str] | None = None
    """Verb and resource that the operator has no right to."""
    was_refused: bool = False
    """Whether only a precondition failed: the next pass sees why."""
    is_final: bool = False
    """Whether trying again cannot help: the API server or mongod rejected the request itself."""
    was_altered: bool = False
    """Whether the API server took the object and kept another: somebody changes it on its way."""

    @property
    def is_aside(self) -> bool:
        """Whether nothing else hangs on it: the set goes on, and is as ready as it was."""
        if isinstance(self.action, Apply | Remove) and self.action.kind == EXPORTER:
            return True
        return self.was_altered or isinstance(self.action, GrowClaim | CopyFrom)
