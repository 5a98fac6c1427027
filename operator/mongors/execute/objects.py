"""The changes to Kubernetes objects, each with the precondition under which it was planned."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, assert_never

from mongors.api.base import rfc3339
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.names import CLUSTER_WIDE
from mongors.desired.secrets import EXPORTER_PASSWORD, GENERATED, SecretKind, encoded
from mongors.errors import Altered, Refused
from mongors.observed.covering import is_as_applied
from mongors.observed.kubernetes import runs_mongod
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Apply,
    Evict,
    Generate,
    GrowClaim,
    PermitEmptyStart,
    Remake,
    Remove,
    ReplacePod,
    SetParameters,
    ShowRole,
    StopForGood,
    WithdrawEmptyStart,
)
from mongors.planning.recorded import record_of
from mongors.planning.steps.objects import secret_values
from mongors.planning.steps.resync import held_pods

KEYFILE_BYTES = 567
"""756 base64 characters; mongod takes 6 to 1024."""

PASSWORD_BYTES = 24

_ALTERED = (
    "it is kept otherwise than it was applied: an admission webhook changes it, as it seems. "
    "Exempt the set's objects from it, or let it change nothing that the operator sets"
)

Change = (
    Apply
    | Remove
    | Generate
    | PermitEmptyStart
    | WithdrawEmptyStart
    | ReplacePod
    | StopForGood
    | GrowClaim
    | Remake
    | ShowRole
    | Evict
)


class Writer(Protocol):
    """What is needed of the Kubernetes API."""

    async def apply(self, manifest: Mapping[str, Any], *, force: bool) -> dict[str, Any]:
        """Apply server-side; a uid in the manifest is a precondition."""

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return the object, or None when there is certainly none."""

    async def delete(
        self, kind: str, namespace: str | None, name: str, uid: str, *, orphan: bool = False
    ) -> None:
        """Delete this very object; with `orphan`, and nothing that it owns."""

    async def evict(self, namespace: str, name: str, uid: str) -> None:
        """Ask for the eviction of this very pod; NotNow when the budget forbids it."""

    async def resize_claim(self, namespace: str, name: str, uid: str, size: str) -> dict[str, Any]:
        """Ask for a larger volume behind this very claim."""

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object; Refused when there is one of this name."""

    async def label_pod(
        self,
        namespace: str,
        name: str,
        uid: str,
        labels: Mapping[str, str | None],
        annotations: Mapping[str, str | None],
    ) -> dict[str, Any]:
        """Set labels and annotations of this very pod."""

    async def set_pod_condition(  # noqa: PLR0913, PLR0917 - a condition has this many fields
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
        """Set a condition of this very pod."""


class Objects:
    """The objects of one set in one pass."""

    def __init__(self, kube: Writer, desired: Desired, observed: Observed) -> None:
        self._kube = kube
        self._desired = desired
        self._observed = observed
        self._namespace = desired.names.namespace

    async def do(self, action: Change) -> None:
        """Carry one change out."""
        match action:
            case Apply():
                await self._apply(action)
            case Remove():
                where = None if action.kind in CLUSTER_WIDE else self._namespace
                await self._kube.delete(action.kind, where, action.name, action.uid)
            case Generate():
                await self._generate(action.secret)
            case PermitEmptyStart():
                await self._annotate(action.pod, action.uid, action.uid)
            case WithdrawEmptyStart():
                await self._annotate(action.pod, action.uid, None)
            case ShowRole():
                await self._show_role(action)
            case GrowClaim():
                name, uid, size = action.claim, action.uid, action.size
                await self._kube.resize_claim(self._namespace, name, uid, size)
            case Remake():
                kind, name, uid = "StatefulSet", action.name, action.uid
                await self._kube.delete(kind, self._namespace, name, uid, orphan=True)
            case ReplacePod() | StopForGood() | Evict():
                await self._end_pod(action)
            case _:
                assert_never(action)

    async def record_users(self, mark: str) -> None:
        """Note that the users were made; a crash before that only makes them once more.

        Only if nobody has written the record since it was seen: it also tells of recoveries.
        """
        desired, observed, name = self._desired, self._observed, self._desired.names.keyfile
        annotations = {**record_of(desired, observed).annotations(), labels.USERS_MADE: mark}
        values = secret_values(observed, SecretKind.KEYFILE, name) or {}
        held = held_pods(desired, observed)
        manifest = desired.secret(SecretKind.KEYFILE, values, annotations, held=held)
        live = observed.objects["Secret", name]["metadata"]
        version = live.get("resourceVersion")
        await self._apply(Apply("Secret", name, manifest, live["uid"], version))

    async def note_configuration(self, action: SetParameters) -> None:
        """Note on the pod with what its mongod shall start next, once it has taken it live."""
        noted = {labels.CONFIGURATION: action.configuration}
        await self._kube.label_pod(self._namespace, action.pod, action.uid, {}, noted)

    async def _apply(self, action: Apply) -> None:
        """Without force when the object is new: who made it meanwhile keeps it.

        An object that is kept otherwise is not applied again and again in vain.
        """
        metadata = dict(action.manifest["metadata"])
        if action.uid is not None:
            metadata["uid"] = action.uid
        if action.version is not None:
            metadata["resourceVersion"] = action.version
        manifest = {**action.manifest, "metadata": metadata}
        kept = await self._kube.apply(manifest, force=action.uid is not None)
        if not is_as_applied(kept, action.manifest):
            raise Altered(_ALTERED)

    async def _end_pod(self, action: ReplacePod | StopForGood | Evict) -> None:
        """Look once more, live: another pod of this name, or a mongod that runs, is left alone."""
        live = await self._kube.get("Pod", self._namespace, action.pod)
        if live is None or live["metadata"]["uid"] != action.uid:
            raise Refused(f"{action.pod} changed meanwhile")
        if isinstance(action, ReplacePod) and runs_mongod(live):
            raise Refused(f"{action.pod} runs by now")
        if isinstance(action, Evict):
            await self._kube.evict(self._namespace, action.pod, action.uid)
        else:
            await self._kube.delete("Pod", self._namespace, action.pod, action.uid)

    async def _generate(self, kind: SecretKind) -> None:
        desired, observed = self._desired, self._observed
        size = KEYFILE_BYTES if kind is SecretKind.KEYFILE else PASSWORD_BYTES
        random = {key: encoded(_random_text(size)) for key in GENERATED[kind]}
        is_key = kind is SecretKind.KEYFILE
        annotations = record_of(desired, observed).annotations() if is_key else {}
        manifest = desired.secret(kind, random, annotations)
        live = observed.objects.get(("Secret", manifest["metadata"]["name"]))
        if live is None:
            live = await self._kube.create(_first(manifest))
        known = {key: live["metadata"][key] for key in ("uid", "resourceVersion")}
        fenced = {**manifest, "metadata": {**manifest["metadata"], **known}}
        await self._kube.apply(fenced, force=True)

    async def _annotate(self, pod: str, uid: str, permission: str | None) -> None:
        at = rfc3339(self._observed.at) if permission else None
        annotations = {labels.EMPTY_START: permission, labels.PERMITTED_AT: at}
        await self._kube.label_pod(self._namespace, pod, uid, {}, annotations)

    async def _show_role(self, action: ShowRole) -> None:
        if action.relabel:
            shown = {labels.ROLE: action.role.value}
            await self._kube.label_pod(self._namespace, action.pod, action.uid, shown, {})
        if action.regate:
            await self._kube.set_pod_condition(
                self._namespace,
                action.pod,
                action.uid,
                labels.IN_SERVICE,
                str(action.in_service),
                "Serving" if action.in_service else "NotServing",
                f"the member is {action.role.value}",
                self._observed.at,
            )


def _first(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret as it is created: whole, so that no application ever reads half of it.

    What is not wanted for ever comes with the apply behind it: only that can take it back.
    """
    kept = ("name", "namespace", "labels")
    metadata = {key: manifest["metadata"][key] for key in kept}
    data = {key: value for key, value in manifest["data"].items() if key != EXPORTER_PASSWORD}
    return {**manifest, "metadata": metadata, "data": data}


def _random_text(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size), altchars=b"ab").decode().rstrip("=")
