"""One member: a server over a data directory, as it would describe itself."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakes.mongod.group import Group

SETTABLE_LIVE: Mapping[str, Any] = {"cursorTimeoutMillis": 600000, "notablescan": False}
SET_AT_START: Mapping[str, Any] = {
    "enableLocalhostAuthBypass": False,
    "diagnosticDataCollectionDirectorySizeMB": 200,
}
"""The server parameters that these servers know, with their defaults."""

STARTUP, PRIMARY, SECONDARY, STARTUP2, REMOVED = 0, 1, 2, 5, 10
WORDS = {
    STARTUP: "STARTUP",
    PRIMARY: "PRIMARY",
    SECONDARY: "SECONDARY",
    STARTUP2: "STARTUP2",
    REMOVED: "REMOVED",
}
"""The states that there are here, by the numbers that servers give them."""


@dataclass(eq=False)
class Member:
    """A mongod that was started with a keyFile and the name of a replica set."""

    host: str
    """Under which the configuration knows it, `name:port`."""
    set_name: str
    key: str
    """What the keyFile holds."""
    world: Mapping[str, "Member"] = field(repr=False)
    """All servers there are, by host: the network."""
    version: str = "6.0.5"
    running: bool = True
    hangs: bool = False
    """Whether it accepts connections and never answers."""
    frozen_until: float = 0.0
    group: "Group | None" = None
    """The replica set whose data it has, once it has heard of it."""
    heard_at: float = 0.0
    """From when on it knows of its group."""
    synced_at: float = 0.0
    """From when on it has the group's data."""
    copies_from: str = ""
    """The host that it was asked to copy from, if it was."""
    parameters: dict[str, Any] = field(default_factory=lambda: {**SETTABLE_LIVE, **SET_AT_START})

    @property
    def live_group(self) -> "Group | None":
        """The group as this member knows of it by now, brought up to this moment."""
        if self.group is None or time.monotonic() < self.heard_at:
            return None
        self.group.advance()
        return self.group

    @property
    def state(self) -> int:
        """Its state, as a number."""
        group = self.live_group
        if group is None:
            return STARTUP
        if group.entry(self.host) is None:
            return REMOVED
        if group.primary is self:
            return PRIMARY
        return SECONDARY if time.monotonic() >= self.synced_at else STARTUP2

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes."""
        return self.state == PRIMARY

    def password_of(self, user: str, database: str) -> str | None:
        """What somebody has to know to log in as this user; None if there is no such user."""
        if (user, database) == ("__system", "local"):
            return "".join(self.key.split())
        group = self.live_group
        known = group.users.get((user, database)) if group else None
        return known.password if known else None

    def stop(self) -> None:
        """End the server; the data stay."""
        self.running = False
        if self.group is not None:
            self.group.advance()

    def start(self) -> None:
        """Start it again over the same data."""
        self.running, self.frozen_until = True, 0.0
        self.parameters = {**SETTABLE_LIVE, **SET_AT_START}
        if self.group is not None:
            self.group.advance()
