"""The wanted members as entries of a configuration, and how the live entries differ from them."""

from dataclasses import replace

from mongors.desired.desired import Desired
from mongors.desired.members import WantedMember
from mongors.observed.mongodb import MemberConfig, ReplicaSetConfig
from mongors.observed.observed import Observed


def entry_of(member: WantedMember, member_id: int) -> MemberConfig:
    """A wanted member as a new entry."""
    return as_wanted(MemberConfig(id=member_id, host=member.host), member)


def as_wanted(live: MemberConfig, member: WantedMember) -> MemberConfig:
    """A live entry with all that is ours as wanted; what is not ours stays."""
    return replace(
        live,
        votes=member.votes,
        priority=member.priority,
        hidden=member.hidden,
        delay_seconds=member.delay_seconds,
        tags=dict(member.tags),
    )


def highest_member_id(observed: Observed, identity: str | None) -> int | None:
    """The highest `_id` ever used, as recorded or in any configuration of this set.

    Also one that no majority shows to hold counts: an `_id` is never used twice (rule 22).
    """
    configs = [answer.config for answer in observed.answers.values() if answer.config]
    mine = [each for each in configs if identity and each.replica_set_id == identity]
    seen = [member.id for config in mine for member in config.members]
    recorded = observed.record.highest_member_id
    return max(seen if recorded is None else [recorded, *seen], default=None)


def without_vote(entry: MemberConfig) -> MemberConfig:
    """An entry as it joins while it must not count yet."""
    return replace(entry, votes=0, priority=0)


def differs(live: MemberConfig, member: WantedMember) -> bool:
    """Whether anything of ours is not as wanted."""
    return as_wanted(live, member) != live or dict(live.tags) != dict(member.tags)


def settings_differ(desired: Desired, config: ReplicaSetConfig) -> bool:
    """Whether a setting of ours is not as wanted."""
    return any(config.settings.get(key) != value for key, value in desired.settings.items())
