"""One mongod in plain Python: its data directory, its configuration, and what it says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mongors.observed.mongodb import MemberConfig, ReplicaSetConfig, State

Optime = tuple[int, int]
"""Term and number of a write."""

SETTABLE_LIVE: Mapping[str, Any] = {"cursorTimeoutMillis": 600000, "notablescan": False}
SET_AT_START: Mapping[str, Any] = {"diagnosticDataCollectionDirectorySizeMB": 200}
"""The server parameters that these mongods know, with their defaults."""


@dataclass(frozen=True)
class Installed:
    """A configuration as servers hold it; voters in `new` do not count before they have synced."""

    config: ReplicaSetConfig
    new: frozenset[int] = frozenset()

    @property
    def stamp(self) -> tuple[int, int]:
        return self.config.stamp

    @property
    def counting(self) -> tuple[str, ...]:
        """The hosts whose votes count."""
        return tuple(each.host for each in self.config.voters if each.id not in self.new)

    @property
    def majority(self) -> int:
        return len(self.counting) // 2 + 1

    def is_newer(self, other: "Installed") -> bool:
        """Whether servers take this one instead; one that was forced has no term to compare."""
        if -1 in (self.config.term, other.config.term):
            return self.config.version > other.config.version
        return self.stamp > other.stamp


@dataclass
class Mongod:
    """A data directory, and whether a server runs over it."""

    ordinal: int
    host: str
    installed: Installed | None = None
    term: int = 0
    optime: Optime = (0, 0)
    committed: Optime = (0, 0)
    """The last write that a majority acknowledged, as far as it knows."""
    sync_left: int = 0
    has_files: bool = False
    """Whether a server ever ran here: then there is something, if only an empty database."""
    running: bool = False
    slow: bool = False
    is_primary: bool = False
    is_writable: bool = False
    frozen: int = 0
    """Ticks during which it does not stand for election."""
    unseen: int = 0
    """Ticks since it saw a primary."""
    alone: int = 0
    """Ticks since it saw a majority, as primary."""
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> MemberConfig | None:
        """Its own entry in the configuration that it holds."""
        return self.installed.config.member(self.host) if self.installed else None

    @property
    def in_config(self) -> bool:
        return self.entry is not None

    @property
    def identity(self) -> str | None:
        """Of which replica set it has the data."""
        return self.installed.config.replica_set_id if self.installed else None

    @property
    def can_stand(self) -> bool:
        """Whether its configuration lets it be primary."""
        entry = self.entry
        counts = self.installed is not None and self.host in self.installed.counting
        return entry is not None and counts and entry.is_electable

    @property
    def state(self) -> State:
        if not self.running:
            return State.UNREACHABLE
        if self.installed is None:
            return State.UNINITIATED
        if not self.in_config:
            return State.REMOVED
        if self.is_primary:
            return State.PRIMARY
        return State.STARTUP2 if self.sync_left else State.SECONDARY

    def start(self, parameters: Mapping[str, Any]) -> None:
        self.running = self.has_files = True
        self.frozen = self.unseen = self.alone = 0
        self.parameters = {**SETTABLE_LIVE, **SET_AT_START, **parameters}

    def stop(self) -> None:
        self.running = False
        self.give_up_lead()

    def give_up_lead(self) -> None:
        self.is_primary = self.is_writable = False

    def learn_term(self, term: int) -> None:
        """Who hears of a later term is primary no more."""
        if term > self.term:
            self.term = term
            self.give_up_lead()
