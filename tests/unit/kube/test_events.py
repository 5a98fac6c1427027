"""Events: named by what they say, counted when repeated, never in the way."""

import logging
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiohttp import web
from kubernetes.aio.client.configuration import Configuration

from fakes.apiserver import ApiServer, Object
from mongors.kube.client import Kube
from mongors.kube.events import Event, EventType, Regarding

ABOUT = Regarding("mongors.io/v1alpha1", "MongoReplicaSet", "default", "mongo", "uid-1")
NEWS = Event(ABOUT, EventType.NORMAL, "PrimaryElected", "Reconcile", "mongo-0 is primary")


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer().serving() as serving:
        yield serving


def client(server: ApiServer) -> Kube:
    return Kube(Configuration(host=server.url))


def stored(server: ApiServer, event: Event = NEWS) -> Object:
    found = server.get("Event", "default", event.name)
    assert found is not None
    return found


async def test_an_event_carries_what_the_api_demands(server: ApiServer) -> None:
    async with client(server) as kube:
        await kube.emit(NEWS)
    event = stored(server)
    assert event["reportingController"] == "mongors"
    assert event["reportingInstance"]
    assert event["regarding"]["uid"] == "uid-1"
    assert (event["type"], event["reason"], event["action"], event["note"]) == (
        "Normal",
        "PrimaryElected",
        "Reconcile",
        "mongo-0 is primary",
    )
    datetime.fromisoformat(event["eventTime"])
    assert "series" not in event


async def test_a_repeat_is_counted_in_the_same_event(server: ApiServer) -> None:
    async with client(server) as kube:
        for _ in range(3):
            await kube.emit(NEWS)
    assert stored(server)["series"]["count"] == 3
    assert len(server.asked("POST")) == 1


async def test_a_repeat_after_a_restart_goes_on_counting(server: ApiServer) -> None:
    for _ in range(2):
        async with client(server) as kube:
            await kube.emit(NEWS)
            await kube.emit(NEWS)
    assert stored(server)["series"]["count"] == 4


async def test_an_event_that_has_expired_is_written_anew(server: ApiServer) -> None:
    async with client(server) as kube:
        await kube.emit(NEWS)
        await server.remove("Event", "default", NEWS.name)
        await kube.emit(NEWS)
        await kube.emit(NEWS)
    assert stored(server)["series"]["count"] == 2


async def test_other_news_is_another_event(server: ApiServer) -> None:
    other = Event(ABOUT, EventType.NORMAL, "PrimaryElected", "Reconcile", "mongo-1 is primary")
    async with client(server) as kube:
        await kube.emit(NEWS)
        await kube.emit(other)
    assert stored(server, other)["note"] == "mongo-1 is primary"
    assert "series" not in stored(server)


async def test_a_long_note_is_cut_to_the_limit_of_the_api(server: ApiServer) -> None:
    long = Event(ABOUT, EventType.WARNING, "X", "Reconcile", "ä" * 2000)
    async with client(server) as kube:
        await kube.emit(long)
    assert len(stored(server, long)["note"].encode()) <= 1024


async def test_an_event_that_cannot_be_written_is_a_warning_once(
    server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        server.forced.append(("POST", "/events", web.Response(status=403)))
    async with client(server) as kube:
        for _ in range(3):
            await kube.emit(NEWS)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
