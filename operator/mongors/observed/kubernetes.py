"""Narrow frozen views of the Kubernetes objects that decisions rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongors.desired import labels
from mongors.desired.names import Names

MONGOD = "mongod"
PREPARE = "prepare"

Raw = Mapping[str, Any]


def moment(text: str | None) -> datetime | None:
    """A Kubernetes timestamp as an aware datetime."""
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Pod:
    """A member's pod."""

    name: str
    uid: str
    ordinal: int
    created: datetime
    ip: str | None = None
    node: str | None = None
    deleting: bool = False
    mongod_running: bool = False
    mongod_since: datetime | None = None
    """Since when its mongod runs without a restart."""
    mongod_ever_ran: bool = False
    role: str | None = None
    in_service: bool | None = None
    may_start_empty: bool = False
    held_since: datetime | None = None
    """Since when the init container runs: a member at the start gate, or about to pass it."""
    revision: str | None = None
    trouble: str | None = None
    """Why the pod does not run, in the scheduler's or the kubelet's words."""

    @property
    def can_answer(self) -> bool:
        """Whether it makes sense to ask its mongod."""
        return self.mongod_running and self.ip is not None


@dataclass(frozen=True, slots=True)
class Claim:
    """A member's volume claim."""

    ordinal: int
    uid: str
    created: datetime
    bound: bool
    prefilled: bool = False
    """Made from a snapshot or another volume: it may hold data from the start."""

    def is_new(self, since: datetime) -> bool:
        """Whether the volume was made, empty, after this moment."""
        return self.created >= since and not self.prefilled


@dataclass(frozen=True, slots=True)
class StatefulSet:
    """The set's StatefulSet."""

    uid: str
    replicas: int
    update_revision: str | None
    claim_templates: tuple[Raw, ...]


def pod_of(raw: Raw, names: Names) -> Pod | None:
    """The view of a pod, or None for a pod that no member of this set owns."""
    metadata, status = raw["metadata"], raw.get("status", {})
    ordinal = names.ordinal_of_pod(metadata["name"])
    if ordinal is None:
        return None
    mongod = _container(status.get("containerStatuses"), MONGOD)
    prepare = _container(status.get("initContainerStatuses"), PREPARE)
    return Pod(
        name=metadata["name"],
        uid=metadata["uid"],
        ordinal=ordinal,
        created=datetime.fromisoformat(metadata["creationTimestamp"]),
        ip=status.get("podIP"),
        node=raw.get("spec", {}).get("nodeName"),
        deleting="deletionTimestamp" in metadata,
        mongod_running=runs_mongod(raw),
        mongod_since=moment(mongod.get("state", {}).get("running", {}).get("startedAt")),
        mongod_ever_ran=_ever_ran(mongod),
        role=metadata.get("labels", {}).get(labels.ROLE),
        in_service=_in_service(status),
        may_start_empty=labels.EMPTY_START in metadata.get("annotations", {}),
        held_since=moment(prepare.get("state", {}).get("running", {}).get("startedAt")),
        revision=metadata.get("labels", {}).get("controller-revision-hash"),
        trouble=_trouble(status, prepare, mongod),
    )


def runs_mongod(pod: Raw) -> bool:
    """Whether a mongod runs in a pod, as the kubelet last said."""
    status = pod.get("status", {})
    return "running" in _container(status.get("containerStatuses"), MONGOD).get("state", {})


def claim_of(raw: Raw, names: Names) -> Claim | None:
    """The view of a claim, or None for a claim that no member of this set uses."""
    metadata = raw["metadata"]
    ordinal = names.ordinal_of_claim(metadata["name"])
    if ordinal is None:
        return None
    created = datetime.fromisoformat(metadata["creationTimestamp"])
    bound = raw.get("status", {}).get("phase") == "Bound"
    spec = raw.get("spec", {})
    return Claim(
        ordinal=ordinal,
        uid=metadata["uid"],
        created=created,
        bound=bound,
        prefilled=bool(spec.get("dataSource") or spec.get("dataSourceRef")),
    )


def statefulset_of(raw: Raw) -> StatefulSet:
    """The view of a StatefulSet."""
    spec = raw["spec"]
    return StatefulSet(
        uid=raw["metadata"]["uid"],
        replicas=spec.get("replicas", 1),
        update_revision=raw.get("status", {}).get("updateRevision"),
        claim_templates=tuple(spec.get("volumeClaimTemplates", ())),
    )


def named_endpoints(slices: tuple[Raw, ...], service: str) -> frozenset[str]:
    """The pod names that a headless Service's EndpointSlices hold, so that DNS can know them."""
    return frozenset(
        endpoint["hostname"]
        for piece in slices
        if piece["metadata"].get("labels", {}).get("kubernetes.io/service-name") == service
        for endpoint in piece.get("endpoints") or ()
        if endpoint.get("hostname") and endpoint.get("addresses")
    )


def _container(statuses: list[Raw] | None, name: str) -> Raw:
    return next((status for status in statuses or () if status["name"] == name), {})


def _ever_ran(mongod: Raw) -> bool:
    states = (mongod.get("state", {}), mongod.get("lastState", {}))
    return any("running" in state or "terminated" in state for state in states)


def _in_service(status: Raw) -> bool | None:
    for condition in status.get("conditions") or ():
        if condition["type"] == labels.IN_SERVICE:
            return bool(condition["status"] == "True")
    return None


def _trouble(status: Raw, *containers: Raw) -> str | None:
    for container in containers:
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") not in (None, "PodInitializing", "ContainerCreating"):
            return ": ".join(filter(None, (waiting["reason"], waiting.get("message"))))
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("message") or condition.get("reason"))
    return None
