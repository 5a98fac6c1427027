"""The hold of a primary that is told to stop, run for real against answers of a mongod."""

import socket
import struct
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import bson
import pytest

from mongors.desired.names import PORT
from mongors.desired.start import IN_BASH, STOP

HEADER = struct.Struct("<iiii")
OP_MSG = 2013
Words = Mapping[str, Any]


def words(hosts: int = 3, *, primary: bool = True) -> Words:
    """What a mongod says of itself."""
    named = [f"mongo-{each}.mongo:{PORT}" for each in range(hosts)]
    return {
        "topologyVersion": {"processId": bson.ObjectId(), "counter": bson.Int64(6)},
        "hosts": named,
        "setName": "rs0",
        "isWritablePrimary": primary,
        "secondary": not primary,
        "primary": named[0],
        "me": named[0 if primary else -1],
        "ok": 1.0,
    }


class Server:
    """Answers with one document after the other, the last again and again; None is silence."""

    def __init__(self, *answers: Words | None) -> None:
        self.answers = list(answers)
        self.asked: list[Words] = []
        self.port = 0

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link:
                self.speak(link)

    def speak(self, link: socket.socket) -> None:
        """Hear one question; who is silent holds the connection until the asker gives up."""
        size, *_, code = HEADER.unpack(link.recv(HEADER.size, socket.MSG_WAITALL))
        rest = link.recv(size - HEADER.size, socket.MSG_WAITALL)
        assert (code, rest[:5]) == (OP_MSG, bytes(5))
        self.asked.append(bson.decode(rest[5:]))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            assert link.recv(1) == b""
            return
        body = bytes(5) + bson.encode(answer)
        link.sendall(HEADER.pack(HEADER.size + len(body), 7, 1, OP_MSG) + body)


@contextmanager
def served(*answers: Words | None) -> Iterator[Server]:
    server = Server(*answers)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def stop(port: int) -> subprocess.CompletedProcess[bytes]:
    """Stop a member whose mongod listens here."""
    script = STOP.replace(f"/{PORT}", f"/{port}").replace("sleep 0.1", "sleep 0.001")
    command = ["sh", "-c", IN_BASH, script]
    return subprocess.run(command, capture_output=True, timeout=20, check=False)


def test_asks_hello_and_no_more() -> None:
    with served(words(primary=False)) as server:
        stop(server.port)
    assert server.asked == [{"hello": 1, "$db": "admin"}]


def test_holds_a_primary_until_it_has_handed_over() -> None:
    with served(*[words(50)] * 4, words(50, primary=False)) as server:
        done = stop(server.port)
    assert len(server.asked) == 5
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_holds_it_no_longer_than_the_operator_needs() -> None:
    """With no operator there, a node is drained all the same."""
    with served(words()) as server:
        done = stop(server.port)
    assert len(server.asked) == 30
    assert done.returncode == 0


@pytest.mark.parametrize(
    "answer",
    [
        words(1),
        words(primary=False),
        {"ok": 0.0, "errmsg": "no such command: 'hello'", "code": 59},
        None,
    ],
)
def test_holds_nobody_else(answer: Words | None) -> None:
    """A set of one has nobody to hand over to; waiting helps nobody who does not answer."""
    with served(answer) as server:
        done = stop(server.port)
    assert len(server.asked) == 1
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_holds_nothing_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = stop(port)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_holds_nobody_in_an_image_without_bash() -> None:
    """A hook that fails would be told as a warning at every stop."""
    command = ["/bin/sh", "-c", IN_BASH, STOP]
    assert subprocess.run(command, env={"PATH": "/nowhere"}, check=False).returncode == 0
