"""One limit of the machine that several kubelets run into; raised for as long as a cluster is up.

Every kubelet, containerd and proxy watches files; stock kernels grant root 128 watchers
in all, and the first to get none fails in ways that do not say why.
"""

from pathlib import Path

_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
_NEEDED = 1024
_BEFORE = "inotify-before"


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
