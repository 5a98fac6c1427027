"""Facts that cannot be seen again, kept in status and in annotations of the keyFile Secret."""

from collections.abc import Mapping
from dataclasses import dataclass

from mongors.api.conditions import ConditionStatus, ConditionType, Reason
from mongors.api.status import Status
from mongors.desired import labels


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of a set: its data's identity, its member `_id`s, its users."""

    replica_set_id: str | None = None
    highest_member_id: int | None = None
    users_made: str | None = None
    """Which Secrets' users exist in the database (see `desired_users_mark`)."""
    recovery: str | None = None
    """The recovery that a person confirmed, in its words (see `planning.steps.confirming`)."""
    forced: str | None = None
    """What was forced without a majority; for ever."""
    perhaps_forced: str | None = None
    """What may have been forced: nobody will ever know; for ever. Nobody is held for it."""
    given_up: str | None = None
    """The replicaSetId of the data that a person gave up."""

    def annotations(self) -> dict[str, str]:
        """The record as annotations of the keyFile Secret."""
        values = {
            labels.REPLICA_SET_ID: self.replica_set_id,
            labels.HIGHEST_MEMBER_ID: self.highest_member_id,
            labels.USERS_MADE: self.users_made,
            labels.RECOVERY: self.recovery,
            labels.FORCED: self.forced,
            labels.PERHAPS_FORCED: self.perhaps_forced,
            labels.GIVEN_UP: self.given_up,
        }
        return {key: str(value) for key, value in values.items() if value is not None}


def recorded(annotations: Mapping[str, str], status: Status) -> Record:
    """Read both places: either may have been lost, the higher `_id` and any identity count.

    The Secret goes first: status is lost when a resource is restored from a backup.
    """
    given_up = annotations.get(labels.GIVEN_UP)
    is_of_old = given_up is not None and given_up == status.replica_set_id
    known = Status() if is_of_old else status
    written = annotations.get(labels.HIGHEST_MEMBER_ID, "")
    ids = [int(written)] if written.isdecimal() else []
    if known.highest_member_id is not None:
        ids.append(known.highest_member_id)
    return Record(
        replica_set_id=annotations.get(labels.REPLICA_SET_ID) or known.replica_set_id,
        highest_member_id=max(ids, default=None),
        users_made=annotations.get(labels.USERS_MADE),
        recovery=annotations.get(labels.RECOVERY),
        forced=annotations.get(labels.FORCED) or _told_in(status, Reason.FORCED),
        perhaps_forced=(
            annotations.get(labels.PERHAPS_FORCED) or _told_in(status, Reason.PERHAPS_FORCED)
        ),
        given_up=given_up,
    )


def _told_in(status: Status, reason: Reason) -> str | None:
    """What the condition says that stands for ever, if it is for this reason."""
    told = status.condition(ConditionType.DATA_LOSS_POSSIBLE)
    if told is None or told.status is not ConditionStatus.TRUE or told.reason is not reason:
        return None
    return told.message
