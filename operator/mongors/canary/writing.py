"""One canary: one document, written over and over to the primary that the labels name."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mongors.canary.findings import Findings
from mongors.desired import labels
from mongors.desired.names import PORT, Names
from mongors.desired.secrets import CANARY, CANARY_DATABASE, secret_name
from mongors.errors import Denied, Failure, Retry
from mongors.mongo.commands import write_to_majority
from mongors.mongo.session import Login, Session, session
from mongors.store import SetRef, Store

FIRST_PAUSE, LAST_PAUSE = 0.1, 1.0
"""Seconds between two attempts for one write: twice as long each time, up to the last."""

PATIENCE_MS = 2000
"""One attempt that takes longer is given up."""

Noted = Callable[[SetRef, Findings, float | None], None]
"""Told of each attempt: what is found by now, and the seconds of a write that succeeded."""


@dataclass
class Canary:
    """Writes until it is cancelled; each write is tried until it is acknowledged."""

    ref: SetRef
    store: Store
    period: float
    noted: Noted
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    _began: float | None = None
    """When the first attempt for the present write was made."""
    _pause: float = field(default_factory=lambda: FIRST_PAUSE)
    _findings: Findings = field(init=False)

    async def run(self) -> None:
        """Write one document after the other."""
        self._findings = Findings(self.now())
        while True:
            self._begin()
            try:
                async with self._primary() as mongod:
                    while True:
                        self._begin()
                        await self._write(mongod)
                        self._acknowledged()
                        await asyncio.sleep(self.period)
            except Failure as failure:
                self._findings = self._findings.failed()
                self.noted(self.ref, self._findings, None)
                is_refused = isinstance(failure, Denied)  # a login costs far more than a write
                await asyncio.sleep(self.period if is_refused else self._pause)
                self._pause = min(2 * self._pause, LAST_PAUSE)

    def _begin(self) -> None:
        if self._began is None:
            self._began = self.clock()

    def _acknowledged(self) -> None:
        seconds = self.clock() - (self._began or 0.0)
        self._began, self._pause = None, FIRST_PAUSE
        self._findings = self._findings.acknowledged(self.now(), seconds)
        self.noted(self.ref, self._findings, seconds)

    @asynccontextmanager
    async def _primary(self) -> AsyncIterator[Session]:
        names = Names(self.ref.namespace, self.ref.name)
        ip, login = self._address(names), self._login(names)
        async with session(ip, PORT, login, patience_ms=PATIENCE_MS) as mongod:
            yield mongod

    def _address(self, names: Names) -> str:
        """Where the labels say that the primary is; the operator keeps them up to date."""
        for raw in self.store.of_set(self.ref):
            if raw["kind"] == "Pod" and _leads(raw) and (ip := raw["status"].get("podIP")):
                return str(ip)
        raise Retry(f"no pod of {names.name} is labelled as primary")

    def _login(self, names: Names) -> Login:
        held = self.store.get("Secret", names.namespace, secret_name(names, CANARY.secret))
        password = CANARY.password((held or {}).get("data") or {})
        if password is None:
            raise Retry(f"Secret {secret_name(names, CANARY.secret)} is not there")
        return Login(CANARY.user, password)

    async def _write(self, mongod: Session) -> None:
        update = {"q": {"_id": self.ref.name}, "u": {"$set": {"at": self.now()}}, "upsert": True}
        command = {"update": "canary", "updates": [update]}
        await write_to_majority(mongod, command, CANARY_DATABASE, PATIENCE_MS)


def _leads(pod: Mapping[str, Any]) -> bool:
    marks = pod["metadata"].get("labels") or {}
    return bool(marks.get(labels.ROLE) == labels.Role.PRIMARY)
