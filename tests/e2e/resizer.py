"""A storage that grows: it says that volumes have grown, and nothing on the disk changes.

No storage of the test cluster can grow a volume. This does what an external resizer and a kubelet
do to the objects, a moment after a claim asks for more than it has: the volume's capacity, then the
claim's.

    with Resizer(replica_set) as resizer:           # makes the class `growing` too
        replica_set.apply(storage={"size": "1Gi", "class": GROWING})
        ...
        replica_set.apply(storage={"size": "2Gi", "class": GROWING})   # grows within a second
        resizer.pause()                             # claims ask in vain, and nobody says why
        resizer.fail("the disk is full")            # claims ask in vain, and a condition says why
        resizer.resume()                            # all that was asked for is done
        resizer.grown                               # [("data-mongo-0", "2Gi"), …], in order

The class stays when the test is over, for claims may still be of it.
"""

import json
import threading
import time
from types import TracebackType
from typing import Any, Self

import yaml
from kubernetes import client
from kubernetes.utils.quantity import parse_quantity

from e2e.api import shared_client
from e2e.sets import Raw, ReplicaSet

GROWING = "growing"
LOOK_SECONDS = 0.2
MERGE = "application/merge-patch+json"  # the client's own choice would leave conditions in place

_CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": GROWING},
    "provisioner": "rancher.io/local-path",
    "volumeBindingMode": "WaitForFirstConsumer",
    "reclaimPolicy": "Delete",
    "allowVolumeExpansion": True,
}
_FAILED = "ControllerResizeError"
_RESIZING = "Resizing"


class Resizer:
    """Grows the claims of a set's namespace, while the block runs."""

    def __init__(self, replica_set: ReplicaSet, delay: float = 0.5) -> None:
        self._core = client.CoreV1Api(shared_client())
        self._set = replica_set
        self._delay = delay
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._message: str | None = None
        self._asked: dict[tuple[str, str], float] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.grown: list[tuple[str, str]] = []
        self.errors: list[str] = []

    def __enter__(self) -> Self:
        self._set.run("apply", "-f", "-", stdin=yaml.safe_dump(_CLASS))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(10)

    def pause(self) -> None:
        """Do nothing from now on, as a storage whose resizer does not run."""
        self._paused.set()

    def fail(self, message: str) -> None:
        """Refuse every growth from now on, with a condition of the claim that says why."""
        self._message = message
        self._paused.clear()

    def resume(self) -> None:
        """Grow what asks for it, from now on."""
        self._message = None
        self._paused.clear()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            if self._paused.is_set():
                continue
            try:
                self._look()
            except client.ApiException as error:  # e.g. a claim that was deleted meanwhile
                self.errors.append(str(error))

    def _look(self) -> None:
        reply: Any = self._core.list_namespaced_persistent_volume_claim(
            self._set.namespace, _preload_content=False
        )
        for claim in json.loads(reply.data)["items"]:
            if _asks_for_more(claim) and self._is_due(claim):
                if self._message is None:
                    self._grow(claim)
                else:
                    self._refuse(claim, self._message)

    def _is_due(self, claim: Raw) -> bool:
        asked = self._asked.setdefault((claim["metadata"]["uid"], _wanted(claim)), time.monotonic())
        return time.monotonic() - asked >= self._delay

    def _grow(self, claim: Raw) -> None:
        name, size = claim["metadata"]["name"], _wanted(claim)
        capacity = {"capacity": {"storage": size}}
        self._core.patch_persistent_volume(claim["spec"]["volumeName"], {"spec": capacity})
        done = [each for each in _conditions(claim) if each["type"] not in (_FAILED, _RESIZING)]
        self._patch_status(name, {**capacity, "conditions": done})
        self.grown.append((name, size))

    def _refuse(self, claim: Raw, message: str) -> None:
        failed = {"type": _FAILED, "status": "True", "reason": "", "message": message}
        if any(each["type"] == _FAILED for each in _conditions(claim)):
            return
        conditions = [*_conditions(claim), {**failed, "lastTransitionTime": _now()}]
        self._patch_status(claim["metadata"]["name"], {"conditions": conditions})

    def _patch_status(self, name: str, status: Raw) -> None:
        self._core.patch_namespaced_persistent_volume_claim_status(
            name, self._set.namespace, {"status": status}, _content_type=MERGE
        )


def _wanted(claim: Raw) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])


def _conditions(claim: Raw) -> list[Raw]:
    found: list[Raw] = claim["status"].get("conditions") or []
    return found


def _asks_for_more(claim: Raw) -> bool:
    has = (claim["status"].get("capacity") or {}).get("storage")
    if claim["spec"].get("storageClassName") != GROWING or has is None:
        return False
    wanted, there = (parse_quantity(size) for size in (_wanted(claim), has))  # type: ignore[no-untyped-call]
    return bool(wanted > there)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
