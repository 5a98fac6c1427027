"""Every call to the outside is seen by those who stand by the door, before and after it is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from kubernetes.aio.client.configuration import Configuration
from pymongo import AsyncMongoClient
from pymongo.errors import NetworkTimeout

from fakes.apiserver import ApiServer
from mongors.door import stand_by
from mongors.errors import Retry
from mongors.kube.client import Kube
from mongors.mongo.session import Session

SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "mongo-keyfile", "namespace": "default"},
    "stringData": {"keyFile": "hunter2"},
}


@pytest.fixture
def seen() -> Iterator[list[str]]:
    calls: list[str] = []

    @contextmanager
    def note(call: str) -> Iterator[None]:
        calls.append(f"before {call}")
        try:
            yield
        finally:
            calls.append(f"after {call}")

    leave = stand_by(note)
    yield calls
    leave()


class Silent:
    """A mongod that does not answer."""

    def __getitem__(self, database: str) -> "Silent":
        return self

    async def command(self, command: dict[str, Any]) -> dict[str, Any]:
        if "hello" in command:
            return {"ok": 1}
        raise NetworkTimeout


async def test_requests_pass_by_name_and_without_what_they_carry(seen: list[str]) -> None:
    async with (
        ApiServer().serving() as server,
        Kube(Configuration(host=server.url)) as kube,
    ):
        await kube.create(SECRET)
    call = "create secrets mongo-keyfile in default"
    assert seen == [f"before {call}", f"after {call}"]


async def test_commands_pass_also_when_they_fail(seen: list[str]) -> None:
    mongod = Session(cast("AsyncMongoClient[dict[str, Any]]", Silent()), "10.0.0.7:27017")
    await mongod.run({"hello": 1})
    with pytest.raises(Retry):
        await mongod.run({"createUser": "mongors", "pwd": "hunter2"})
    assert seen == [
        "before hello 10.0.0.7:27017",
        "after hello 10.0.0.7:27017",
        "before createUser 10.0.0.7:27017",
        "after createUser 10.0.0.7:27017",
    ]


async def test_who_has_left_is_told_nothing() -> None:
    calls: list[str] = []

    @contextmanager
    def note(call: str) -> Iterator[None]:
        calls.append(call)
        yield

    stand_by(note)()
    mongod = Session(cast("AsyncMongoClient[dict[str, Any]]", Silent()), "10.0.0.7:27017")
    await mongod.run({"hello": 1})
    assert calls == []
