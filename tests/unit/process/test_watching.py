"""kopf, the streams, the store and the queue together, on a fake API server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from fakes.apiserver import ApiServer, Object
from mongors import handlers
from mongors.kube import login
from mongors.kube.kinds import KINDS, WATCHED
from mongors.kube.streams import SILENCE_SECONDS, Streams
from mongors.next import Next
from mongors.queue import Queue
from mongors.slim import slim
from mongors.store import SetRef, Store

REF = SetRef("default", "mongo")
WITH_NODES = (*WATCHED, KINDS["Node"])
LABELS = {"app.kubernetes.io/instance": "mongo", "app.kubernetes.io/managed-by": "mongors"}


def make(kind: str, name: str, namespace: str = "default", **metadata: Any) -> Object:
    known = {k.name: k.api_version for k in WATCHED}
    labels = {} if kind == "MongoReplicaSet" else LABELS
    return {
        "apiVersion": known[kind],
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels, **metadata},
    }


def node(name: str = "node-1", *, heartbeat: int = 0, **spec: Any) -> Object:
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": heartbeat}
    status = {"conditions": [ready], "images": [{"sizeBytes": 1}]}
    metadata = {"name": name}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }


class Operator:
    """The watching half of the operator; notes which sets were woken."""

    def __init__(self, server: ApiServer, namespaces: Sequence[str] = ()) -> None:
        self.server = server
        self.namespaces = namespaces
        self.store = Store()
        self.woken: list[SetRef] = []
        self.queue = Queue(self._reconcile)
        self.kinds = WITH_NODES
        self.answers: list[tuple[str, str, int | None]] = []
        self.streams = Streams(self.kinds, namespaces, self._take, slim, self._answered)
        self.configuration = login.Configuration(host=server.url)

    async def _reconcile(self, ref: SetRef, woken: bool) -> Next:
        self.woken.append(ref)
        return Next()

    def _answered(self, verb: str, resource: str, code: int | None, seconds: float) -> None:
        self.answers.append((verb, resource, code))

    def _take(
        self, kind: str, namespace: str | None, objects: list[Mapping[str, Any]], version: int
    ) -> None:
        for ref in self.store.replace(kind, namespace, objects, version):
            self.queue.wake(ref)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Operator"]:
        """Watch, wait for all listings, then reconcile, as the process does."""

        def session() -> tuple[str, Any]:
            opened = login.watching_session(self.configuration, [self.streams.middleware])
            return self.server.url, opened

        registry = handlers.register(self.store, self.queue, session, self.kinds)
        reconciling = asyncio.create_task(self._when_listed())
        watching = asyncio.create_task(
            handlers.watch(registry, self.kinds, self.namespaces, lambda: None)
        )
        try:
            await asyncio.wait_for(self.streams.wait_listed(), 10)
            yield self
        finally:
            await self.queue.stop(1)
            reconciling.cancel()
            watching.cancel()
            await asyncio.wait({reconciling, watching})
            assert watching.cancelled()

    async def _when_listed(self) -> None:
        await self.streams.wait_listed()
        await self.queue.run()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - it waits for the network
                await asyncio.sleep(0.01)

    def has(self, kind: str, name: str) -> bool:
        return self.store.get(kind, "default", name) is not None


@pytest.fixture(autouse=True)
def _numeric_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as the image does: by a user without a name."""

    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", unknown)
    monkeypatch.delenv("POD_ID", raising=False)


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer().serving() as serving:
        yield serving


async def test_everything_is_in_the_store_before_the_first_pass(server: ApiServer) -> None:
    await server.put(make("MongoReplicaSet", "mongo"))
    for kind in WATCHED[1:]:
        await server.put(make(kind.name, f"mongo-{kind.plural}"))
    async with Operator(server).running() as operator:
        assert operator.store.sets() == (REF,)
        assert len(operator.store.of_set(REF)) == len(WATCHED) - 1
        found = operator.store.get("Pod", "default", "mongo-pods")
        assert found is not None
        assert (found["kind"], found["apiVersion"]) == ("Pod", "v1"), "list items do not say"


async def test_what_was_listed_does_not_go_through_the_handlers_as_well(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would be a task, a queue and a copy of the object, all at the same time."""
    await server.put(make("MongoReplicaSet", "mongo"))
    for ordinal in range(3):
        await server.put(make("Pod", f"mongo-{ordinal}"))
    handled, look_up = list[str](), Store.get

    def noting(store: Store, kind: str, namespace: str | None, name: str) -> Any:
        handled.append(name)
        return look_up(store, kind, namespace, name)

    monkeypatch.setattr(Store, "get", noting)
    async with Operator(server).running() as operator:
        await server.put(make("Pod", "mongo-3"))
        await operator.until(lambda: len(operator.store.of_set(REF)) == 4)
    assert handled == ["mongo-3"]


async def test_an_event_updates_the_store_and_wakes_the_set(server: ApiServer) -> None:
    async with Operator(server).running() as operator:
        await server.put(make("MongoReplicaSet", "mongo"))
        await operator.until(lambda: operator.woken == [REF])
        await server.put(make("Pod", "mongo-0"))
        await operator.until(lambda: operator.has("Pod", "mongo-0"))
        await server.remove("Pod", "default", "mongo-0")
        await operator.until(lambda: not operator.has("Pod", "mongo-0"))
        await operator.until(lambda: len(operator.woken) == 3)


async def test_the_echo_of_our_own_write_wakes_nobody(server: ApiServer) -> None:
    async with Operator(server).running() as operator:
        await server.put(make("MongoReplicaSet", "mongo"))
        await operator.until(lambda: operator.woken == [REF])
        pod = make("Pod", "mongo-0", uid="u", resourceVersion=str(server.version + 1))
        operator.store.put(pod)
        await server.put(pod)
        await server.put(make("Pod", "mongo-1"))
        await operator.until(lambda: operator.has("Pod", "mongo-1"))
        await asyncio.sleep(0.1)
        assert len(operator.woken) == 2


async def test_what_vanished_while_the_stream_was_broken_is_noticed(server: ApiServer) -> None:
    await server.put(make("MongoReplicaSet", "mongo"))
    await server.put(make("Pod", "mongo-0"))
    async with Operator(server).running() as operator:
        await operator.until(lambda: operator.woken)
        before = len(operator.woken)
        await server.remove("Pod", "default", "mongo-0", told=False)
        await server.remove("MongoReplicaSet", "default", "mongo", told=False)
        await server.compact()
        await operator.until(lambda: not operator.has("Pod", "mongo-0"))
        await operator.until(lambda: operator.store.sets() == ())
        await operator.until(lambda: len(operator.woken) > before)


async def test_objects_are_filtered_by_our_label_at_the_server(server: ApiServer) -> None:
    async with Operator(server).running():
        assert {s.query["labelSelector"] for s in server.asked("GET", "/pods")} == {
            "app.kubernetes.io/managed-by=mongors"
        }
        assert all("labelSelector" not in s.query for s in server.asked("GET", "/mongoreplicasets"))


async def test_a_namespaced_operator_asks_for_nothing_outside_its_namespaces(
    server: ApiServer,
) -> None:
    await server.put(make("MongoReplicaSet", "mongo", "one"))
    await server.put(make("MongoReplicaSet", "mongo", "three"))
    async with Operator(server, ("one", "two")).running() as operator:
        assert operator.store.sets() == (SetRef("one", "mongo"),)
        outside = [s.path for s in server.seen if s.path.count("/") > 3 and "/one/" not in s.path]
        assert all("/namespaces/two/" in path for path in outside)


@pytest.mark.parametrize("namespaces", [(), ("default", "two")])
async def test_news_of_a_node_wakes_who_is_on_it_and_a_heartbeat_nobody(
    server: ApiServer, namespaces: Sequence[str]
) -> None:
    await server.put(node())
    await server.put(make("MongoReplicaSet", "mongo"))
    await server.put({**make("Pod", "mongo-0"), "spec": {"nodeName": "node-1"}})
    async with Operator(server, namespaces).running() as operator:
        await operator.until(lambda: operator.woken == [REF])
        assert server.watches("/nodes") <= 1
        await server.put(node(heartbeat=1))
        await server.put(node("node-2", unschedulable=True))
        await operator.until(lambda: operator.store.node("node-2"))
        await server.put(node(unschedulable=True))
        await operator.until(lambda: len(operator.woken) == 2)
        seen = operator.store.node("node-1")
        assert seen is not None
        assert seen["spec"] == {"unschedulable": True}


async def test_a_node_that_vanished_unseen_is_noticed_whatever_the_namespaces(
    server: ApiServer,
) -> None:
    await server.put(node())
    await server.put({**make("Pod", "mongo-0", "one"), "spec": {"nodeName": "node-1"}})
    async with Operator(server, ("one", "two")).running() as operator:
        await operator.until(lambda: operator.woken == [SetRef("one", "mongo")])
        assert operator.store.node("node-1")
        await server.remove("Node", "", "node-1", told=False)
        await server.compact()
        await operator.until(lambda: operator.store.node("node-1") is None)
        await operator.until(lambda: len(operator.woken) == 2)


async def test_a_right_to_nodes_that_is_lost_stops_nothing_else(server: ApiServer) -> None:
    await server.put(node())
    async with Operator(server).running() as operator:
        server.denied |= {("list", "nodes"), ("watch", "nodes")}
        await server.compact()
        await operator.until(lambda: len(server.asked("GET", "/nodes")) > 3)
        await server.put(make("MongoReplicaSet", "mongo"))
        await operator.until(lambda: operator.woken == [REF])
        assert operator.store.node("node-1"), "as it was seen last"
        server.denied.clear()
        await server.put(node(unschedulable=True))
        await operator.until(lambda: operator.store.node("node-1")["spec"])  # type: ignore[index]


async def test_watching_writes_nothing(server: ApiServer) -> None:
    await server.put(make("MongoReplicaSet", "mongo"))
    async with Operator(server).running() as operator:
        await server.put(make("MongoReplicaSet", "mongo", annotations={"a": "b"}))
        await operator.until(lambda: operator.woken)
        await server.remove("MongoReplicaSet", "default", "mongo")
        await operator.until(lambda: operator.store.sets() == ())
    assert {s.method for s in server.seen} == {"GET"}


async def test_the_watches_say_who_we_are(server: ApiServer) -> None:
    async with Operator(server).running():
        assert all(s.headers["User-Agent"].startswith("mongors/") for s in server.seen)


async def test_a_long_listing_is_read_in_pages_and_taken_as_one(server: ApiServer) -> None:
    for number in range(handlers.PAGE + 1):
        await server.put(make("Pod", f"mongo-{number}"))
    async with Operator(server).running() as operator:
        assert len(operator.store.of_set(REF)) == handlers.PAGE + 1
        assert len([s for s in server.asked("GET", "/pods") if "watch" not in s.query]) == 2


async def test_a_kind_that_may_not_be_listed_is_named_and_tried_again(server: ApiServer) -> None:
    server.forced.append(("GET", "/secrets", web.Response(status=403)))
    operator = Operator(server)

    async def start() -> None:
        async with operator.running():
            pass

    starting = asyncio.create_task(start())
    await operator.until(lambda: operator.streams.missing() == "not listed yet: secrets")
    assert not operator.woken
    await starting
    assert operator.streams.missing() is None


async def test_a_login_refused_for_a_moment_breaks_no_stream(server: ApiServer) -> None:
    async with Operator(server).running() as operator:
        for kind in WATCHED:
            server.forced.append(("GET", f"/{kind.plural}", web.Response(status=401)))
        await server.compact()
        await operator.until(lambda: not server.forced)
        await server.put(make("MongoReplicaSet", "mongo"))
        await operator.until(lambda: operator.woken == [REF])


async def test_a_silent_stream_is_reported_and_a_living_one_is_not(server: ApiServer) -> None:
    async with Operator(server).running() as operator:
        await operator.until(lambda: server.watches("/pods") == 1)
        now = time.monotonic()
        assert operator.streams.stuck(now) is None
        server.is_dumb = True
        complaint = operator.streams.stuck(now + SILENCE_SECONDS + 1)
        assert complaint is not None
        assert "silent" in complaint
        server.is_dumb = False
        for kind in WATCHED:
            await server.put(make(kind.name, "mongo"))
        await server.put(node())
        await operator.until(lambda: len(operator.store.of_set(REF)) == len(WATCHED) - 1)
        await operator.until(lambda: operator.store.node("node-1"))
        assert operator.streams.stuck(now + SILENCE_SECONDS + 1) is None


async def test_every_list_and_watch_is_told(server: ApiServer) -> None:
    async with Operator(server).running() as operator:
        await operator.until(lambda: ("watch", "pods", 200) in operator.answers)
        assert ("list", "pods", 200) in operator.answers
        assert ("list", "mongoreplicasets.mongors.io", 200) in operator.answers


def test_a_watch_outlives_the_longest_pause_between_two_bookmarks() -> None:
    """A minute and up to a quarter: with less, every watch would be begun anew all the time."""
    patience = handlers.settings_for(()).watching.inactivity_timeout
    assert 75 < patience < SILENCE_SECONDS
