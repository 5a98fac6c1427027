"""The sockets: one protocol object per connection, as many addresses as there are members."""

import asyncio
from collections import Counter
from collections.abc import Callable

from fakes.mongod.commands import Connection
from fakes.mongod.member import Member
from fakes.mongod.wire import HEADER, Malformed, parse

Address = tuple[str, int]
Lookup = Callable[[Address], Member | None]
"""Which member is behind an address; one listener on all addresses serves them all."""


class Counts:
    """What the servers of one process were asked."""

    def __init__(self) -> None:
        self.open = 0
        """Connections that stand now."""
        self.opened = 0
        self.commands: Counter[str] = Counter()


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, lookup: Lookup, counts: Counts) -> None:
        self._lookup = lookup
        self._counts = counts
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        member = self._lookup((host, port))
        self._counts.open += 1
        self._counts.opened += 1
        if member is None or not member.running:
            transport.abort()
            return
        self._connection = Connection(member)

    def connection_lost(self, exc: Exception | None) -> None:
        self._counts.open -= 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= HEADER.size:
            size = int.from_bytes(self._received[:4], "little")
            if len(self._received) < size:
                return
            message, self._received = self._received[:size], self._received[size:]
            self._answer(message)

    def _answer(self, message: bytes) -> None:
        member = self._connection.member
        if not member.running:
            self._transport.abort()
            return
        try:
            request = parse(message)
        except Malformed:
            self._transport.abort()
            return
        self._counts.commands[request.name] += 1
        if member.hangs:
            return
        reply = self._connection.run(request.command)
        if request.wants_reply:
            self._transport.write(request.reply(reply))


async def listen(host: str, port: int, lookup: Lookup, counts: Counts) -> asyncio.Server:
    """Accept connections at one address, or at all of them."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Wire(lookup, counts), host, port, backlog=4096)
