"""Membership: the live configuration is brought to the wanted one, one voter at a time."""

from collections.abc import Iterator

from mongors.api.version import major_of
from mongors.desired.desired import Desired
from mongors.desired.members import MAX_VOTERS, WantedMember
from mongors.observed.mongodb import Answer, MemberConfig, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Reconfigure, StepDown
from mongors.planning.catching_up import has_caught_up
from mongors.planning.entries import (
    as_wanted,
    differs,
    entry_of,
    settings_differ,
    without_vote,
)
from mongors.planning.recorded import record_of
from mongors.planning.safety import primary_host
from mongors.planning.steps.gate import held_now
from mongors.planning.waits import Wait
from mongors.planning.words import step_down, unsettled

NEWLY_ADDED_SINCE = (5, 0)
"""From this FCV on the server itself keeps a new voter from counting until it has synced."""

Said = Iterator[Reconfigure | StepDown | Wait]


def remove_members(desired: Desired, observed: Observed) -> Said:
    """Take members that are not wanted any more out of the configuration, before their pods go.

    Dead ones first, then the highest ordinal; the primary last, after it has stepped down. Members
    that are not pods of this set are not ours to remove.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    unwanted = list(leaving(desired, config).values())
    if not unwanted:
        return
    if not observed.config_is_settled:
        yield unsettled(config)
        return
    others = [member for member in unwanted if member.host != primary_host(observed)]
    if not others:
        heirs = (config.member(each.host) for each in desired.members)
        if any(heir is not None and heir.is_electable for heir in heirs):
            yield step_down(desired, primary, "its member is to leave the set")
        return  # otherwise those who stay have to join first
    first = min(others, key=lambda each: _leaving_order(desired, observed, each))
    if observed.is_healthy(first.host) and _needs_substitutes(desired, observed, config):
        return  # those who stay have to join first
    change = f"take {first.host} out of the configuration"
    yield _reconfigure(primary, config, config.removing(first.host), change, "remove")


def _needs_substitutes(desired: Desired, observed: Observed, config: ReplicaSetConfig) -> bool:
    """Whether those who stay would be too few, while some of them are yet to join (rule 37).

    Their volumes are lost, perhaps: then the members that are to leave have the last copies.
    """
    staying = [member for member in desired.members if member.votes > 0]
    absent = any(config.member(member.host) is None for member in staying)
    return absent and sum(observed.is_healthy(m.host) for m in staying) <= len(staying) // 2


def add_members(desired: Desired, observed: Observed) -> Said:
    """Add wanted members in ordinal order as they come up, each under an `_id` never used before.

    Before 5.0 a new voter counts at once, so it comes without a vote and is given it when it has
    caught up; from 5.0 on the server does the same by itself for a member that is empty. One that
    comes back with data of its former time would count at once there as well.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    joining = [
        member
        for member in desired.members
        if config.member(member.host) is None and _can_join(desired, observed, member)
    ]
    if not joining:
        return
    if not observed.config_is_settled:
        yield unsettled(config)
        return
    member = joining[0]
    entry = entry_of(member, (record_of(desired, observed).highest_member_id or 0) + 1)
    if is_full(config) or not _counts_late(observed, primary, member):
        entry = without_vote(entry)
    change = f"add {member.host} as member {entry.id}"
    yield _reconfigure(primary, config, config.adding(entry), change, "add")


def settle_options(desired: Desired, observed: Observed) -> Said:
    """Bring the settings and all that is no vote to what is wanted, in one reconfig.

    What is not ours in the configuration stays as it is. A primary that is not to be one any more
    comes last: who shall take over may only now be able to.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    changed = [
        as_wanted(live, wanted)
        for wanted in desired.members
        if (live := config.member(wanted.host)) is not None
        and live.votes == wanted.votes
        and differs(live, wanted)
    ]
    if not changed and not settings_differ(desired, config):
        return
    if not observed.config_is_settled:
        yield unsettled(config)
        return
    now = [each for each in changed if each.host != primary_host(observed) or each.priority > 0]
    if changed and not now and not settings_differ(desired, config):
        others = (member for member in config.members if member.host != primary_host(observed))
        if any(member.is_electable for member in others):
            yield step_down(desired, primary, "its member is not to be primary any more")
        # otherwise somebody has to be given a vote first
    else:
        after = config.changing(*now).with_settings(desired.settings)
        hosts = ", ".join(each.host for each in now)
        change = f"change options of {hosts}" if hosts else "change the settings of the set"
        yield _reconfigure(primary, config, after, change, "change")


def settle_votes(desired: Desired, observed: Observed) -> Said:
    """Give and take votes, one in a reconfig; a vote is given only to a member that caught up."""
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    differing = [
        (wanted, live)
        for wanted in desired.members
        if (live := config.member(wanted.host)) is not None
        and live.votes != wanted.votes
        and (wanted.votes < live.votes or has_caught_up(observed, wanted.host))
    ]
    if not differing or (is_full(config) and all(wanted.votes for wanted, _ in differing)):
        return  # of those that are not ours, too many vote: the conditions name them
    wanted, live = min(differing, key=lambda each: (each[0].votes > 0) is is_full(config))
    if not observed.config_is_settled:
        yield unsettled(config)
    elif wanted.priority <= 0 and wanted.host == primary_host(observed):
        yield step_down(desired, primary, "its member is to give up its vote")
    else:
        yield _change_vote(primary, config, as_wanted(live, wanted))


def leaving(desired: Desired, config: ReplicaSetConfig) -> dict[int, MemberConfig]:
    """The members that are pods of this set and are not wanted any more, by their ordinals."""
    return {
        ordinal: member
        for member in config.members
        if (ordinal := desired.names.ordinal_of_host(member.host)) is not None
        and ordinal >= len(desired.members)
    }


def is_full(config: ReplicaSetConfig) -> bool:
    """Whether no further member may have a vote."""
    return len(config.voters) >= MAX_VOTERS


def _can_join(desired: Desired, observed: Observed, member: WantedMember) -> bool:
    """Whether a mongod is up that holds no data, or this set's own, and may restart over them."""
    answer, pod = observed.answers.get(member.ordinal), observed.pods.get(member.ordinal)
    if answer is None or pod is None or pod.name not in observed.named:
        return False
    if pod.may_start_empty or pod.name in held_now(desired, observed):
        return False
    if answer.state is State.UNINITIATED:
        return True
    expected = record_of(desired, observed).replica_set_id
    is_own = answer.config is not None and answer.config.replica_set_id == expected
    return answer.state is State.REMOVED and is_own


def _counts_late(observed: Observed, primary: Answer, member: WantedMember) -> bool:
    """Whether the server itself keeps this new voter from counting before it has synced."""
    knows = primary.fcv is not None and major_of(f"{primary.fcv}.0") >= NEWLY_ADDED_SINCE
    return knows and observed.state(member.ordinal) is State.UNINITIATED


def _leaving_order(desired: Desired, observed: Observed, member: MemberConfig) -> tuple[bool, int]:
    ordinal = desired.names.ordinal_of_host(member.host)
    return observed.is_healthy(member.host), -(ordinal or 0)


def _change_vote(primary: Answer, config: ReplicaSetConfig, entry: MemberConfig) -> Reconfigure:
    gives = entry.votes > 0
    change = f"{'give a vote to' if gives else 'take the vote of'} {entry.host}"
    kind = "give_vote" if gives else "take_vote"
    return _reconfigure(primary, config, config.changing(entry), change, kind)


def _reconfigure(
    primary: Answer, before: ReplicaSetConfig, after: ReplicaSetConfig, change: str, kind: str
) -> Reconfigure:
    return Reconfigure(primary.ordinal, before.stamp, after, change, kind)
