"""A cluster that is there already: only its kubeconfig is used, nothing of it is changed.

Programs run where they are, so pods and DNS names can be reached only if this machine's
network already leads to them.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import builds
from .backend import Wish
from .console import LabError, step
from .nodes import ready_nodes
from .places import Places
from .programs import run
from .refusing import NoFaults

_TOOLS = (builds.KUBERNETES, builds.HELM)


@dataclass(frozen=True, slots=True)
class ExistingBackend(NoFaults):
    """Somebody's cluster."""

    because = "this backend uses a cluster, it does not run one"

    places: Places

    def build(self) -> None:
        """Take kubectl from this machine if it has one, else build it; the same for helm."""
        if not shutil.which("kubectl"):
            builds.ensure_built((builds.KUBERNETES,), self.places)
        if not shutil.which("helm"):
            builds.ensure_built((builds.HELM,), self.places)

    def up(self, wish: Wish) -> None:
        """Remember the kubeconfig, once it has been seen to work."""
        if wish.kubeconfig is None:
            raise LabError("--backend existing needs --kubeconfig FILE")
        self.build()
        run(["kubectl", f"--kubeconfig={wish.kubeconfig}", "version"], env=self._search_path())
        self._note.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(str(wish.kubeconfig))
        step(f"using the cluster of {wish.kubeconfig}")

    def down(self) -> None:
        """Forget the kubeconfig; the cluster is not ours to end."""
        self._note.unlink(missing_ok=True)
        step("forgot the kubeconfig; the cluster itself is as it was")

    def status(self) -> Mapping[str, object]:
        """Describe the cluster by its nodes."""
        ready = ready_nodes(["kubectl", f"--kubeconfig={self._kubeconfig()}"], self._search_path())
        return {
            "healthy": bool(ready),
            "backend": "existing",
            "nodes": dict.fromkeys(sorted(ready), "Ready"),
            "kubeconfig": self._kubeconfig(),
        }

    def entrance(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Run programs right here, with KUBECONFIG set."""
        return [], {"KUBECONFIG": self._kubeconfig(), "PATH": self._search_path()["PATH"]}

    def logs(self) -> Path | None:
        """Know of none."""
        return None

    def _search_path(self) -> dict[str, str]:
        return builds.search_path(_TOOLS, self.places)

    def _kubeconfig(self) -> str:
        if not self._note.exists():
            raise LabError("no cluster is in use; `cluster up --backend existing --kubeconfig F`")
        return self._note.read_text()

    @property
    def _note(self) -> Path:
        return self.places.cache / "clusters" / f"{self.places.cluster}.kubeconfig"
