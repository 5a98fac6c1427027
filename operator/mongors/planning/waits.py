"""Waiting is an answer like any other: for what, why, and when to look again."""

from dataclasses import dataclass

from mongors.api.conditions import Reason

QUICK_SECONDS = 0.2
STEADY_SECONDS = 1.0
SLOW_SECONDS = 5.0

_QUICK = {
    Reason.WAITING_FOR_ELECTION,
    Reason.WAITING_FOR_NAMES,
    Reason.WAITING_FOR_SYNC,
    Reason.WAITING_FOR_ANSWERS,
    Reason.INITIATING,
    Reason.ROLLING,
    Reason.RECOVERING,
}
"""What a mongod is about to do, and what no watch event announces."""

_STALLING = {
    Reason.NAME_CONFLICT,
    Reason.PERMISSION_MISSING,
    Reason.KEY_FILE_MISSING,
    Reason.FOREIGN_DATA,
    Reason.SCALE_REFUSED,
    Reason.STORAGE_CLASS_MISSING,
    Reason.VOLUME_LOST,
    Reason.MAJORITY_LOST,
    Reason.ROLL_STOPPED,
    Reason.KEY_FILE_CHANGED,
    Reason.SWITCHOVER_REFUSED,
    Reason.GROWTH_REFUSED,
    Reason.EXPORTER_REFUSED,
    Reason.RECOVERY_REFUSED,
    Reason.BEGIN_REFUSED,
    Reason.RESYNC_REFUSED,
}
"""What does not move until somebody acts."""


_HARMLESS = {
    Reason.SWITCHOVER_REFUSED,
    Reason.GROWTH_REFUSED,
    Reason.EXPORTER_REFUSED,
    Reason.GROWING,
    Reason.BEGIN_REFUSED,
    Reason.RECOVERY_REFUSED,
    Reason.RESYNC_REFUSED,
    Reason.WAITING_FOR_APPROVAL,
}
"""What leaves the set as ready as it was."""


def may_last(reason: Reason) -> bool:
    """Whether people want to know of it while it lasts: not of what mongods or pods soon do."""
    return reason not in _QUICK - {Reason.ROLLING} | {Reason.WAITING_FOR_PODS}


@dataclass(frozen=True, slots=True)
class Wait:
    """A reason why a step does nothing now."""

    reason: Reason
    message: str
    approval: str | None = None
    """What a person has to approve for it to go on (see `planning.approval`)."""

    @property
    def stalls(self) -> bool:
        """Whether this waits for a person, not for the system."""
        return self.reason in _STALLING

    @property
    def is_harmless(self) -> bool:
        """Whether the set serves as wanted all the same."""
        return self.reason in _HARMLESS

    @property
    def look_again_seconds(self) -> float:
        """When to look again, if no event comes before."""
        if self.reason in (Reason.NO_PRIMARY, Reason.MEMBER_UNREACHABLE):
            return STEADY_SECONDS
        return QUICK_SECONDS if self.reason in _QUICK else SLOW_SECONDS
