"""Whether this machine can bear a cluster, said before half of one stands on it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.lab.console import LabError
from cluster.lab.places import Places

GIB = 1 << 30
CLUSTER_BYTES = 4 * GIB
"""Layers of images on three nodes, volumes, logs: 2 GiB in an hour of tests, and as much again."""
BUILD_BYTES = 10 * GIB
"""Kubernetes and its images, and what the Go toolchain keeps of the way there."""
MEMORY_BYTES = 3 * GIB
"""A control plane, three nodes, the operator and a few sets: 2 GiB."""
OLDEST_KERNEL = (5, 4)
"""What Kubernetes is tested on at least, of those that are still maintained."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is free here, in bytes, and what runs here."""

    memory: int
    for_cluster: int
    for_build: int
    kernel: str
    is_built: bool
    """Whether the cache has a Kubernetes already."""


def machine(places: Places) -> Machine:
    """Look at this machine."""
    return Machine(
        memory=available_memory(Path("/proc/meminfo").read_text()),
        for_cluster=_free(places.state),
        for_build=_free(places.cache),
        kernel=os.uname().release,
        is_built=any(places.binaries.glob("kubernetes-*")),
    )


def refuse_small(found: Machine, places: Places, needed: int = CLUSTER_BYTES) -> None:
    """Say all that is too small at once, for a cluster that fills so many bytes."""
    if said := "; ".join(_shortages(found, places, needed)):
        raise LabError(said)


def available_memory(meminfo: str) -> int:
    """The bytes that programs can still have, from `/proc/meminfo`."""
    lines = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    return int(lines["MemAvailable"].split()[0]) * 1024


def _shortages(found: Machine, places: Places, needed: int) -> Iterator[str]:
    version = tuple(int(each) for each in found.kernel.split("-")[0].split(".")[:2])
    if version < OLDEST_KERNEL:
        oldest = ".".join(map(str, OLDEST_KERNEL))
        yield f"Linux {found.kernel} is too old for this Kubernetes: {oldest} or newer is needed"
    if found.memory < MEMORY_BYTES:
        yield f"{_gib(found.memory)} of memory are free and {_gib(MEMORY_BYTES)} are needed"
    if found.for_cluster < needed:
        yield _too_full(places.state, found.for_cluster, needed, "MONGORS_STATE")
    if not found.is_built and found.for_build < BUILD_BYTES:
        yield _too_full(places.cache, found.for_build, BUILD_BYTES, "MONGORS_CACHE")


def _too_full(folder: Path, free: int, needed: int, variable: str) -> str:
    return (
        f"{_gib(free)} are free for {folder} and {_gib(needed)} are needed: make room, or set "
        f"{variable} to another place"
    )


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"


def _free(folder: Path) -> int:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free
