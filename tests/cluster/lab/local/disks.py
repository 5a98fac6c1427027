"""Small disks for a node, and what it is like when one is full.

A disk is a file system in a file, mounted in the node's own mount namespace, below the folder of
the node's volumes: the mount ends with the node, the file with the cluster.
"""

from collections.abc import Sequence
from pathlib import Path

from cluster.lab.console import LabError
from cluster.lab.places import Places
from cluster.lab.programs import run, succeeds

from . import node, records
from .plan import Node, Plan
from .settings import VOLUMES

BALLAST = "ballast"


def add(plan: Plan, one: Node, places: Places, name: str, size: str) -> None:
    """Mount a new disk of a size (512M) on a node; a volume may lie at its mount point."""
    image = plan.machine_folder(one.name) / "var/lib" / f"{name}.disk"
    if image.exists():
        raise LabError(f"{one.name} has a disk {name!r} already")
    point = _point(name)
    run(["truncate", f"--size={size}", image])
    run(["mkfs.ext4", "-q", "-m", "0", image])
    inside = _inside(plan, one, places)
    run([*inside, "mkdir", "-p", point])
    if not succeeds([*inside, "mount", "-o", "loop", f"/var/lib/{name}.disk", point]):
        # A machine without loop devices: memory is as full as a disk when it is full.
        run([*inside, "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", point])
    run([*inside, "chmod", "0777", point])


def fill(plan: Plan, one: Node, places: Places, name: str) -> None:
    """Leave no room on a disk."""
    inside, point = _mounted(plan, one, places, name)
    # It ends with an error, when there is no room for more.
    succeeds([*inside, "dd", "if=/dev/zero", f"of={point / BALLAST}", "bs=64k", "status=none"])


def spare(plan: Plan, one: Node, places: Places, name: str) -> None:
    """Give the room back."""
    inside, point = _mounted(plan, one, places, name)
    run([*inside, "rm", "-f", str(point / BALLAST)])


def _mounted(plan: Plan, one: Node, places: Places, name: str) -> tuple[Sequence[str], Path]:
    inside, point = _inside(plan, one, places), _point(name)
    if not succeeds([*inside, "mountpoint", "--quiet", str(point)]):
        raise LabError(f"{one.name} has no disk {name!r}")  # never fill the machine's own
    return inside, point


def _point(name: str) -> Path:
    return Path(VOLUMES) / name


def _inside(plan: Plan, one: Node, places: Places) -> list[str]:
    """Enter a running node's mounts."""
    machine = node.machine_of(plan, one, places)
    pid = records.recorded(machine.record)
    if pid is None:
        raise LabError(f"{one.name} is not running")
    (init,) = records.children(pid)
    return ["nsenter", f"--target={init}", "--mount"]
