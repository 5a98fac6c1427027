"""What may become of a request on its way to the API server, and of the answer on its way back.

A trouble is given the request, the connection it came by, and how to ask upstream.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

Ask = Callable[[], Any]
Trouble = Callable[["Seen", web.Request, Ask], Awaitable[web.StreamResponse]]
_KEPT = ("Content-Type", "Content-Encoding", "Retry-After", "Warning", "Audit-Id")
FOREVER = 3600.0
_ABORTED = struct.pack("ii", 1, 0)  # SO_LINGER: what closes resets


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived, at a moment of `time.monotonic`."""

    at: float
    method: str
    path: str
    is_watch: bool
    body: bytes = field(repr=False)

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def is_listing(self) -> bool:
        """Whether it reads many objects at once."""
        return self.method == "GET" and not self.is_watch

    @property
    def is_of_lease(self) -> bool:
        return "/leases" in self.path


def is_write(seen: Seen) -> bool:
    return seen.is_write


def anything(seen: Seen) -> bool:
    return True


def is_watch(seen: Seen) -> bool:
    return seen.is_watch


def is_listing(seen: Seen) -> bool:
    return seen.is_listing


async def calm(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
    """No trouble: pass it on, and the answer back as it comes."""
    async with ask() as answer:
        response = web.StreamResponse(status=answer.status, headers=_headers(answer))
        await response.prepare(request)
        with suppress(ConnectionError, aiohttp.ClientError):
            async for piece in answer.content.iter_any():
                await response.write(piece)
            await response.write_eof()
        return response


def only(trouble: Trouble, wanted: Callable[[Seen], bool], otherwise: Trouble = calm) -> Trouble:
    """Trouble some requests; the Lease is never touched, for its loss ends the process."""

    async def choose(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
        is_hit = wanted(seen) and not seen.is_of_lease
        return await (trouble if is_hit else otherwise)(seen, request, ask)

    return choose


async def broken(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
    """The connection is reset before anything was done."""
    return _cut_off(request)


async def unanswered(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
    """It is accepted, and never answered."""
    await asyncio.sleep(FOREVER)
    return web.Response(status=500)


async def reply_lost(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
    """It is done, and the connection breaks before the answer is through."""
    async with ask() as answer:
        await answer.read()
    return _cut_off(request)


def answered(status: int, reason: str, message: str, retry_after: int | None = None) -> Trouble:
    """The API server answers with a failure instead."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

    async def answer(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
        told = body | {"reason": reason, "message": message}
        return web.json_response(told, status=status, headers=headers)

    return answer


async def gone(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
    """The history that a stream wants to go on from has been compacted."""
    status = {"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410}
    event = {"type": "ERROR", "object": status | {"message": "too old resource version"}}
    return web.Response(text=json.dumps(event) + "\n", content_type="application/json")


async def dumb(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
    """A stream that is open and says nothing."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await asyncio.sleep(FOREVER)
    return response


class Past:
    """Gives each listing as it was when it was first asked for."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[dict[str, str], bytes]] = {}
        self.was_repeated = False

    def knows(self, ending: str) -> bool:
        """Whether it remembers a listing whose path ends like this."""
        return any(url.partition("?")[0].endswith(ending) for url in self._first)

    async def remember(self, seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
        """Pass it on, and keep the answer."""
        async with ask() as answer:
            body = await answer.read()
            if answer.status == 200:
                self._first.setdefault(str(request.rel_url), (_headers(answer), body))
            return web.Response(status=answer.status, headers=_headers(answer), body=body)

    async def repeat(self, seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
        """Answer from the past, if there is one."""
        kept = self._first.get(str(request.rel_url))
        if kept is None:
            return await calm(seen, request, ask)
        self.was_repeated = True
        return web.Response(headers=kept[0], body=kept[1])


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {key: answer.headers[key] for key in _KEPT if key in answer.headers}


def _cut_off(request: web.Request) -> web.StreamResponse:
    assert isinstance(request.transport, asyncio.Transport)
    reset(request.transport)
    return web.Response(status=500)  # goes nowhere


def reset(transport: asyncio.Transport) -> None:
    """End a connection with a reset, as a network does and no server would."""
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None and not transport.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTED)
    transport.abort()
