"""A set of mongods in plain Python: heartbeats, replication, elections, and a network between them.

A write is one step of an optime; what a majority of the votes holds is acknowledged, and no
primary may ever lack it. Two servers may both think that they lead, until one hears of the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mongors.observed.mongodb import MemberConfig, State
from property.servers import Installed, Mongod, Optime

SYNC_TICKS = 3
ELECTION_TICKS = 2
LONELY_TICKS = 2
"""So long a primary without a majority does not notice."""


@dataclass
class Mongods:
    """All data directories of a set's claims, and the network between their servers."""

    marks_new_voters: bool
    """Whether the servers keep a new voter from counting, as they do from 5.0 on."""
    write_concern: str | int
    """The default of the set."""
    by_host: dict[str, Mongod] = field(default_factory=dict)
    cut: set[tuple[str, str]] = field(default_factory=set)
    """From which host to which no connection can be made."""
    acknowledged: Optime = (0, 0)
    identities: list[str] = field(default_factory=list)
    committed: Installed | None = None
    """The newest configuration that a majority of its voters ever held."""
    hosts: dict[int, str] = field(default_factory=dict)
    """The host of every `_id` that was ever used."""
    forced: int = 0
    """How often a configuration was forced."""
    elections: int = 0

    def tick(self, luck: int = 0) -> None:
        """Let a moment pass: heartbeats, replication, elections."""
        self._hear()
        self._lose_primaries()
        self._replicate()
        self._hold_election(luck)
        self._count_synced_voter()
        self.note_committed()

    @property
    def primary(self) -> Mongod | None:
        leading = [each for each in self.by_host.values() if each.is_primary]
        return max(leading, key=lambda each: each.term, default=None)

    @property
    def leads_majority(self) -> bool:
        """Whether there is a primary, and enough voters of its configuration serve."""
        primary = self.primary
        return primary is not None and self.sees_majority(primary, serving=True)

    def reaches(self, one: Mongod, other: Mongod) -> bool:
        """Whether one server can ask the other."""
        both_run = one.running and other.running
        return both_run and (one is other or (one.host, other.host) not in self.cut)

    def sees_majority(
        self, asked: Mongod, installed: Installed | None = None, *, serving: bool = False
    ) -> bool:
        """Whether a server reaches enough voters of a configuration, its own unless told."""
        live = installed or asked.installed
        if live is None:
            return False
        there = [
            host
            for host in live.counting
            if (each := self.by_host.get(host)) is not None
            and self.reaches(asked, each)
            and (each.state.serves or not serving)
        ]
        return len(there) >= live.majority

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

    def members_of(self, installed: Installed) -> Iterator[Mongod]:
        """The servers that there are of a configuration."""
        for member in installed.config.members:
            if (found := self.by_host.get(member.host)) is not None:
                yield found

    def install(self, member: Mongod, installed: Installed) -> None:
        """Give a server its next configuration, by itself or by order."""
        last = member.installed
        assert last is None or installed.is_newer(last), f"{installed.stamp} after {last}"
        member.installed = installed
        self.note_committed()

    def note_committed(self) -> None:
        for each in self.by_host.values():
            held = each.installed
            known = self.committed is None or (held is not None and held.is_newer(self.committed))
            if held is not None and known and self.is_committed(held):
                self.commit(held)

    def commit(self, installed: Installed) -> None:
        """Take note of a configuration that holds from now on; an `_id` is never used twice."""
        present = {each.id for each in self._present}
        for each in installed.config.members:
            assert each.id in present or each.id not in self.hosts, f"_id {each.id} comes back"
            assert self.hosts.setdefault(each.id, each.host) == each.host
        self.committed = installed

    @property
    def _present(self) -> tuple[MemberConfig, ...]:
        return self.committed.config.members if self.committed else ()

    def forget(self) -> None:
        """Count only the `_id`s in use as used: no record is left of the others."""
        self.hosts = {each.id: each.host for each in self._present}

    def begin_anew(self) -> None:
        """Forget all: no volume holds anything any more."""
        self.acknowledged = (0, 0)
        self.committed, self.hosts = None, {}

    def elect(self, winner: Mongod) -> None:
        """Make a server primary, whom enough others have voted for."""
        mine = winner.installed
        assert mine is not None
        assert winner.optime >= self.acknowledged, (
            f"{winner.host} leads without acknowledged writes: {winner.optime} "
            f"is before {self.acknowledged}"
        )
        assert self.committed is None or not self.committed.is_newer(mine), "an old configuration"
        term = winner.term + 1
        assert all(each.term < term or not each.is_primary for each in self.by_host.values())
        for each in self._voters(winner):
            each.learn_term(term)
        winner.give_up_lead()
        winner.is_primary, winner.alone = True, 0
        self.elections += 1
        version = mine.config.version + (mine.config.term == -1)
        self.install(winner, Installed(replace(mine.config, term=term, version=version), mine.new))

    def wins(self, candidate: Mongod) -> bool:
        """Whether enough voters would follow a server that stands for election now."""
        mine = candidate.installed
        if candidate.state is not State.SECONDARY or mine is None or not candidate.can_stand:
            return False
        return len(self._voters(candidate)) >= mine.majority

    def _voters(self, candidate: Mongod) -> list[Mongod]:
        mine = candidate.installed
        return [
            each
            for host in (mine.counting if mine else ())
            if (each := self.by_host.get(host)) is not None
            and mine is not None
            and self.reaches(candidate, each)
            and each.installed is not None
            and each.identity == candidate.identity
            and not each.installed.is_newer(mine)
            and each.optime <= candidate.optime
            and each.term <= candidate.term
        ]

    def _hear(self) -> None:
        """Heartbeats: terms and configurations spread."""
        for one in self.by_host.values():
            for other in self.by_host.values():
                if one is not other and other.installed and self._hears(one, other):
                    _follow(one, other, other.installed)

    def _hears(self, one: Mongod, other: Mongod) -> bool:
        if not self.reaches(one, other) or one.identity not in (None, other.identity):
            return False
        mine = one.installed
        asks = one.in_config and mine is not None and mine.config.member(other.host) is not None
        theirs = other.installed.config.member(one.host) if other.installed else None
        is_asked = other.in_config and theirs is not None and self.reaches(other, one)
        return asks or is_asked

    def _lose_primaries(self) -> None:
        for each in self.by_host.values():
            if not each.is_primary:
                continue
            each.alone = 0 if self.sees_majority(each) else each.alone + 1
            if not each.in_config or each.alone >= LONELY_TICKS:
                each.give_up_lead()
            each.is_writable = each.is_primary

    def _replicate(self) -> None:
        leading = [each for each in self.by_host.values() if each.is_writable]
        for primary in sorted(leading, key=lambda each: each.term):
            if primary.installed is not None:
                self._take_a_write(primary, primary.installed)

    def _take_a_write(self, primary: Mongod, live: Installed) -> None:
        primary.optime = (primary.term, primary.optime[1] + 1)
        for each in self.members_of(live):
            follows = each.identity == primary.identity and each.term <= primary.term
            if each is primary or each.slow or not follows or not self.reaches(each, primary):
                continue
            each.sync_left = max(0, each.sync_left - 1)
            each.learn_term(primary.term)
            if not each.sync_left:
                each.optime, each.committed = primary.optime, primary.committed
        optimes = (self.by_host[host].optime for host in live.counting if host in self.by_host)
        shared = sorted(optimes, reverse=True)[live.majority - 1 : live.majority]
        if shared and shared[0][0] == primary.term:
            primary.committed = shared[0]
            self.acknowledged = max(self.acknowledged, shared[0])

    def _hold_election(self, luck: int) -> None:
        for each in self.by_host.values():
            sees = each.is_primary or self._primary_of(each) is not None
            each.unseen = 0 if sees else each.unseen + 1
            each.frozen = max(0, each.frozen - 1)
        ready = [each for each in self.by_host.values() if not each.frozen and self.wins(each)]
        able = [each for each in ready if each.unseen >= ELECTION_TICKS]
        able = able or [each for each in ready if self._takes_over(each)]
        if able:
            self.elect(able[luck % len(able)])

    def source_of(self, one: Mongod) -> str | None:
        """The host from which a server copies."""
        primary = self._primary_of(one)
        follows = primary is not None and primary is not one and one.state is State.SECONDARY
        return primary.host if primary is not None and follows else None

    def _primary_of(self, one: Mongod) -> Mongod | None:
        """The primary that a server sees."""
        leading = (
            each
            for each in self.by_host.values()
            if each.is_primary and each.term >= one.term and self.reaches(one, each)
        )
        return max(leading, key=lambda each: each.term, default=None)

    def _takes_over(self, one: Mongod) -> bool:
        """Whether it has a higher priority than the primary, and all that the primary has."""
        primary = self._primary_of(one)
        entry, theirs = one.entry, primary.entry if primary else None
        if primary is None or entry is None or theirs is None:
            return False
        return entry.priority > theirs.priority and one.optime == primary.optime

    def _count_synced_voter(self) -> None:
        primary = self.primary
        live = primary.installed if primary else None
        if primary is None or live is None or not primary.is_writable:
            return
        if not self.is_committed(live) or not self.sees_majority(primary):
            return
        for member in live.config.members:
            there = self.by_host.get(member.host)
            if member.id in live.new and there is not None and there.state is State.SECONDARY:
                config = replace(live.config, version=live.config.version + 1, term=primary.term)
                self.install(primary, Installed(config, live.new - {member.id}))
                return


def _follow(one: Mongod, other: Mongod, held: Installed) -> None:
    """Take over a later term and a newer configuration."""
    if one.installed is None:
        if held.config.member(one.host) is not None:
            one.installed = held
            one.sync_left = SYNC_TICKS if held.stamp[0] else 0
            one.optime = (0, 0) if held.stamp[0] else (0, 1)
            one.term = other.term
        return
    one.learn_term(other.term)
    if held.is_newer(one.installed):
        one.installed = held
        if not one.in_config:
            one.give_up_lead()
