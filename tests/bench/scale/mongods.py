"""A mongod for every simulated pod: one listener, as many members as there are pods."""

import asyncio
import base64
import threading
from types import TracebackType
from typing import Any, Self

from kubernetes import client, config

from bench.scale.follow import Follow, Raw
from fakes.mongod.member import Member
from fakes.mongod.server import Address, Counts, listen

PORT = 27017
SET_NAME = "rs0"
INSTANCE = "app.kubernetes.io/instance"


class Mongods:
    """Starts a stub member when its pod runs, ends it with the pod; what it knows stays its own."""

    def __init__(self) -> None:
        config.load_kube_config()  # type: ignore[no-untyped-call]
        self.counts = Counts()
        self._core: Any = client.CoreV1Api()
        self._world: dict[str, Member] = {}
        self._behind: dict[str, Member] = {}
        """Who answers at an address."""
        self._keys: dict[tuple[str, str], str] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._pods = Follow("/api/v1/pods", self._see)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = listen("0.0.0.0", PORT, self._at, self.counts)
        asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self._pods.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pods.__exit__(kind, error, traceback)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def hang(self, namespace: str, name: str, *, hang: bool) -> None:
        """Let the members of a set accept connections and never answer, or answer again."""
        ending = f".{name}.{namespace}.svc.cluster.local:{PORT}"
        for host, member in self._world.items():
            if host.endswith(ending):
                member.hangs = hang

    def _at(self, address: Address) -> Member | None:
        return self._behind.get(address[0])

    def _see(self, event: str, pod: Raw) -> None:
        metadata, status = pod["metadata"], pod.get("status", {})
        name = metadata.get("labels", {}).get(INSTANCE)
        if name is None:
            return
        namespace = metadata["namespace"]
        host = f"{metadata['name']}.{name}.{namespace}.svc.cluster.local:{PORT}"
        if event == "DELETED":
            if host in self._world:
                self._world.pop(host).stop()
            self._behind.pop(status.get("podIP", ""), None)
        elif host not in self._world and status.get("phase") == "Running":
            key = self._key(namespace, name)
            member = Member(host, SET_NAME, key, self._world)
            self._world[host] = self._behind[status["podIP"]] = member

    def _key(self, namespace: str, name: str) -> str:
        known = self._keys.get((namespace, name))
        if known is None:
            secret = self._core.read_namespaced_secret(f"{name}-keyfile", namespace)
            known = base64.b64decode(secret.data["keyfile"]).decode()
            self._keys[namespace, name] = known
        return known
