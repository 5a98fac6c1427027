"""Everything that helps to find a fault, read once; what may not be read is noted instead."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mongors.cli.cluster import POD, SET, Cluster, Raw
from mongors.desired.labels import EXPORTER_OF
from mongors.errors import Failure
from mongors.kube.kinds import KINDS, Kind

T = TypeVar("T")

OPERATOR = "app.kubernetes.io/name=mongors"

_DEFINITION = Kind(
    "CustomResourceDefinition",
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    namespaced=False,
)

_OF_SET = (
    *("Pod", "PersistentVolumeClaim", "StatefulSet", "Service", "EndpointSlice", "Secret"),
    *("ServiceAccount", "PodDisruptionBudget", "RoleBinding", "Deployment"),
)

LINES = "5000"
"""The last lines of each log."""


@dataclass
class Collected:
    """What was read of a set and of its operator."""

    resource: Raw
    objects: dict[str, list[Raw]] = field(default_factory=dict)
    """By the name of the file that they are to stand in."""
    logs: dict[str, str] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> list[Mapping[str, Any]]:
        """The Secrets among the objects."""
        return list(self.objects.get("secrets", ()))


async def collect(cluster: Cluster, name: str) -> Collected:
    """Read all of it, as far as the login reaches."""
    collected = Collected(await cluster.replica_set(name))

    async def take(file: str, reading: Awaitable[list[Raw]]) -> None:
        collected.objects[file] = await _or_note(collected, file, reading, [])

    await asyncio.gather(
        *(take(KINDS[kind].plural, cluster.of_set(KINDS[kind], name)) for kind in _OF_SET),
        take("storageclasses", cluster.all_of(KINDS["StorageClass"])),
        take("events", cluster.all_of(KINDS["Event"])),
        take(
            "operator-deployments", cluster.all_of(KINDS["Deployment"], OPERATOR, everywhere=True)
        ),
        take("operator-pods", cluster.all_of(POD, OPERATOR, everywhere=True)),
        take("exporter-pods", cluster.all_of(POD, f"{EXPORTER_OF}={name}")),
        take("definition", _definition(cluster)),
    )
    await asyncio.gather(
        take("nodes", _nodes(cluster, collected.objects["pods"])),
        *(_logs(cluster, pod, collected) for pod in collected.objects["pods"]),
        *(_logs(cluster, pod, collected) for pod in collected.objects["operator-pods"]),
        *(_logs(cluster, pod, collected) for pod in collected.objects["exporter-pods"]),
    )
    return collected


async def _definition(cluster: Cluster) -> list[Raw]:
    found = await cluster.read(_DEFINITION, None, SET.resource)
    return [] if found is None else [found]


async def _nodes(cluster: Cluster, pods: list[Raw]) -> list[Raw]:
    names = {str((pod.get("spec") or {}).get("nodeName") or "") for pod in pods} - {""}
    found = await asyncio.gather(*(cluster.get("Node", None, name) for name in sorted(names)))
    return [each for each in found if each is not None]


async def _logs(cluster: Cluster, pod: Raw, collected: Collected) -> None:
    """The logs of all containers of a pod, and of those that ended before."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    states = [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]
    for state in states:
        name = f"{metadata['name']}-{state['name']}"
        query = {"container": state["name"], "tailLines": LINES, "timestamps": "true"}
        readings = {name: query}
        if state.get("restartCount"):
            readings[f"{name}-previous"] = {**query, "previous": "true"}
        for file, asked in readings.items():
            reading = cluster.log(metadata["name"], asked, metadata["namespace"])
            collected.logs[file] = await _or_note(collected, f"log of {file}", reading, "")


async def _or_note(collected: Collected, what: str, reading: Awaitable[T], instead: T) -> T:
    try:
        return await reading
    except Failure as failure:
        collected.missed.append(f"{what}: {failure.message}")
        return instead
