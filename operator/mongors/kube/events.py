"""Kubernetes Events about a set, where a repeat is counted instead of posted again.

The name of an Event is made from what it says, so a repeat meets the first one on the API
server, after a restart of the operator as well. An Event that cannot be written never stops a
pass: it is news about the work, not the work.
"""

import asyncio
import hashlib
import logging
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mongors.errors import Failure, Refused
from mongors.kube.kinds import KINDS
from mongors.kube.request import MERGE, Request

logger = logging.getLogger(__name__)

CONTROLLER = "mongors"
NOTE_LIMIT = 1024
_COUNTED = 2000
"""Events whose count is kept in memory; of any other the API server is asked."""

Send = Callable[[Request], Awaitable[dict[str, Any]]]


class EventType(StrEnum):
    """How an Event is to be taken."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Regarding:
    """The object that an Event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: what was done (`action`), why (`reason`), in words (`note`)."""

    regarding: Regarding
    type: EventType
    reason: str
    action: str
    note: str

    @property
    def name(self) -> str:
        """The same for the same news about the same object."""
        said = "\n".join((self.regarding.uid, self.type, self.reason, self.note))
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        return f"{self.regarding.name}.{digest}"


class Recorder:
    """Writes Events one after the other, in the order in which they were given."""

    def __init__(self, send: Send, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._send = send
        self._now = now
        self._counts: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._turn = asyncio.Lock()
        self._failing = False

    async def emit(self, event: Event) -> None:
        """Write an Event, or count it once more if it was written before; never fails."""
        async with self._turn:
            try:
                await self._write(event)
            except Failure as failure:
                level = logging.DEBUG if self._failing else logging.WARNING
                logger.log(level, "Lost an Event (%s): %s", event.reason, failure.message)
                self._failing = True
            else:
                self._failing = False

    async def _write(self, event: Event) -> None:
        key = (event.regarding.namespace, event.name)
        if key not in self._counts:
            try:
                await self._send(_creation(event, self._now()))
            except Refused:
                self._count(key, await self._count_there(event))
            else:
                self._count(key, 1)
                return
        await self._repeat(key, event)

    async def _repeat(self, key: tuple[str, str], event: Event) -> None:
        count = self._counts[key] + 1
        series = {"count": count, "lastObservedTime": _micro(self._now())}
        try:
            await self._send(_patch(event, {"series": series}))
        except Refused:  # it has expired, an hour after its last repeat by default
            await self._send(_creation(event, self._now()))
            count = 1
        self._count(key, count)

    async def _count_there(self, event: Event) -> int:
        """Read the count by a patch that changes nothing: it needs no permission to read."""
        found = await self._send(_patch(event, {}))
        return int((found.get("series") or {}).get("count", 1))

    def _count(self, key: tuple[str, str], count: int) -> None:
        self._counts[key] = count
        self._counts.move_to_end(key)
        while len(self._counts) > _COUNTED:
            self._counts.popitem(last=False)


def _creation(event: Event, at: datetime) -> Request:
    kind, about = KINDS["Event"], event.regarding
    body = {
        "apiVersion": kind.api_version,
        "kind": kind.name,
        "metadata": {"name": event.name, "namespace": about.namespace},
        "eventTime": _micro(at),
        "reportingController": CONTROLLER,
        "reportingInstance": socket.gethostname()[:128],
        "regarding": {
            "apiVersion": about.api_version,
            "kind": about.kind,
            "namespace": about.namespace,
            "name": about.name,
            "uid": about.uid,
        },
        "type": event.type.value,
        "reason": event.reason,
        "action": event.action,
        "note": _shortened(event.note),
    }
    return Request("create", kind, about.namespace, event.name, body=body)


def _patch(event: Event, body: Mapping[str, Any]) -> Request:
    kind, namespace = KINDS["Event"], event.regarding.namespace
    return Request("patch", kind, namespace, event.name, body=body, content_type=MERGE)


def _micro(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _shortened(note: str) -> str:
    """Cut to the server's limit, which counts bytes."""
    encoded = note.encode()
    if len(encoded) <= NOTE_LIMIT:
        return note
    return encoded[: NOTE_LIMIT - 3].decode(errors="ignore") + "…"
