"""MongoDB's wire protocol, as far as drivers need it: OP_MSG, and OP_QUERY for the first hello.

https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bson

HEADER = struct.Struct("<iiii")
"""Length of the message, its number, the number that it answers, and what kind it is."""

_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
_REPLY = struct.Struct("<iqii")
_FLAGS = struct.Struct("<I")
_MORE_TO_COME = 2
_BODY, _SEQUENCE = 0, 1


class Malformed(Exception):  # noqa: N818 - an answer, not an error
    """What no driver would send."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command, and how its reply has to look."""

    number: int
    command: dict[str, Any]
    is_query: bool = False
    wants_reply: bool = True

    @property
    def name(self) -> str:
        """The command's name, which is its first key."""
        return next(iter(self.command), "")

    def reply(self, document: Mapping[str, Any]) -> bytes:
        """The message that answers this one."""
        body = bson.encode(document)
        if self.is_query:
            return _message(self.number, _OP_REPLY, _REPLY.pack(8, 0, 0, 1) + body)
        return _message(self.number, _OP_MSG, _FLAGS.pack(0) + bytes([_BODY]) + body)


def parse(message: bytes) -> Request:
    """Read one whole message."""
    _, number, _, kind = HEADER.unpack_from(message)
    if kind == _OP_QUERY:
        # flags, the collection's name, how many to skip and to return
        body = message[message.index(b"\0", 20) + 9 :]
        return Request(number, bson.decode(body), is_query=True)
    if kind != _OP_MSG:
        raise Malformed(f"kind {kind}")
    (flags,) = _FLAGS.unpack_from(message, 16)
    return Request(number, _sections(message), wants_reply=not flags & _MORE_TO_COME)


def _sections(message: bytes) -> dict[str, Any]:
    command: dict[str, Any] = {}
    at = 20
    while at < len(message):
        kind, size = message[at], int.from_bytes(message[at + 1 : at + 5], "little")
        if kind == _BODY:
            command = {**bson.decode(message[at + 1 : at + 1 + size]), **command}
        elif kind == _SEQUENCE:
            name, _, documents = message[at + 5 : at + 1 + size].partition(b"\0")
            command[name.decode()] = bson.decode_all(documents)
        else:
            break  # a checksum
        at += 1 + size
    return command


def _message(answers: int, kind: int, content: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(content), 0, answers, kind) + content
