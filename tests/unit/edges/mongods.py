"""A few mongods of one set, as far as commands go; they note what they were asked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import chain, repeat
from typing import Any

from bson import Timestamp

from mongors.errors import Failure, Refused
from mongors.mongo.replies import document_of
from mongors.mongo.session import Login, Reply, Session
from mongors.observed.mongodb import ReplicaSetConfig
from unit.builders import config

_OPTIMES = [{"ts": Timestamp(seconds, 1), "t": 3} for seconds in (100, 99)]


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
        self.behind: dict[int, int] = {}
        """Who lacks a write that a majority has, and how often it says so."""
        self.notes = 0
        self.asked_source = ""
        self.follows = [False, True]
        """Whether a member copies from whom it was asked to, each time somebody looks; the last one
        stays."""

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
            case {"replSetFreeze": seconds}:
                (self.frozen.add if seconds else self.frozen.discard)(ordinal)
            case {"replSetStepDown": _}:
                if ordinal != self.primary:
                    raise Refused("not primary")
                self.primary = None
            case {"replSetStepUp": _}:
                self.primary = ordinal
            case {"replSetSyncFrom": source}:
                self.asked_source = source
                self._looks = chain(self.follows, repeat(self.follows[-1]))
            case {"appendOplogNote": _}:
                self.notes += 1
            case _:
                return self._told(ordinal, command)
        return {"operationTime": Timestamp(100, self.notes)}

    def _told(self, ordinal: int, asked: Mapping[str, Any]) -> Reply:
        match asked:
            case {"replSetGetConfig": _}:
                return {"config": self.live}
            case {"hello": _}:
                hosts = [each["host"] for each in self.live["members"]]
                seen = {} if self.primary is None else {"primary": hosts[self.primary]}
                left = self.behind.get(ordinal, 0)
                self.behind[ordinal] = left - 1
                last = {"opTime": _OPTIMES[left > 0], "majorityOpTime": _OPTIMES[0]}
                return {"isWritablePrimary": ordinal == self.primary, "lastWrite": last, **seen}
            case {"replSetGetStatus": _}:
                applied = {"ts": Timestamp(100, self.notes), "t": 3}
                source = self.asked_source if next(self._looks) else ""
                return {"syncSourceHost": source, "optimes": {"appliedOpTime": applied}}
        return {}


class Mongod(Session):
    """One of them."""

    def __init__(self, members: Mongods, ordinal: int) -> None:
        self._members = members
        self._ordinal = ordinal

    async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
        return self._members.run(self._ordinal, command)
