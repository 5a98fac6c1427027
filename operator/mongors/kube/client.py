"""The verbs that the operator has on the API server. Plain dicts in and out.

Whatever could do harm on an old picture carries a precondition, so that it fails instead.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from kubernetes.aio.client.configuration import Configuration

from mongors.api.base import rfc3339
from mongors.errors import Denied, Rejected
from mongors.kube.access import may, missing_right
from mongors.kube.events import Event, Recorder
from mongors.kube.failures import failure_of, is_absence
from mongors.kube.kinds import KINDS, Kind
from mongors.kube.request import APPLY, MERGE, STRATEGIC, Answered, Request, eviction, unheard
from mongors.kube.transport import Transport

FIELD_MANAGER = "mongors"

Seen = Callable[[Mapping[str, Any]], object]


class Kube:
    """Reads and writes objects, and tells `on_seen` every state of a watched kind it is shown."""

    def __init__(
        self,
        configuration: Configuration,
        on_seen: Seen = lambda obj: None,
        on_answer: Answered = unheard,
    ) -> None:
        self._transport = Transport(configuration, on_answer=on_answer)
        self._on_seen = on_seen
        self._recorder = Recorder(self._do)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transport.__aexit__(kind, error, traceback)

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Read one object live; None only if the API server says that it does not exist."""
        request = Request("get", KINDS[kind], namespace, name)
        answer = await self._transport.send(request)
        if is_absence(answer):
            return None
        if not answer.succeeded:
            raise failure_of(request, answer)
        return self._seen(answer.json())

    async def serves(self, kind: Kind) -> bool:
        """Tell whether the API server knows a kind at all."""
        group = Kind("APIResourceList", kind.group, kind.version, "", namespaced=False)
        request = Request("get", group, None)
        answer = await self._transport.send(request)
        if answer.status == 404:
            return False
        if not answer.succeeded:
            raise failure_of(request, answer)
        return any(each["name"] == kind.plural for each in answer.json().get("resources") or ())

    async def may(self, verb: str, kind: Kind, namespace: str | None = None) -> bool:
        """Tell whether the operator has a right: in this namespace, or in every one there is."""
        return await may(self._transport, verb, Request(verb, kind, namespace))

    async def apply(self, manifest: Mapping[str, Any], *, force: bool) -> dict[str, Any]:
        """Apply a manifest server-side; a uid or resourceVersion in it is a precondition."""
        return await self._apply(manifest, "", force=force)

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object; Refused when there is one of this name, whoever made it.

        An apply cannot promise that: two appliers of the same name share what they write.
        """
        metadata = manifest["metadata"]
        request = Request(
            "create",
            KINDS[manifest["kind"]],
            metadata.get("namespace"),
            metadata["name"],
            body=manifest,
            query={"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"},
        )
        return self._seen(await self._do(request))

    async def apply_status(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Apply the status half of a manifest."""
        return await self._apply(manifest, "status", force=True)

    async def label_pod(
        self,
        namespace: str,
        name: str,
        uid: str,
        labels: Mapping[str, str | None],
        annotations: Mapping[str, str | None],
    ) -> dict[str, Any]:
        """Set labels and annotations of this very pod; a value of None removes one."""
        metadata = {"uid": uid, "labels": dict(labels), "annotations": dict(annotations)}
        return await self._patch("Pod", (namespace, name, ""), {"metadata": metadata}, MERGE)

    async def set_pod_condition(  # noqa: PLR0913, PLR0917 - a condition has this many fields
        self,
        namespace: str,
        name: str,
        uid: str,
        type: str,  # noqa: A002 - the name that the field has in Kubernetes
        status: str,
        reason: str,
        message: str,
        at: datetime,
    ) -> dict[str, Any]:
        """Set one condition of this very pod and leave the others alone."""
        condition = {
            "type": type,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": rfc3339(at),
        }
        body = {"metadata": {"uid": uid}, "status": {"conditions": [condition]}}
        return await self._patch("Pod", (namespace, name, "status"), body, STRATEGIC)

    async def resize_claim(self, namespace: str, name: str, uid: str, size: str) -> dict[str, Any]:
        """Ask for another size of this very claim.

        Rejected when the class cannot grow its volumes, or when a quota is used up.
        """
        body = {
            "metadata": {"uid": uid},
            "spec": {"resources": {"requests": {"storage": size}}},
        }
        return await self._patch("PersistentVolumeClaim", (namespace, name, ""), body, MERGE)

    async def evict(self, namespace: str, name: str, uid: str) -> None:
        """Ask for the eviction of this very pod; `NotNow` if its budget does not allow it."""
        await self._do(eviction(namespace, name, uid))

    async def delete(
        self, kind: str, namespace: str | None, name: str, uid: str, *, orphan: bool = False
    ) -> None:
        """Delete this very object, not another one that has its name by now.

        What it owns goes with it, unless that is to be left behind as an orphan.
        """
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Orphan" if orphan else "Background",
            "preconditions": {"uid": uid},
        }
        self._seen(await self._do(Request("delete", KINDS[kind], namespace, name, body=body)))

    async def emit(self, event: Event) -> None:
        """Write an Event, or count it once more; never fails."""
        await self._recorder.emit(event)

    async def _apply(
        self, manifest: Mapping[str, Any], subresource: str, *, force: bool
    ) -> dict[str, Any]:
        metadata = manifest["metadata"]
        request = Request(
            "patch",
            KINDS[manifest["kind"]],
            metadata.get("namespace"),
            metadata["name"],
            subresource,
            body=manifest,
            content_type=APPLY,
            query={
                "fieldManager": FIELD_MANAGER,
                "fieldValidation": "Strict",
                "force": "true" if force else "false",
            },
        )
        return self._seen(await self._do(request))

    async def _patch(
        self, kind: str, place: tuple[str, str, str], body: Mapping[str, Any], how: str
    ) -> dict[str, Any]:
        request = Request(
            "patch",
            KINDS[kind],
            *place,
            body=body,
            content_type=how,
            query={"fieldManager": FIELD_MANAGER},
        )
        return self._seen(await self._do(request))

    async def _do(self, request: Request) -> dict[str, Any]:
        answer = await self._transport.send(request)
        if answer.succeeded:
            return answer.json()
        failure = failure_of(request, answer)
        if isinstance(failure, Denied):
            missing = await missing_right(self._transport, request)
            if missing is None:
                raise Rejected(failure.message)
            failure.verb, failure.resource = missing
        raise failure

    def _seen(self, obj: dict[str, Any]) -> dict[str, Any]:
        kind = KINDS.get(obj.get("kind", ""))
        if kind is not None and kind.watched:
            self._on_seen(obj)
        return obj
