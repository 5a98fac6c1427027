"""A Kubernetes API that notes every write."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mongors.errors import Failure


class Kube:
    """An API server that notes every write, and fails when it is told to."""

    def __init__(self, failure: Failure | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.pod: dict[str, Any] | None = None
        self.alters: dict[str, Any] = {}
        """What an admission webhook makes of every object."""
        self._failure = failure

    def _note(self, *call: Any) -> dict[str, Any]:
        if self._failure is not None:
            raise self._failure
        self.calls.append(call)
        return {}

    async def apply(self, manifest: Mapping[str, Any], *, force: bool) -> dict[str, Any]:
        self._note("apply", manifest, force)
        return {**manifest, **self.alters}

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        return self.pod

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        self._note("create", manifest)
        return {"metadata": {"uid": "made", "resourceVersion": "7"}}

    async def delete(
        self, kind: str, namespace: str | None, name: str, uid: str, *, orphan: bool = False
    ) -> None:
        self._note("orphan" if orphan else "delete", kind, namespace, name, uid)

    async def evict(self, namespace: str, name: str, uid: str) -> None:
        self._note("evict", namespace, name, uid)

    async def resize_claim(self, namespace: str, name: str, uid: str, size: str) -> dict[str, Any]:
        return self._note("resize", namespace, name, uid, size)

    async def label_pod(
        self,
        namespace: str,
        name: str,
        uid: str,
        labels: Mapping[str, str | None],
        annotations: Mapping[str, str | None],
    ) -> dict[str, Any]:
        return self._note("label", namespace, name, uid, dict(labels), dict(annotations))

    async def set_pod_condition(  # noqa: PLR0917
        self,
        namespace: str,
        name: str,
        uid: str,
        type: str,  # noqa: A002
        status: str,
        reason: str,
        message: str,
        at: datetime,
    ) -> dict[str, Any]:
        return self._note("condition", namespace, name, uid, type, status, reason, message, at)
