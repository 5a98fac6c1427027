"""kind, where a Docker engine answers: the same cluster, with official images pulled.

Written against kind's documentation; it has not been run, for want of a machine with
Docker. Programs enter by the network namespace of the control plane's container, so the
tests reach pods and DNS names as they do on the local backend.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import builds
from .backend import DEFAULT_NODES, Wish
from .console import LabError, step
from .debian import require_root
from .entering import with_resolver
from .nodes import ready_nodes
from .places import Places
from .programs import run
from .refusing import NoFaults

_TOOLS = (builds.KUBERNETES, builds.HELM, builds.KIND)
_NETWORK = "kind"
_DNS_SERVICE = "10.96.0.10"  # kind's default
_INSIDE = "https://127.0.0.1:6443"  # the API server, as its own container sees it


@dataclass(frozen=True, slots=True)
class KindBackend(NoFaults):
    """Nodes as containers of a Docker engine."""

    because = "only the local backend can"

    places: Places

    def build(self) -> None:
        """Fill the cache with kind, kubectl and helm."""
        if not shutil.which("docker"):
            raise LabError("--backend kind needs a Docker engine: `docker` was not found")
        builds.ensure_built(_TOOLS, self.places)

    def up(self, wish: Wish) -> None:
        """Create the cluster unless kind lists it; load the images wished for."""
        self.build()
        if self.places.cluster not in self._kind("get", "clusters").split():
            config = json.dumps(kind_config(wish.nodes or DEFAULT_NODES))
            create = ("create", "cluster", "--name", self.places.cluster)
            self._kind(*create, "--wait", "120s", "--config", "-", given=config)
        self._write_kubeconfig()
        for image in wish.images:
            run(["docker", "pull", image])
            self._kind("load", "docker-image", image, "--name", self.places.cluster)
        step("kind's cluster is up")

    def down(self) -> None:
        """Delete the cluster and its kubeconfig."""
        self.build()
        self._kind("delete", "cluster", "--name", self.places.cluster)
        shutil.rmtree(self.places.state, ignore_errors=True)

    def status(self) -> Mapping[str, object]:
        """Describe the cluster by its nodes."""
        prefix, _ = self.entrance()
        ready = ready_nodes(
            [*prefix, "kubectl", f"--kubeconfig={self.places.kubeconfig}"], self._env
        )
        names = set(self._kind("get", "nodes", "--name", self.places.cluster).split())
        return {
            "healthy": bool(names) and ready == names,
            "backend": "kind",
            "cluster": self.places.cluster,
            "nodes": {name: "Ready" if name in ready else "not Ready" for name in sorted(names)},
            "kubeconfig": str(self.places.kubeconfig),
        }

    def load(self, archive: Path) -> None:
        """Give an image file to every node."""
        self._kind("load", "image-archive", str(archive), "--name", self.places.cluster)
        step(f"loaded {archive.name}")

    def entrance(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Enter the network of the control plane's container."""
        require_root("to enter the cluster's network")
        node = f"{self.places.cluster}-control-plane"
        pid = run(["docker", "inspect", "--format", "{{.State.Pid}}", node]).strip()
        enter = ["nsenter", f"--target={pid}", "--net"]
        resolver = self.places.state / "resolv.conf"
        env = {"KUBECONFIG": str(self.places.kubeconfig), "PATH": self._env["PATH"]}
        return [*enter, *with_resolver(resolver)], env

    def cut(self, node: str) -> None:
        """Take a node off kind's network."""
        run(["docker", "network", "disconnect", _NETWORK, node])

    def heal(self, node: str) -> None:
        """Put a node back on kind's network."""
        run(["docker", "network", "connect", _NETWORK, node])

    def stop(self, node: str) -> None:
        """End a node's container at once."""
        run(["docker", "kill", node])

    def start(self, node: str) -> None:
        """Start a node's container."""
        run(["docker", "start", node])

    def logs(self) -> Path | None:
        """Let kind collect the logs of all nodes into the cache."""
        folder = self.places.past_logs / f"{self.places.cluster}@kind"
        self._kind("export", "logs", str(folder), "--name", self.places.cluster)
        return folder

    @property
    def _env(self) -> dict[str, str]:
        return builds.search_path(_TOOLS, self.places)

    def _kind(self, *words: str, given: str | None = None) -> str:
        return run(["kind", *words], given=given, env=self._env)

    def _write_kubeconfig(self) -> None:
        self.places.state.mkdir(parents=True, exist_ok=True)
        config = self._kind("get", "kubeconfig", "--name", self.places.cluster)
        self.places.kubeconfig.write_text(config_from_inside(config))
        self.places.kubeconfig.chmod(0o600)
        resolver = f"nameserver {_DNS_SERVICE}\nsearch default.svc.cluster.local svc.cluster.local"
        (self.places.state / "resolv.conf").write_text(
            f"{resolver} cluster.local\noptions ndots:5\n"
        )


def kind_config(nodes: int) -> dict[str, object]:
    """Return kind's cluster description: a control plane, and workers in zones of their own."""
    workers = [
        {"role": "worker", "labels": {"topology.kubernetes.io/zone": f"zone-{number}"}}
        for number in range(1, nodes + 1)
    ]
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{"role": "control-plane"}, *workers],
    }


def config_from_inside(kubeconfig: str) -> str:
    """Point a kubeconfig at the API server as the control plane's container reaches it."""
    lines = kubeconfig.splitlines()
    return "\n".join(
        f"{line.partition('server:')[0]}server: {_INSIDE}" if "server:" in line else line
        for line in lines
    )
