"""One replica set as its members share it: configuration, elections, users.

Time passes when somebody looks: nothing runs while nobody asks, whatever the number of sets.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId, Timestamp

from fakes.mongod.configuration import Document, completed, is_electable, is_new, is_voter
from fakes.mongod.member import Member
from fakes.mongod.refusals import Code, Refusal

HEARTBEAT_SECONDS = 0.3
"""Until the others hear of a configuration; real ones tell each other at once, then every 2 s."""
SYNC_SECONDS = 0.7
"""Until a new member has copied the data, of which there are none."""
ELECTION_SECONDS = 10.0
"""For how long members without a primary wait before they elect one; mongod's default."""


@dataclass(frozen=True, slots=True)
class User:
    """A database user."""

    name: str
    database: str
    password: str = field(repr=False)
    roles: tuple[tuple[str, str], ...] = ()
    """Pairs of role and database."""


class Group:
    """A replica set."""

    def __init__(self, members: Mapping[str, Member], document: Document) -> None:
        self._members = members
        self.config: Document = completed(document, version=1, term=0)
        self.config["settings"]["replicaSetId"] = ObjectId()
        self.term = 0
        self.primary: Member | None = None
        self.users: dict[tuple[str, str], User] = {}
        self.write_concern: dict[str, Any] | None = None
        self._leaderless_since = time.monotonic()
        self._writes = 1
        self._wall = datetime.now(UTC)
        self._spread(at_once=())

    def advance(self) -> None:
        """Bring the set to what it has come to by now."""
        now = time.monotonic()
        if self.primary is not None and not self._leads(self.primary):
            self.primary, self._leaderless_since = None, now
        if self.primary is None and now - self._leaderless_since >= ELECTION_SECONDS:
            able = [each for each in self._present() if self.could_win(each)]
            if able:
                self.elect(max(able, key=self._priority))
        if self.primary is not None:
            self._count_new_voters(now)

    def entry(self, host: str) -> Document | None:
        """The member at this host in the configuration."""
        return next((each for each in self.config["members"] if each["host"] == host), None)

    def could_win(self, member: Member) -> bool:
        """Whether a majority would vote for a member now."""
        entry, now = self.entry(member.host), time.monotonic()
        if entry is None or not is_electable(entry) or is_new(entry):
            return False
        able = member.running and member.synced_at <= now and member.frozen_until <= now
        return able and self.majority_is_there(self.config)

    def elect(self, member: Member) -> None:
        """Make a member primary, in a new term."""
        self.term += 1
        self.config = {**self.config, "term": self.term}
        self.primary = member
        self.note_write()

    def step_down(self, seconds: float) -> None:
        """Give the lead up; the primary does not stand again for a while."""
        if self.primary is not None:
            self.primary.frozen_until = time.monotonic() + seconds
        self.primary, self._leaderless_since = None, time.monotonic()

    def install(self, document: Document, *, forced: bool = False) -> None:
        """Make this the configuration; a new voter does not count before it has synced."""
        known = {each["_id"] for each in self.config["members"]}
        term = -1 if forced else self.term
        self.config = completed(document, version=document["version"], term=term)
        for each in self.config["members"]:
            if each["_id"] not in known and is_voter(each) and not forced:
                each["newlyAdded"] = True
        self._spread(at_once=(each for each in self._present() if each.group is self))
        self.note_write()

    def majority_is_there(self, document: Document) -> bool:
        """Whether enough voters of a configuration run and know of this set, or of none yet."""
        voters = [each for each in document["members"] if is_voter(each) and not is_new(each)]
        there = (self._members.get(each["host"]) for each in voters)
        up = [each for each in there if each and each.running and each.group in (None, self)]
        return len(up) > len(voters) // 2

    @property
    def voters_that_count(self) -> int:
        """How many votes there are."""
        return sum(is_voter(each) and not is_new(each) for each in self.config["members"])

    @property
    def optime(self) -> dict[str, Any]:
        """The last write; all members that have synced hold it."""
        return {"ts": Timestamp(int(self._wall.timestamp()), self._writes), "t": self.term}

    @property
    def wall(self) -> datetime:
        """When that write was made."""
        return self._wall

    def note_write(self) -> None:
        """Take a write in."""
        self._writes += 1
        self._wall = datetime.now(UTC)

    def member_at(self, host: str) -> Member | None:
        """The server at a host, if it runs."""
        found = self._members.get(host)
        return found if found is not None and found.running else None

    def check_primary(self, member: Member) -> None:
        """Refuse what only the primary does."""
        if self.primary is not member:
            raise Refusal(Code.NOT_WRITABLE_PRIMARY, "not primary")

    def _present(self) -> Iterator[Member]:
        for each in self.config["members"]:
            if (found := self.member_at(each["host"])) is not None:
                yield found

    def _leads(self, primary: Member) -> bool:
        is_there = primary.running and self.entry(primary.host) is not None
        return is_there and self.majority_is_there(self.config)

    def _priority(self, member: Member) -> float:
        return float((self.entry(member.host) or {}).get("priority", 1))

    def _spread(self, at_once: Iterable[Member]) -> None:
        """Let all members hear of the configuration: who knows of the set, without delay."""
        now, known = time.monotonic(), set(at_once)
        for each in self._present():
            if each not in known and each.group is None:
                each.group, each.heard_at = self, now + HEARTBEAT_SECONDS
                each.synced_at = now + HEARTBEAT_SECONDS + SYNC_SECONDS

    def _count_new_voters(self, now: float) -> None:
        for each in self.config["members"]:
            there = self.member_at(each["host"])
            if is_new(each) and there is not None and now >= there.synced_at:
                members = [
                    {
                        key: value
                        for key, value in one.items()
                        if one is not each or key != "newlyAdded"
                    }
                    for one in self.config["members"]
                ]
                version = self.config["version"] + 1
                self.config = {**self.config, "version": version, "members": members}
                return
