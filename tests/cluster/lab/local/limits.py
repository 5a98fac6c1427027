"""Limits of the machine that a cluster runs into, found or lifted before it does.

Every kubelet, containerd and proxy watches files; stock kernels grant root 128 watchers
in all, and the first to get none fails in ways that do not say why.
"""

from pathlib import Path

from cluster.lab.console import LabError
from cluster.lab.programs import run

_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
_NEEDED = 1024
_BEFORE = "inotify-before"


def refuse_overlay(folder: Path) -> None:
    """Refuse a place that no container's layers can lie in, before containerd does so darkly."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    kind = run(["findmnt", "--noheadings", "--output", "FSTYPE", "--target", there]).strip()
    if kind == "overlay":
        raise LabError(f"{there} lies on an overlay file system: set MONGORS_STATE to another")


def raise_limits(clusters: Path) -> None:
    """Raise the limit and note what it was, beside the folders of the clusters."""
    before = _LIMIT.read_text().strip()
    if int(before) >= _NEEDED:
        return
    clusters.mkdir(parents=True, exist_ok=True)
    (clusters / _BEFORE).write_text(before)
    _LIMIT.write_text(str(_NEEDED))


def restore_limits(clusters: Path) -> None:
    """Put the limit back once the last cluster is gone, and the folder with it."""
    note = clusters / _BEFORE
    if not clusters.is_dir() or any(path != note for path in clusters.iterdir()):
        return
    if note.exists():
        _LIMIT.write_text(note.read_text())
        note.unlink()
    clusters.rmdir()
