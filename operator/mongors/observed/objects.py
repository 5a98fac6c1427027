"""Narrow frozen views of the set's other objects that decisions rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongors.desired import labels
from mongors.desired.names import Names

ZONE = "topology.kubernetes.io/zone"

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A member's volume claim."""

    ordinal: int
    uid: str
    created: datetime
    bound: bool
    prefilled: bool = False
    """Made from a snapshot or another volume: it may hold data from the start."""
    requested: str | None = None
    """The size asked for, as a quantity."""
    capacity: str | None = None
    """The size that it has, as a quantity; None before it is bound."""
    trouble: str | None = None
    """Why it does not grow, in the words of Kubernetes."""

    def is_new(self, since: datetime) -> bool:
        """Whether the volume was made, empty, after this moment."""
        return self.created >= since and not self.prefilled


@dataclass(frozen=True, slots=True)
class StatefulSet:
    """The set's StatefulSet."""

    uid: str
    replicas: int
    claim_templates: tuple[Raw, ...]
    template: str | None = None
    """Digest of its pod template."""
    is_followed: bool = True
    """Whether its controller has seen the present template: the next pod is made from it."""
    key_digest: str | None = None
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that runs pods."""

    name: str
    zone: str | None = None
    ready: bool = True
    """Whether its kubelet reports; what runs on one that does not is unknown."""
    cordoned: bool = False
    """Whether somebody is about to empty it."""


def claim_of(raw: Raw, names: Names) -> Claim | None:
    """The view of a claim, or None for a claim that no member of this set uses."""
    metadata = raw["metadata"]
    ordinal = names.ordinal_of_claim(metadata["name"])
    if ordinal is None:
        return None
    created = datetime.fromisoformat(metadata["creationTimestamp"])
    status, spec = raw.get("status", {}), raw.get("spec", {})
    return Claim(
        ordinal=ordinal,
        uid=metadata["uid"],
        created=created,
        bound=status.get("phase") == "Bound",
        prefilled=bool(spec.get("dataSource") or spec.get("dataSourceRef")),
        requested=spec.get("resources", {}).get("requests", {}).get("storage"),
        capacity=status.get("capacity", {}).get("storage"),
        trouble=_growth_trouble(status),
    )


def statefulset_of(raw: Raw) -> StatefulSet:
    """The view of a StatefulSet."""
    metadata, spec = raw["metadata"], raw["spec"]
    template = spec.get("template", {}).get("metadata", {})
    seen = raw.get("status", {}).get("observedGeneration")
    return StatefulSet(
        uid=metadata["uid"],
        replicas=spec.get("replicas", 1),
        claim_templates=tuple(spec.get("volumeClaimTemplates", ())),
        template=template.get("annotations", {}).get(labels.TEMPLATE),
        is_followed=seen is None or seen >= metadata.get("generation", 0),
        key_digest=metadata.get("annotations", {}).get(labels.KEY_DIGEST),
        deleting="deletionTimestamp" in metadata,
    )


def node_of(raw: Raw) -> Node:
    """The view of a node."""
    metadata, spec = raw["metadata"], raw.get("spec", {})
    conditions = raw.get("status", {}).get("conditions") or ()
    ready = next((each["status"] for each in conditions if each["type"] == "Ready"), "Unknown")
    return Node(
        name=metadata["name"],
        zone=metadata.get("labels", {}).get(ZONE),
        ready=ready == "True",
        cordoned=bool(spec.get("unschedulable")),
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


def _growth_trouble(status: Raw) -> str | None:
    for condition in status.get("conditions") or ():
        failed = str(condition.get("type", "")).endswith("Error")
        if failed and condition.get("status") == "True":
            return str(condition.get("message") or condition["type"])
    return None
