"""How the active operator begins: the sets in need first, then everything of every set."""

import asyncio
from typing import Any, cast

from fakes.virtual_time import run
from mongors.active import WHOLE_LOOKS_PER_SECOND, Active
from mongors.health import Health
from mongors.kube import login
from mongors.kube.streams import Streams
from mongors.queue import Queue
from mongors.settings import Settings
from mongors.store import SetRef

NAMES = ("a", "b", "c")


class Noting:
    """A queue that notes what it is asked for, and runs for ten seconds."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []

    def look(self, ref: SetRef) -> None:
        self._note("look", ref)

    def wake(self, ref: SetRef) -> None:
        self._note("wake", ref)

    async def run(self) -> None:
        await asyncio.sleep(10)

    def _note(self, what: str, ref: SetRef) -> None:
        self.asked.append((what, ref.name, round(asyncio.get_running_loop().time(), 3)))


class Listed:
    """Streams that have listed everything."""

    async def wait_listed(self) -> None:
        return


def resource(name: str, version: int) -> dict[str, Any]:
    metadata = {"namespace": "default", "name": name, "resourceVersion": str(version)}
    return {"kind": "MongoReplicaSet", "metadata": metadata}


def begin() -> tuple[Active, Noting]:
    configuration = login.Configuration(host="http://127.0.0.1:1")
    active, noting = Active(Settings(), configuration, Health()), Noting()
    active._queue = cast("Queue", noting)
    active._take_listing("MongoReplicaSet", None, [resource(name, 1) for name in NAMES], 1)
    return active, noting


def test_all_sets_are_looked_at_first_and_gone_over_in_turn() -> None:
    async def script() -> None:
        active, noting = begin()
        await active._reconcile(cast("Streams", Listed()))
        step = 1 / WHOLE_LOOKS_PER_SECOND
        assert noting.asked == [
            *(("look", name, 0.0) for name in NAMES),
            *(("wake", name, round(at * step, 3)) for at, name in enumerate(NAMES)),
        ]

    run(script())


def test_news_of_a_later_listing_wake_at_once() -> None:
    async def script() -> None:
        active, noting = begin()
        assert noting.asked == []
        await active._reconcile(cast("Streams", Listed()))
        active._take_listing("MongoReplicaSet", None, [resource("a", 7)], 8)
        assert sorted(noting.asked[-3:]) == [("wake", name, 10.0) for name in NAMES]

    run(script())
