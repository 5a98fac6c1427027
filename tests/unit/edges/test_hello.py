"""`hello` over a bare connection: what answers, what does not, and what is no mongod at all."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import bson
import pytest

from fakes.mongod.member import Member
from fakes.mongod.server import Counts, listen
from mongors.errors import Refused, Rejected, Retry
from mongors.mongo.hello import hello


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[int]:
    """Somebody who answers whatever is asked with these bytes, or never; on a port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        if answer is None:
            await reader.read()  # until the other side has gone
        else:
            writer.write(answer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        served.set()

    served = asyncio.Event()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await served.wait()


def message(document: dict[str, Any], *, kind: int = 2013, length: int | None = None) -> bytes:
    body = b"\0\0\0\0\0" + bson.encode(document)
    return struct.pack("<iiii", length or 16 + len(body), 7, 1, kind) + body


async def test_a_server_that_drivers_can_talk_to_answers() -> None:
    member, counts = Member("127.0.0.1:0", "rs0", "a" * 64, {}), Counts()
    server = await listen("127.0.0.1", 0, lambda _: member, counts)
    async with server:
        said = await hello("127.0.0.1", server.sockets[0].getsockname()[1])
    assert said["isreplicaset"]
    assert counts.opened == 1


async def test_a_refusal_is_told_by_its_code() -> None:
    refusal = {"ok": 0.0, "code": 11600, "errmsg": "going down"}
    async with answering(message(refusal)) as port:
        with pytest.raises(Refused, match="refused hello with code 11600: going down"):
            await hello("127.0.0.1", port)
    async with answering(message({"ok": 0.0, "errmsg": "what?"})) as port:
        with pytest.raises(Rejected):
            await hello("127.0.0.1", port)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        message({"ok": 1.0})[:-3],
        message({"ok": 1.0}, kind=1),
        message({"ok": 1.0}, length=1 << 30),
        message({"ok": 1.0}, length=3),
        struct.pack("<iiii", 30, 7, 1, 2013) + b"\0" * 14,
    ],
    ids=["nothing", "another protocol", "cut short", "another kind", "endless", "tiny", "no BSON"],
)
async def test_what_is_no_answer_is_silence(answer: bytes) -> None:
    async with answering(answer) as port:
        with pytest.raises(Retry, match="did not answer hello"):
            await asyncio.wait_for(hello("127.0.0.1", port), 5)


async def test_where_nobody_listens_there_is_silence() -> None:
    async with answering(b"") as port:
        with pytest.raises(Retry):
            await hello("127.0.0.1", port)
    with pytest.raises(Retry, match="did not answer hello"):
        await hello("127.0.0.1", port)


async def test_who_gives_up_waiting_leaves_no_connection() -> None:
    async with answering(None) as port:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hello("127.0.0.1", port), 0.2)
