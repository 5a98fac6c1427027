"""One mongod in plain Python: its data directory, its configuration, and what it says of itself."""

from dataclasses import dataclass

from mongors.observed.mongodb import ReplicaSetConfig, State

Optime = tuple[int, int]
"""Term and number of a write."""


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


@dataclass
class Mongod:
    """A data directory, and whether a server runs over it."""

    ordinal: int
    host: str
    installed: Installed | None = None
    term: int = 0
    optime: Optime = (0, 0)
    sync_left: int = 0
    has_files: bool = False
    """Whether a server ever ran here: then there is something, if only an empty database."""
    running: bool = False
    slow: bool = False
    is_primary: bool = False
    is_writable: bool = False
    frozen: int = 0
    """Ticks during which it does not stand for election, after it stepped down."""

    @property
    def in_config(self) -> bool:
        return self.installed is not None and self.installed.config.member(self.host) is not None

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

    def stop(self) -> None:
        self.running = self.is_primary = self.is_writable = False
