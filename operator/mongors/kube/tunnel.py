"""A way through the API server to a port of a pod: what `kubectl port-forward` does.

A local port is opened for as long as it is needed; each connection to it gets a stream of its own.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from mongors.errors import Denied, Retry
from mongors.kube.kinds import KINDS

PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
"""The two channels of the one port that is asked for."""

_GREETING_BYTES = 2
"""Each channel begins with the number of the port."""

_AT_ONCE = 64 * 1024


class Tunnels:
    """Opens ways to the pods of one cluster."""

    def __init__(self, session: aiohttp.ClientSession, server: str) -> None:
        self._session = session
        self._server = server.rstrip("/")

    @asynccontextmanager
    async def open(self, namespace: str, pod: str, port: int) -> AsyncIterator[int]:
        """Open a local port that leads to a port of this pod, and close it again."""
        path = KINDS["Pod"].path(namespace, pod, "portforward")
        url = f"{self._server}{path}?ports={port}"
        await self._try(url, pod)
        under_way = set[asyncio.Task[None]]()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.CancelledError):
                await self._carry(url, reader, writer)
            writer.close()

        local = await asyncio.start_server(accept, "127.0.0.1", 0)
        try:
            yield local.sockets[0].getsockname()[1]
        finally:
            local.close()
            for task in tuple(under_way):
                task.cancel()

    async def _try(self, url: str, pod: str) -> None:
        """Open one stream and close it: a refusal is better told than a connection that breaks."""
        try:
            async with self._session.ws_connect(url, protocols=(PROTOCOL,)):
                return
        except aiohttp.WSServerHandshakeError as error:
            said = f"no way to {pod} through the API server (HTTP {error.status})"
            if error.status in (401, 403):
                said += ": it takes the rights to get and create pods/portforward"
                raise Denied(said, "create", "pods/portforward") from None
            raise Retry(said) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"no way to {pod} through the API server: {error}") from None

    async def _carry(
        self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection until either side ends it."""
        async with self._session.ws_connect(url, protocols=(PROTOCOL,)) as stream:
            ways = {
                asyncio.create_task(_up(reader, stream)),
                asyncio.create_task(_down(stream, writer)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)


async def _up(reader: asyncio.StreamReader, stream: aiohttp.ClientWebSocketResponse) -> None:
    while piece := await reader.read(_AT_ONCE):
        await stream.send_bytes(bytes([_DATA]) + piece)


async def _down(stream: aiohttp.ClientWebSocketResponse, writer: asyncio.StreamWriter) -> None:
    greeted = {_DATA: 0, _ERROR: 0}
    async for message in stream:
        if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
            continue
        channel, piece = message.data[0], message.data[1:]
        skipped = min(_GREETING_BYTES - greeted.get(channel, 0), len(piece))
        greeted[channel] = greeted.get(channel, 0) + skipped
        piece = piece[skipped:]
        if channel == _ERROR and piece:
            return
        if channel == _DATA and piece:
            writer.write(piece)
            await writer.drain()
