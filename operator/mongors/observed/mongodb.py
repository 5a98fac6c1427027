"""What mongods say: states, configurations, answers. Parsed elsewhere, judged elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """A member's state, in the server's words."""

    STARTUP = "STARTUP"
    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    RECOVERING = "RECOVERING"
    STARTUP2 = "STARTUP2"
    UNKNOWN = "UNKNOWN"
    ARBITER = "ARBITER"
    DOWN = "DOWN"
    ROLLBACK = "ROLLBACK"
    REMOVED = "REMOVED"
    UNINITIATED = "UNINITIATED"
    UNREACHABLE = "UNREACHABLE"

    @property
    def serves(self) -> bool:
        """Whether a member in this state serves clients."""
        return self in (State.PRIMARY, State.SECONDARY)


@dataclass(frozen=True, slots=True)
class MemberConfig:
    """One entry of a replica-set configuration; `foreign` keeps the fields that are not ours."""

    id: int
    host: str
    votes: int = 1
    priority: float = 1
    hidden: bool = False
    delay_seconds: int = 0
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    foreign: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_voter(self) -> bool:
        """Whether this member has a vote."""
        return self.votes > 0

    @property
    def is_electable(self) -> bool:
        """Whether this member can become primary."""
        return self.votes > 0 and self.priority > 0


@dataclass(frozen=True, slots=True)
class ReplicaSetConfig:
    """A replica-set configuration as a value; changes give a new one with `version + 1`."""

    name: str
    version: int
    term: int
    members: tuple[MemberConfig, ...]
    replica_set_id: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """All of its settings, in the server's names; those that are not ours are kept."""
    foreign: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def voters(self) -> tuple[MemberConfig, ...]:
        """The members that have a vote."""
        return tuple(member for member in self.members if member.is_voter)

    @property
    def majority(self) -> int:
        """How many votes elect a primary and acknowledge a majority write."""
        return len(self.voters) // 2 + 1

    @property
    def stamp(self) -> tuple[int, int]:
        """Term and version: what orders configurations, and what a change is based on."""
        return (self.term, self.version)

    def member(self, host: str) -> MemberConfig | None:
        """The member at this host."""
        return next((member for member in self.members if member.host == host), None)

    def adding(self, member: MemberConfig) -> "ReplicaSetConfig":
        """The next configuration, with one member more."""
        return self._next((*self.members, member))

    def removing(self, host: str) -> "ReplicaSetConfig":
        """The next configuration, without the member at this host."""
        return self._next(tuple(member for member in self.members if member.host != host))

    def changing(self, *changed: MemberConfig) -> "ReplicaSetConfig":
        """The next configuration, with these entries in the place of those of the same `_id`."""
        by_id = {member.id: member for member in changed}
        return self._next(tuple(by_id.get(member.id, member) for member in self.members))

    def with_settings(self, settings: Mapping[str, Any]) -> "ReplicaSetConfig":
        """The same version with these settings; others stay."""
        return replace(self, settings={**self.settings, **settings})

    def _next(self, members: tuple[MemberConfig, ...]) -> "ReplicaSetConfig":
        return replace(self, version=self.version + 1, members=members)


def voter_changes(before: ReplicaSetConfig, after: ReplicaSetConfig) -> int:
    """How many voters one configuration has that the other has not (compared by `_id`)."""
    old = {member.id for member in before.voters}
    new = {member.id for member in after.voters}
    return len(old ^ new)


@dataclass(frozen=True, slots=True, order=True)
class Optime:
    """What a member has applied; of two, the later one holds all that a majority acknowledged."""

    term: int
    seconds: int
    increment: int

    def __str__(self) -> str:
        return f"{self.seconds}:{self.increment} of term {self.term}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A server parameter as it is live."""

    value: Any = field(hash=False)
    settable_live: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    """How one member sees another."""

    host: str
    state: State
    healthy: bool
    optime_seconds: float | None = None
    """Time of the last operation applied, in seconds since the epoch; None if it has none yet."""
    sync_source: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one mongod said of itself in this pass; a failure to answer is an answer too."""

    ordinal: int
    state: State
    host: str | None = None
    """Under which name its configuration knows it; None when that holds no such member."""
    problem: str | None = None
    """Why nothing (or not all) could be learnt; None after a full answer."""
    is_writable_primary: bool = False
    set_name: str | None = None
    term: int = -1
    config: ReplicaSetConfig | None = None
    config_committed: bool = False
    voting_members: int | None = None
    """Voters that count now; a voter still marked as newly added does not."""
    applied: Optime | None = None
    """The last operation that it has applied."""
    copying: bool = False
    """Whether it copies all data (an initial sync) and has a part of them alone."""
    committed_term: int | None = None
    """The term of the last write that, as far as it knows, a majority has acknowledged."""
    views: tuple[MemberView, ...] = ()
    version: tuple[int, int, int] | None = None
    fcv: str | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict, hash=False)
    """Those of the wanted server parameters that it knows."""
    write_concern: str | int | None = None
    """The default `w` of the set, as the primary tells it; None when it was not told."""
    oplog_seconds: float | None = None
    """How far back a full oplog of the primary reaches; asked only while somebody is behind."""
    login_refused: bool = False
    """The operator's own user could not log in where it should."""

    @property
    def answered(self) -> bool:
        """Whether this mongod answered at all."""
        return self.state is not State.UNREACHABLE
