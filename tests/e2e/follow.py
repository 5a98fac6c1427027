"""How long the labels take to follow the primary: both are watched, side by side."""

import json
import threading
import time
from types import TracebackType
from typing import Any, Self

from kubernetes import client
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from e2e.api import shared_client
from e2e.sets import ReplicaSet

LOOK_SECONDS = 0.05


class LabelLag:
    """Watches from now on: when another member accepts writes, and when its pod's label says so."""

    def __init__(self, replica_set: ReplicaSet) -> None:
        self._set = replica_set
        self._old = str(replica_set.status()["primary"])
        self._stop = threading.Event()
        self._elected: dict[str, float] = {}
        self._labelled: dict[str, float] = {}
        self._threads = [
            threading.Thread(target=self._watch_labels, daemon=True),
            *(
                threading.Thread(target=self._watch_member, args=(pod,), daemon=True)
                for pod in replica_set.pods()
                if pod["metadata"]["name"] != self._old
            ),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    @property
    def seconds(self) -> dict[str, float]:
        """The lag of every member that became primary while this watched."""
        return {
            pod: round(self._labelled.get(pod, float("inf")) - at, 2)
            for pod, at in self._elected.items()
        }

    def _watch_member(self, pod: dict[str, Any]) -> None:
        name = pod["metadata"]["name"]
        with MongoClient[dict[str, Any]](
            pod["status"]["podIP"], 27017, directConnection=True, serverSelectionTimeoutMS=500
        ) as mongod:
            while not self._stop.wait(LOOK_SECONDS):
                try:
                    if mongod.admin.command("hello")["isWritablePrimary"]:
                        self._elected.setdefault(name, time.monotonic())
                except PyMongoError:
                    continue

    def _watch_labels(self) -> None:
        core = client.CoreV1Api(shared_client())
        selector = f"app.kubernetes.io/instance={self._set.name},mongors.io/role=primary"
        while not self._stop.wait(LOOK_SECONDS):
            reply: Any = core.list_namespaced_pod(
                self._set.namespace, label_selector=selector, _preload_content=False
            )
            for pod in json.loads(reply.data)["items"]:
                if pod["metadata"]["name"] != self._old:
                    self._labelled.setdefault(pod["metadata"]["name"], time.monotonic())
