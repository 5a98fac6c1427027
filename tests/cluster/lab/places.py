"""Where things live: the cache that outlives clusters, and the folder of one cluster.

The cluster's folder holds container layers, so it must not lie on an overlay; its
paths stay short, because a unix socket's path may not exceed 107 bytes.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .console import LabError, step

TOOL = Path(__file__).resolve().parents[1]
CHECKOUT = TOOL.parents[1]
MODULES = TOOL / "modules"
MANIFESTS = TOOL / "manifests"

_LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that belong to one cluster name."""

    cluster: str
    cache: Path
    state: Path

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Places":
        """Read MONGORS_CLUSTER, MONGORS_CACHE and MONGORS_STATE, with their defaults."""
        cluster = env.get("MONGORS_CLUSTER") or "mongors"
        if not cluster.replace("-", "").isalnum() or len(cluster) > _LONGEST_NAME:
            raise LabError(f"MONGORS_CLUSTER={cluster!r}: up to 20 letters, digits and dashes")
        home = Path(env.get("XDG_CACHE_HOME") or Path(env.get("HOME", "/root")) / ".cache")
        cache = Path(env.get("MONGORS_CACHE") or home / "mongors").absolute()
        state = Path(env.get("MONGORS_STATE") or "/var/lib/mongors").absolute()
        return cls(cluster, cache, state / cluster)

    @property
    def binaries(self) -> Path:
        return self.cache / "bin"

    @property
    def images(self) -> Path:
        return self.cache / "images"

    @property
    def downloads(self) -> Path:
        return self.cache / "downloads"

    @property
    def unfinished(self) -> Path:
        """Half-written artefacts; nothing in here is ever trusted."""
        return self.cache / "unfinished"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "admin.kubeconfig"

    @property
    def past_logs(self) -> Path:
        return self.cache / "logs"

    @contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """Let one process at a time build, or change the cluster; the kernel frees the lock."""
        folder = self.cache / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{what}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                step(f"waiting for another run that holds {lock.name}")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def environment() -> dict[str, str]:
    """Return a copy of this process's environment."""
    return dict(os.environ)
