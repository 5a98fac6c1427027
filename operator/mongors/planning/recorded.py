"""What is to be remembered of a set: what was recorded, and what is seen and accepted now."""

from dataclasses import replace

from mongors.desired.desired import Desired
from mongors.observed.mongodb import ReplicaSetConfig
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.entries import highest_member_id
from mongors.planning.steps import anew, recovery


def record_of(desired: Desired, observed: Observed) -> Record:
    """The record as it should be kept."""
    config, record = _certain_config(desired, observed), observed.record
    forced = recovery.was_forced(desired, observed) or record.forced
    perhaps = record.perhaps_forced or recovery.may_have_forced(desired, observed)
    if anew.is_accepted(desired, observed):
        return Record(forced=forced, perhaps_forced=perhaps, given_up=record.replica_set_id)
    confirmed = recovery.in_force(desired, observed)
    record = replace(
        record,
        recovery=str(confirmed) if confirmed else None,
        forced=forced,
        perhaps_forced=perhaps,
    )
    identity = record.replica_set_id or (config.replica_set_id if config else None)
    highest = highest_member_id(observed, identity)
    return replace(record, replica_set_id=identity, highest_member_id=highest)


def _certain_config(desired: Desired, observed: Observed) -> ReplicaSetConfig | None:
    """The configuration whose identity may be recorded: the primary's, or a majority's alone."""
    config = observed.config
    hosts = [member.host for member in config.members] if config else []
    if config is None or (hosts and not desired.names.include(hosts)):
        return None
    if observed.primary is not None:
        return config
    expected = observed.record.replica_set_id or config.replica_set_id
    answered = [each for each in observed.answers.values() if each.config is not None]
    agreed = len(answered) >= config.majority and observed.replica_set_ids == {expected}
    return config if agreed else None
