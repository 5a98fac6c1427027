"""The sets: made, changed, and followed by their status."""

import math
import statistics
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from kubernetes import client, config

from bench.scale.follow import Follow, Raw
from bench.waiting import wait_until

GROUP = ("mongors.io", "v1alpha1")
PLURAL = "mongoreplicasets"
NAMESPACES = 10
MEMBERS = 3
PATIENCE_SECONDS = 900

Name = tuple[str, str]
"""Namespace and name."""


@dataclass(slots=True)
class Seen:
    """What a set's status says, and when it first said so."""

    ready: bool = False
    generation: int = 0
    reported: dict[int, float] = field(default_factory=dict)
    """When each generation was first reported, in seconds of the monotonic clock."""


class Crowd:
    """All sets of a run."""

    def __init__(self) -> None:
        config.load_kube_config()  # type: ignore[no-untyped-call]
        self._sets: Any = client.CustomObjectsApi()
        self._core: Any = client.CoreV1Api()
        self.seen: dict[Name, Seen] = {}
        self.names: list[Name] = []
        self._follow = Follow(f"/apis/{'/'.join(GROUP)}/{PLURAL}", self._see)

    def __enter__(self) -> Self:
        for number in range(NAMESPACES):
            metadata = client.V1ObjectMeta(name=f"scale-{number}")
            self._core.create_namespace(client.V1Namespace(metadata=metadata))
        self._follow.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._follow.__exit__(kind, error, traceback)

    def grow(self, count: int, per_second: float) -> float:
        """Make sets until there are so many; the seconds from the first one to all being ready."""
        began = time.monotonic()
        fresh = range(len(self.names), count)
        for number in fresh:
            name = (f"scale-{number % NAMESPACES}", f"set-{number:04}")
            self._sets.create_namespaced_custom_object(*GROUP, name[0], PLURAL, _manifest(name))
            self.names.append(name)
            if (ahead := began + (number - fresh.start) / per_second - time.monotonic()) > 0:
                time.sleep(ahead)
        self.await_all_ready()
        return time.monotonic() - began

    def await_all_ready(self) -> None:
        """Wait until every set is ready."""
        wait_until(lambda: self.ready() == len(self.names), PATIENCE_SECONDS, self._how_far)

    def ready(self) -> int:
        """How many sets are ready."""
        return sum(each.ready for each in tuple(self.seen.values()))

    def change(self, name: Name) -> tuple[int, float]:
        """Change what costs no pod anything; the new generation, and when it was accepted."""
        generation = self.seen[name].generation
        policy = "Delete" if generation % 2 else "Retain"
        body = {"spec": {"deletionPolicy": policy}}
        done = self._sets.patch_namespaced_custom_object(*GROUP, name[0], PLURAL, name[1], body)
        self.seen[name].generation = done["metadata"]["generation"]
        return done["metadata"]["generation"], time.monotonic()

    def reported_after(self, name: Name, change: tuple[int, float], seconds: float = 60) -> float:
        """The seconds from a change being accepted to the status saying that it is done."""
        generation, accepted = change
        reported = self.seen[name].reported
        wait_until(lambda: generation in reported, seconds, lambda: f"{name} reports {generation}")
        return reported[generation] - accepted

    def _see(self, event: str, resource: Raw) -> None:
        now, metadata = time.monotonic(), resource["metadata"]
        status = resource.get("status", {})
        mine = self.seen.setdefault((metadata["namespace"], metadata["name"]), Seen())
        mine.generation = max(mine.generation, metadata["generation"])
        reported = status.get("observedGeneration", 0)
        mine.reported.setdefault(reported, now)
        mine.ready = reported == metadata["generation"] and any(
            (each["type"], each["status"]) == ("Ready", "True")
            for each in status.get("conditions", ())
        )

    def _how_far(self) -> str:
        return f"{self.ready()} of {len(self.names)} sets are ready"


def _manifest(name: Name) -> Raw:
    return {
        "apiVersion": "/".join(GROUP),
        "kind": "MongoReplicaSet",
        "metadata": {"namespace": name[0], "name": name[1]},
        "spec": {"members": MEMBERS, "version": "6.0.5", "storage": {"size": "1Gi"}},
    }


def spread(values: list[float]) -> dict[str, float]:
    """Median, 99th percentile and the longest."""
    rank = math.ceil(0.99 * len(values)) - 1
    return {"p50": statistics.median(values), "p99": sorted(values)[rank], "most": max(values)}
