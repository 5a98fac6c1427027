"""The commands that servers take, and what they refuse."""

from dataclasses import replace

from mongors.errors import Refused, Rejected, Retry
from mongors.observed.mongodb import ReplicaSetConfig, State
from property.mongods import ELECTION_TICKS, Mongods
from property.servers import Installed, Mongod

STEP_DOWN_TICKS = 10
FREEZE_TICKS = 15

FORCED_JUMP = 40000
"""A forced configuration leaves room for versions that nobody sees."""


def refuse_initiate(mongods: Mongods, asked: Mongod, config: ReplicaSetConfig) -> None:
    """Refuse a set that some member of its first configuration does not wait for, empty."""
    if asked.installed is not None:
        raise Refused("already initialized")
    founders = [mongods.by_host.get(member.host) for member in config.members]
    empty = [each for each in founders if each and each.installed is None]
    if len(empty) != len(founders) or not all(mongods.reaches(asked, each) for each in empty):
        raise Retry("a founding member does not answer or is not empty")
    if config.version != 1 or not _is_electable(config, asked.host):
        raise Rejected("no such first configuration")


def initiate(mongods: Mongods, asked: Mongod, config: ReplicaSetConfig) -> None:
    """Found a set."""
    identity = f"identity-{len(mongods.identities) + 1}"
    mongods.identities.append(identity)
    mongods.install(asked, Installed(replace(config, term=0, replica_set_id=identity)))
    asked.optime = (0, 1)


def step_up(mongods: Mongods, asked: Mongod) -> None:
    """Have a member stand for election now."""
    if asked.state is not State.SECONDARY or asked.frozen or not mongods.wins(asked):
        raise Refused("cannot win")
    mongods.elect(asked)


def step_down(mongods: Mongods, asked: Mongod) -> None:
    """Have the primary hand over to a secondary that has caught up."""
    if not asked.is_writable or asked.installed is None:
        raise Refused("not primary")
    members = list(mongods.members_of(asked.installed))
    if not any(_can_follow(mongods, each, asked) for each in members):
        raise Retry("nobody has caught up")
    asked.give_up_lead()
    asked.frozen = STEP_DOWN_TICKS
    for each in members:
        if mongods.reaches(asked, each):
            each.unseen = ELECTION_TICKS


def freeze(asked: Mongod, ticks: int) -> None:
    """Keep a secondary from standing for election; 0 ends it."""
    if asked.is_primary:
        raise Refused("primary")
    asked.frozen = ticks


def reconfigure(
    mongods: Mongods, asked: Mongod, based_on: tuple[int, int], config: ReplicaSetConfig
) -> None:
    """Install the next configuration, under the rules of a safe reconfig."""
    live = asked.installed
    if not asked.is_writable or live is None:
        raise Refused("not primary")
    if live.stamp != based_on or config.version != live.config.version + 1:
        raise Refused("the configuration changed")
    if not mongods.is_committed(live) or asked.committed[0] != asked.term:
        raise Retry("the configuration is not committed")
    before = {each.id for each in live.config.voters}
    after = {each.id for each in config.voters}
    added = {each.id for each in config.members} - {each.id for each in live.config.members}
    joining = after & added if mongods.marks_new_voters else set[int]()
    if len((before ^ after) - joining) > 1 or not 1 <= len(config.voters) <= 7:
        raise Rejected("votes")
    if not _is_electable(config, asked.host):
        raise Rejected("the primary would not be electable")
    new = Installed(replace(config, term=asked.term), frozenset((live.new & after) | joining))
    if not mongods.sees_majority(asked, new):
        raise Retry("no majority of the new configuration answers")
    mongods.install(asked, new)


def force(
    mongods: Mongods, asked: Mongod, based_on: tuple[int, int], config: ReplicaSetConfig
) -> None:
    """Install a configuration without asking anybody: what only others hold is lost."""
    live = asked.installed
    if live is None or live.stamp != based_on:
        raise Refused("the configuration changed")
    leading = [each for each in mongods.by_host.values() if each.is_primary]
    if any(mongods.reaches(asked, each) for each in leading):
        raise Refused("there is a primary")
    version = config.version + FORCED_JUMP
    new = Installed(replace(config, version=version, term=-1))
    mongods.acknowledged = min(mongods.acknowledged, asked.optime)
    mongods.forced += 1
    mongods.install(asked, new)
    mongods.commit(new)


def _can_follow(mongods: Mongods, member: Mongod, primary: Mongod) -> bool:
    return (
        member is not primary
        and mongods.reaches(member, primary)
        and member.state is State.SECONDARY
        and not member.slow
        and member.can_stand
    )


def _is_electable(config: ReplicaSetConfig, host: str) -> bool:
    member = config.member(host)
    return member is not None and member.priority > 0 and member.is_voter
