"""Nodes on a real API server: news of one wakes who is on it, and its heartbeats wake nobody."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession

from e2e.conftest import Kubectl
from mongors import handlers
from mongors.kube import login
from mongors.kube.client import Kube
from mongors.kube.kinds import KINDS, WATCHED
from mongors.kube.streams import Streams
from mongors.next import Next
from mongors.queue import Queue
from mongors.slim import slim
from mongors.store import INSTANCE, MANAGED_BY, MANAGER, SetRef, Store

pytestmark = pytest.mark.alone

NODE = KINDS["Node"]


@pytest.fixture
def node(kubectl: Kubectl) -> Iterator[str]:
    """A node that may be cordoned; it is not, afterwards."""
    found = json.loads(kubectl("get", "nodes", "-o", "json").stdout)["items"]
    name = str(found[-1]["metadata"]["name"])
    yield name
    kubectl("uncordon", name)


class Watching:
    """The watching half of the operator, in one namespace; notes which sets were woken."""

    def __init__(self, namespace: str) -> None:
        self.namespaces = (namespace,)
        self.store = Store()
        self.woken: list[SetRef] = []
        self.queue = Queue(self._note)
        self.streams = Streams((*WATCHED, NODE), self.namespaces, self._take, slim)
        self.sessions: list[ClientSession] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Watching"]:
        configuration = await login.load()

        def session() -> tuple[str, Any]:
            self.sessions.append(login.watching_session(configuration, [self.streams.middleware]))
            return configuration.host, self.sessions[-1]

        kinds = (*WATCHED, NODE)
        registry = handlers.register(self.store, self.queue, session, kinds)
        tasks = {
            asyncio.create_task(handlers.watch(registry, kinds, self.namespaces, lambda: None)),
            asyncio.create_task(self.queue.run()),
        }
        try:
            await asyncio.wait_for(self.streams.wait_listed(), 10)
            yield self
        finally:
            await self.queue.stop(1)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for each in self.sessions:  # a busy kopf may not have come to it
                await each.close()

    async def until(self, condition: Callable[[], object], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - it waits for the network
                await asyncio.sleep(0.01)

    async def _note(self, ref: SetRef, woken: bool) -> Next:
        self.woken.append(ref)
        return Next()

    def _take(self, *listing: Any) -> None:
        for ref in self.store.replace(*listing):
            self.queue.wake(ref)


async def test_a_cordon_wakes_the_sets_of_the_node_and_no_others(
    kubectl: Kubectl, namespace: str, node: str, crd_installed: None
) -> None:
    for name, place in (("here", node), ("nowhere", None)):
        done = kubectl("apply", "-f", "-", stdin=json.dumps(member(namespace, name, place)))
        assert done.returncode == 0, done.stderr
    ready = ("wait", "--for=condition=Ready", "pod/here", "--timeout=60s")
    assert kubectl("-n", namespace, *ready).returncode == 0
    async with Watching(namespace).running() as watching:
        await watching.until(lambda: len(set(watching.woken)) == 2, 30)
        await settle(watching)
        await nobody_is_woken(watching, kubectl, namespace, node)
        assert kubectl("cordon", node).returncode == 0
        await watching.until(lambda: watching.woken, 30)
        assert set(watching.woken) == {SetRef(namespace, "here")}
        seen = watching.store.node(node)
        assert seen is not None
        assert seen["spec"]["unschedulable"]
        assert len(json.dumps(seen)) < 1000, "no images, no addresses"


async def test_who_may_watch_nodes_is_known_before(kubectl: Kubectl, namespace: str) -> None:
    configuration = await login.load()
    async with Kube(configuration) as somebody:
        assert await somebody.may("watch", NODE)
    token = kubectl("-n", namespace, "create", "token", "default")
    assert token.returncode == 0, token.stderr
    configuration.cert_file = configuration.key_file = None
    configuration.api_key["BearerToken"] = f"Bearer {token.stdout.strip()}"
    async with Kube(configuration) as nobody:
        assert not await nobody.may("watch", NODE)
        assert not await nobody.may("list", NODE)


async def settle(watching: Watching) -> None:
    """Wait until nothing has been woken for a second: the kubelet tells bit by bit."""
    count = -1
    while count != len(watching.woken):
        count = len(watching.woken)
        await asyncio.sleep(1)


async def nobody_is_woken(watching: Watching, kubectl: Kubectl, namespace: str, node: str) -> None:
    """A node's heartbeat wakes nobody: judged where no pod has changed meanwhile, which does."""
    for _ in range(20):
        before = versions(kubectl, namespace)
        await asyncio.sleep(1)  # until then, news of what came before that have arrived
        watching.woken.clear()
        heartbeat(kubectl, node)
        await asyncio.sleep(1)
        woken = list(watching.woken)
        if versions(kubectl, namespace) == before:
            assert woken == []
            return
    raise AssertionError("the pods change all the time")


def versions(kubectl: Kubectl, namespace: str) -> str:
    """The resource versions of all pods."""
    fields = "jsonpath={.items[*].metadata.resourceVersion}"
    return str(kubectl("-n", namespace, "get", "pods", "-o", fields).stdout)


def heartbeat(kubectl: Kubectl, node: str) -> None:
    """Change what a node says of itself and nobody wants to know."""
    done = kubectl("annotate", "node", node, "mongors.io/test=beat", "--overwrite")
    assert done.returncode == 0, done.stderr
    kubectl("annotate", "node", node, "mongors.io/test-")


def member(namespace: str, name: str, node: str | None) -> dict[str, Any]:
    """A pod with a set's labels; without a node, it waits for one."""
    place: dict[str, Any] = {"nodeName": node} if node else {"schedulingGates": [{"name": "a.b/c"}]}
    labels = {MANAGED_BY: MANAGER, INSTANCE: name}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            **place,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 999,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "c",
                    "image": "busybox:stable",
                    "imagePullPolicy": "Never",
                    "command": ["sleep", "600"],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }
