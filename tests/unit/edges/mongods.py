"""A few mongods of one set, as far as commands go; they note what they were asked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mongors.errors import Failure, Refused
from mongors.mongo.replies import document_of
from mongors.mongo.session import Login, Reply, Session
from mongors.observed.mongodb import ReplicaSetConfig
from unit.builders import config


class Mongods:
    """Three members behind their addresses, `10.0.0.<ordinal>`; one may be primary."""

    def __init__(self, live: ReplicaSetConfig | None = None, primary: int | None = 0) -> None:
        self.primary = primary
        self.live = {**document_of(live or config()), "term": (live or config()).term}
        self.ran: list[tuple[int, str]] = []
        self.sent: list[Mapping[str, Any]] = []
        self.logins: list[str | None] = []
        self.frozen: set[int] = set()
        self.failing: dict[tuple[int, str], Failure] = {}
        """What fails, by member and command."""

    @asynccontextmanager
    async def session(
        self, address: str, port: int, login: Login | None = None, *, patience_ms: int = 0
    ) -> AsyncIterator[Session]:
        """Talk to one of them."""
        self.logins.append(login.user if login else None)
        yield Mongod(self, int(address.rpartition(".")[2]))

    async def greet(self, address: str, port: int) -> Reply | None:
        """What a member says to everybody."""
        ordinal = int(address.rpartition(".")[2])
        silent = (ordinal, "hello") in self.failing
        leads = ordinal == self.primary
        return None if silent else {"isWritablePrimary": leads, "secondary": not leads}

    def run(self, ordinal: int, command: Mapping[str, Any]) -> Reply:
        """Follow a command, or fail."""
        name = next(iter(command))
        if (ordinal, name) in self.failing:
            raise self.failing[ordinal, name]
        self.ran.append((ordinal, name))
        self.sent.append(command)
        match command:
            case {"replSetGetConfig": _}:
                return {"config": self.live}
            case {"hello": _}:
                hosts = [each["host"] for each in self.live["members"]]
                seen = {} if self.primary is None else {"primary": hosts[self.primary]}
                return {"isWritablePrimary": ordinal == self.primary, **seen}
            case {"replSetFreeze": seconds}:
                (self.frozen.add if seconds else self.frozen.discard)(ordinal)
            case {"replSetStepDown": _}:
                if ordinal != self.primary:
                    raise Refused("not primary")
                self.primary = None
            case {"replSetStepUp": _}:
                self.primary = ordinal
        return {}


class Mongod(Session):
    """One of them."""

    def __init__(self, members: Mongods, ordinal: int) -> None:
        self._members = members
        self._ordinal = ordinal

    async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
        return self._members.run(self._ordinal, command)
