"""A control group per node: kubelets that share a root end each other's pods as orphans.

Version 1 (one tree per controller) and version 2 (one tree) are both handled.
"""

import time
from pathlib import Path

from cluster.lab.console import LabError

_MOUNT = Path("/sys/fs/cgroup")
_PATIENCE_SECONDS = 10.0


def root_of(cluster: str, node: str) -> str:
    """Name a node's group below the root of every tree."""
    return f"/{cluster}/{node}"


def create(cluster: str, node: str) -> None:
    """Make a node's group in every tree, usable at once."""
    for tree in _trees():
        for name in (cluster, f"{cluster}/{node}"):
            _make(tree / name)


def destroy(cluster: str, node: str | None = None) -> None:
    """Remove a node's groups, or all of the cluster's, once their processes are gone."""
    for tree in _trees():
        top = tree / cluster / node if node else tree / cluster
        if top.is_dir():
            for group in [*sorted(top.rglob("*/"), reverse=True), top]:
                if group.is_dir():
                    _remove(group)


def find(cluster: str, node: str, container: str) -> Path:
    """Find the group of a container on a node; its name may carry the runtime's prefix."""
    for tree in _trees():
        for group in (tree / cluster / node).rglob(f"*{container}*"):
            if (group / "cgroup.procs").exists():
                return group
    raise LabError(f"no control group on {node} for container {container[:12]}")


def _trees() -> list[Path]:
    if (_MOUNT / "cgroup.controllers").exists():
        return [_MOUNT]
    return [path for path in _MOUNT.iterdir() if path.is_dir() and (path / "cgroup.procs").exists()]


def _make(group: Path) -> None:
    """Make one group; cpuset (v1) starts empty, controllers (v2) start switched off."""
    if (group.parent / "cgroup.controllers").exists() and group.parent.parent == _MOUNT.parent:
        _enable_controllers(group.parent)
    group.mkdir(exist_ok=True)
    if (group / "cgroup.subtree_control").exists():
        _enable_controllers(group)
    for name in ("cpuset.cpus", "cpuset.mems"):
        mine = group / name
        if mine.exists() and group.parent.joinpath(name).exists() and not mine.read_text().strip():
            mine.write_text(group.parent.joinpath(name).read_text())


def _enable_controllers(group: Path) -> None:
    offered = (group / "cgroup.controllers").read_text().split()
    for controller in {"cpu", "cpuset", "io", "memory", "pids"} & set(offered):
        (group / "cgroup.subtree_control").write_text(f"+{controller}")


def _remove(group: Path) -> None:
    """Remove one group; the kernel needs a moment after the last process."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError as busy:
            if time.monotonic() > deadline:
                raise LabError(f"control group {group} is still in use") from busy
            time.sleep(0.05)
        else:
            return
