"""`hello`, without a login and without a driver: by far the most frequent question.

A driver's client costs some 2.7 ms of CPU time for one `hello`: it makes two connections, starts
tasks and ends them. This costs a tenth. It is one OP_MSG over one connection, as described in
https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
"""

import asyncio
import struct
from contextlib import suppress

import bson
from bson.errors import BSONError

from mongors.door import passing
from mongors.errors import Retry
from mongors.mongo.session import Reply, failure_of

_HEADER = struct.Struct("<iiii")
"""Length of the whole message, its number, the number that it answers, its kind."""
_OP_MSG = 2013
_FLAGS_AND_KIND = b"\0\0\0\0\0"
"""No flags, then one section of kind 0: one document."""
_LONGEST = 1 << 20
"""Bytes; a `hello` has hundreds. What is longer is no answer of a mongod."""


async def hello(host: str, port: int) -> Reply:
    """Ask a mongod who it is; raises `Retry` if there is no answer, or none of a mongod."""
    address = f"{host}:{port}"
    try:
        with passing(f"hello {address}"):
            reply = bson.decode(await _exchange(host, port, bson.encode(_ASKED)))
    except (OSError, EOFError, BSONError) as error:
        raise Retry(f"{address} did not answer hello ({type(error).__name__})") from None
    if reply.get("ok") != 1:
        raise failure_of("hello", reply.get("code"), str(reply.get("errmsg", "")), address)
    return reply


_ASKED = {"hello": 1, "$db": "admin"}


async def _exchange(host: str, port: int, document: bytes) -> bytes:
    """Send one document over a connection of its own, and return the one that comes back."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        body = _FLAGS_AND_KIND + document
        writer.write(_HEADER.pack(_HEADER.size + len(body), 1, 0, _OP_MSG) + body)
        length, _, _, kind = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        if kind != _OP_MSG or not _HEADER.size < length <= _LONGEST:
            raise EOFError
        answer = await reader.readexactly(length - _HEADER.size)
        return answer[len(_FLAGS_AND_KIND) :]
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
