"""A set of mongods in plain Python: elections, replication, and what a server refuses.

A write is one step of an optime; what a majority of the votes holds is acknowledged, and no
primary may ever lack it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mongors.errors import Refused, Rejected, Retry
from mongors.observed.mongodb import ReplicaSetConfig, State
from property.servers import Installed, Mongod, Optime

SYNC_TICKS = 3
ELECTION_TICKS = 2


@dataclass
class Mongods:
    """All data directories of a set's claims, and the network between their servers."""

    marks_new_voters: bool
    """Whether the servers keep a new voter from counting, as they do from 5.0 on."""
    by_host: dict[str, Mongod] = field(default_factory=dict)
    acknowledged: Optime = (0, 0)
    identities: list[str] = field(default_factory=list)
    history: list[Installed] = field(default_factory=list)
    """Every configuration that was ever installed, in order."""
    committed: Installed | None = None
    """The newest configuration that a majority of its voters ever held."""
    hosts: dict[int, str] = field(default_factory=dict)
    """The host of every `_id` that was ever used."""
    leaderless: int = 0

    def tick(self, luck: int = 0) -> None:
        """Let a moment pass: heartbeats, replication, elections."""
        self._lose_primaries()
        self._spread_configs()
        self._replicate()
        self._hold_election(luck)
        self._count_synced_voter()
        self._note_committed()

    @property
    def primary(self) -> Mongod | None:
        leading = [each for each in self.by_host.values() if each.is_primary]
        return max(leading, key=lambda each: each.term, default=None)

    @property
    def leads_majority(self) -> bool:
        """Whether there is a primary, and enough voters of its configuration serve."""
        live = self.primary.installed if self.primary else None
        return live is not None and self.holds_majority(live, serving=True)

    def holds_majority(self, installed: Installed, *, serving: bool = False) -> bool:
        """Whether enough voters of a configuration run (or serve) now."""
        there = [
            host
            for host in installed.counting
            if (each := self.by_host.get(host)) is not None
            and (each.state.serves if serving else each.running)
        ]
        return len(there) >= installed.majority

    def is_committed(self, installed: Installed) -> bool:
        """Whether a majority of its voters holds this configuration, running or not."""
        holding = [
            host
            for host in installed.counting
            if (each := self.by_host.get(host)) is not None
            and each.installed is not None
            and each.installed.stamp == installed.stamp
        ]
        return len(holding) >= installed.majority

    def initiate(self, asked: Mongod, config: ReplicaSetConfig) -> None:
        """Found a set, if every member of its first configuration answers and is empty."""
        if asked.installed is not None:
            raise Refused("already initialized")
        founders = [self.by_host.get(member.host) for member in config.members]
        empty = [each for each in founders if each and each.running and each.installed is None]
        if len(empty) != len(founders):
            raise Retry("a founding member does not answer or is not empty")
        if config.version != 1 or not _is_electable(config, asked.host):
            raise Rejected("no such first configuration")
        assert not self.identities, "a second replica set"
        identity = f"identity-{len(self.identities) + 1}"
        self.identities.append(identity)
        self._install(asked, Installed(replace(config, term=0, replica_set_id=identity)))
        asked.optime = (0, 1)

    def step_up(self, asked: Mongod) -> None:
        """Have a member stand for election now."""
        if asked.state is not State.SECONDARY or not self._wins(asked):
            raise Refused("cannot win")
        self._elect(asked)

    def step_down(self, asked: Mongod) -> None:
        """Have the primary hand over to a secondary that has caught up."""
        if not asked.is_writable or asked.installed is None:
            raise Refused("not primary")
        if not any(self._can_follow(each, asked) for each in self._members_of(asked.installed)):
            raise Retry("nobody has caught up")
        asked.is_primary = asked.is_writable = False
        asked.frozen = 5

    def reconfigure(
        self, asked: Mongod, based_on: tuple[int, int], config: ReplicaSetConfig
    ) -> None:
        """Install the next configuration, under the rules of a safe reconfig."""
        live = asked.installed
        if not asked.is_writable or live is None:
            raise Refused("not primary")
        if live.stamp != based_on or config.version != live.config.version + 1:
            raise Refused("the configuration changed")
        if not self.is_committed(live):
            raise Refused("the configuration is not committed")
        before = {each.id for each in live.config.voters}
        after = {each.id for each in config.voters}
        added = {each.id for each in config.members} - {each.id for each in live.config.members}
        joining = after & added if self.marks_new_voters else set[int]()
        if len((before ^ after) - joining) > 1 or not 1 <= len(config.voters) <= 7:
            raise Rejected("votes")
        if not _is_electable(config, asked.host):
            raise Rejected("the primary would not be electable")
        new = Installed(replace(config, term=asked.term), frozenset((live.new & after) | joining))
        if not self.holds_majority(new):
            raise Retry("no majority of the new configuration answers")
        self._install(asked, new)

    def forget(self) -> None:
        """Count only the `_id`s in use as used: no record is left of the others."""
        present = self.history[-1].config.members if self.history else ()
        self.hosts = {each.id: each.host for each in present}

    def _install(self, member: Mongod, installed: Installed) -> None:
        before = self.history[-1].config.members if self.history else ()
        present = {each.id for each in before}
        for each in installed.config.members:
            assert each.id in present or each.id not in self.hosts, f"_id {each.id} comes back"
            assert self.hosts.setdefault(each.id, each.host) == each.host
        member.installed = installed
        self.history.append(installed)
        self._note_committed()

    def _note_committed(self) -> None:
        held = [each.installed for each in self.by_host.values() if each.installed]
        ever = [self.committed] if self.committed else []
        now = [each for each in held if self.is_committed(each)]
        self.committed = max([*ever, *now], key=lambda each: each.stamp, default=None)

    def _members_of(self, installed: Installed) -> Iterator[Mongod]:
        for member in installed.config.members:
            if (found := self.by_host.get(member.host)) is not None:
                yield found

    def _lose_primaries(self) -> None:
        for each in self.by_host.values():
            lost = each.installed is None or not self.holds_majority(each.installed)
            if each.is_primary and (lost or not each.in_config or each is not self.primary):
                each.is_primary = each.is_writable = False
            each.is_writable = each.is_primary
            each.frozen = max(0, each.frozen - 1)

    def _spread_configs(self) -> None:
        holders = [each for each in self.by_host.values() if each.running and each.installed]
        configs = [each.installed for each in holders if each.installed]
        newest = max(configs, key=lambda each: each.stamp, default=None)
        for each in self.by_host.values():
            if not each.running or newest is None:
                continue
            if each.installed is None and newest.config.member(each.host) is not None:
                each.installed = newest
                each.sync_left = SYNC_TICKS if newest.stamp[0] else 0
                each.optime = (0, 0) if newest.stamp[0] else (0, 1)
            elif each.installed is not None and each.installed.stamp < newest.stamp:
                each.installed = newest
                each.is_primary = each.is_writable = each.is_primary and each.in_config

    def _replicate(self) -> None:
        primary = self.primary
        if primary is None or primary.installed is None or not primary.is_writable:
            return
        primary.optime = (primary.term, primary.optime[1] + 1)
        for each in self._members_of(primary.installed):
            if not each.running or each.slow or each is primary or each.installed is None:
                continue
            each.sync_left = max(0, each.sync_left - 1)
            each.term = primary.term
            if not each.sync_left:
                each.optime = primary.optime
        optimes = sorted(
            (self.by_host[host].optime for host in primary.installed.counting), reverse=True
        )
        shared = optimes[primary.installed.majority - 1]
        if shared[0] == primary.term:
            self.acknowledged = max(self.acknowledged, shared)

    def _hold_election(self, luck: int) -> None:
        if self.primary is not None:
            self.leaderless = 0
            return
        self.leaderless += 1
        if self.leaderless < ELECTION_TICKS:
            return
        able = [each for each in self.by_host.values() if self._wins(each) and not each.frozen]
        if able:
            self._elect(able[luck % len(able)])

    def _wins(self, candidate: Mongod) -> bool:
        mine = candidate.installed
        if candidate.state is not State.SECONDARY or mine is None:
            return False
        if not _is_electable(mine.config, candidate.host) or candidate.host not in mine.counting:
            return False
        votes = [
            each
            for host in mine.counting
            if (each := self.by_host.get(host)) is not None
            and each.running
            and each.installed is not None
            and each.installed.stamp <= mine.stamp
            and each.optime <= candidate.optime
        ]
        return len(votes) >= mine.majority

    def _elect(self, winner: Mongod) -> None:
        term = max(each.term for each in self.by_host.values()) + 1
        assert winner.optime >= self.acknowledged, (
            f"{winner.host} leads without acknowledged writes: {winner.optime} "
            f"is before {self.acknowledged}"
        )
        assert winner.installed is not None
        for each in self._members_of(winner.installed):
            if each.running:
                each.term = term
                each.is_primary = each.is_writable = False
        winner.is_primary = True
        config = replace(winner.installed.config, term=term)
        self._install(winner, Installed(config, winner.installed.new))

    def _can_follow(self, member: Mongod, primary: Mongod) -> bool:
        config = primary.installed.config if primary.installed else None
        return (
            member is not primary
            and config is not None
            and member.state is State.SECONDARY
            and not member.slow
            and _is_electable(config, member.host)
        )

    def _count_synced_voter(self) -> None:
        primary = self.primary
        live = primary.installed if primary else None
        if primary is None or live is None or not primary.is_writable:
            return
        if not self.is_committed(live):
            return
        for member in live.config.members:
            there = self.by_host.get(member.host)
            if member.id in live.new and there is not None and there.state is State.SECONDARY:
                config = replace(live.config, version=live.config.version + 1, term=primary.term)
                self._install(primary, Installed(config, live.new - {member.id}))
                return


def _is_electable(config: ReplicaSetConfig, host: str) -> bool:
    member = config.member(host)
    return member is not None and member.priority > 0 and member.is_voter
