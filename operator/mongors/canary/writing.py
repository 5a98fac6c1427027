"""One canary: one document, written over and over to the primary that the labels name."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mongors.canary.findings import Findings
from mongors.desired import labels
from mongors.desired.names import PORT, Names
from mongors.desired.secrets import CANARY, CANARY_DATABASE, secret_name
from mongors.errors import Failure, Retry
from mongors.mongo.session import Login, Session, session
from mongors.store import SetRef, Store

AGAIN_SECONDS = 0.1
"""Between two attempts for one write."""

PATIENCE_MS = 2000
"""One attempt that takes longer is given up."""

Noted = Callable[[SetRef, Findings, float | None], None]
"""Told of each attempt: what is found by now, and the seconds of a write that succeeded."""


@dataclass
class Canary:
    """Writes until it is cancelled; a primary that is there and refuses is one failure a try."""

    ref: SetRef
    store: Store
    period: float
    noted: Noted
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic

    async def run(self) -> None:
        """Write one document after the other, each until it is acknowledged."""
        findings = Findings(self.now())
        while True:
            began: float | None = None
            try:
                async with self._primary() as mongod:
                    while True:
                        began = self.clock() if began is None else began
                        await self._write(mongod)
                        seconds = self.clock() - began
                        findings = findings.acknowledged(self.now(), seconds)
                        self.noted(self.ref, findings, seconds)
                        began = None
                        await asyncio.sleep(self.period)
            except Failure:
                findings = findings.failed()
                self.noted(self.ref, findings, None)
                await asyncio.sleep(AGAIN_SECONDS)

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
        concern = {"w": "majority", "wtimeout": PATIENCE_MS}
        command = {"update": "canary", "updates": [update], "writeConcern": concern}
        reply = await mongod.run(command, CANARY_DATABASE)
        if reply.get("writeErrors") or reply.get("writeConcernError"):
            raise Retry("the write was not acknowledged by a majority")


def _leads(pod: Mapping[str, Any]) -> bool:
    marks = pod["metadata"].get("labels") or {}
    return bool(marks.get(labels.ROLE) == labels.Role.PRIMARY)
