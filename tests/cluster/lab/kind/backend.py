"""kind as a backend: an engine that answers gives it official images, our own engine ours.

Programs enter by the network namespace of the control plane's container, so the tests reach pods
and DNS names as they do on the local backend.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cluster.lab import builds, debian
from cluster.lab.backend import DEFAULT_NODES, Wish
from cluster.lab.console import LabError, step
from cluster.lab.entering import with_resolver
from cluster.lab.local import teardown
from cluster.lab.local.health import wait_until
from cluster.lab.local.plan import Plan
from cluster.lab.nodes import ready_nodes
from cluster.lab.places import Places
from cluster.lab.programs import succeeds
from cluster.lab.refusing import NoFaults

from . import making
from .engine import Engine, machines_engine, own_engine
from .nodes import KindNodes
from .note import Note

_READY_SECONDS = 120.0
_STORAGE = "local-path-storage"


@dataclass(frozen=True, slots=True)
class KindBackend(NoFaults):
    """Nodes as containers of a Docker engine."""

    because = "only the local backend can"

    places: Places

    def build(self) -> None:
        """Fill the cache with the tools and, where no engine answers, the image of a node."""
        builds.ensure_built(making.TOOLS, self.places)
        if machines_engine() is None:
            making.build_node(self.places)

    def up(self, wish: Wish) -> None:
        """Create the cluster unless it is there; load the images wished for."""
        debian.require_root("a cluster of kind")
        count = DEFAULT_NODES if wish.nodes is None else wish.nodes
        Plan.of(self.places.cluster, self.places.state, count)  # refuses what cannot be
        builds.ensure_built(making.TOOLS, self.places)
        note = Note.of(self.places)
        if note and note.is_complete and (nodes := self._nodes_if_there()):
            note.refuse_other(wish.nodes)
            for name in nodes.names():
                nodes.start(name)
                nodes.plug_in(name)
        else:
            self._end()
            nodes = making.make(self.places, count)
        self._wait_for_all(nodes)
        for image in wish.images:
            making.give(nodes, image)
        step("kind's cluster is up")

    def down(self) -> None:
        """Delete the cluster, and the engine if it was started for it; keep the logs."""
        debian.require_root("to remove what belongs to a cluster")
        self._end()

    def status(self) -> Mapping[str, object]:
        """Describe the cluster by its nodes."""
        nodes, ready = self._nodes(), frozenset[str]()
        names = nodes.names()
        with suppress(LabError):  # without a control plane nobody is Ready
            ready = ready_nodes(self._kubectl(nodes))
        return {
            "healthy": bool(names) and ready == {*names},
            "backend": "kind",
            "cluster": self.places.cluster,
            "engine": nodes.engine.id,
            "nodes": {name: "Ready" if name in ready else "not Ready" for name in sorted(names)},
            "kubeconfig": str(self.places.kubeconfig),
        }

    def load(self, archive: Path) -> None:
        """Give an image file to every node."""
        making.load(self._nodes(), archive)

    def entrance(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Enter the network of the control plane's container."""
        path = builds.search_path(making.TOOLS, self.places)["PATH"]
        environment = {"KUBECONFIG": str(self.places.kubeconfig), "PATH": path}
        return self._way_in(self._nodes()), environment

    def cut(self, node: str) -> None:
        """Drop what a node sends and what is sent to it."""
        self._nodes().cut(node)

    def heal(self, node: str) -> None:
        """Let it be heard again."""
        self._nodes().plug_in(node)

    def stop(self, node: str) -> None:
        """End a node's container at once."""
        self._nodes().stop(node)

    def start(self, node: str) -> None:
        """Start a node's container."""
        self._nodes().start(node)

    def logs(self) -> Path | None:
        """Let kind collect the logs of all nodes; of a cluster that is gone, name what was kept."""
        if nodes := self._nodes_if_there():
            nodes.collect_logs()
        return teardown.latest_logs(self.places)

    def _engine(self) -> Engine | None:
        """The engine that holds the cluster; None if it is silent, or another one answers now."""
        note = Note.of(self.places)
        engine = own_engine(self.places) if note is None or note.is_own else machines_engine()
        return engine if note and engine and engine.id == note.engine else None

    def _nodes_if_there(self) -> KindNodes | None:
        engine = self._engine()
        return KindNodes.on(engine, self.places) if engine else None

    def _nodes(self) -> KindNodes:
        nodes = self._nodes_if_there()
        if nodes is None:
            raise LabError(f"no cluster {self.places.cluster!r} is up; `cluster up` makes one")
        return nodes

    def _way_in(self, nodes: KindNodes) -> list[str]:
        debian.require_root("to enter the cluster's network")
        network = nodes.engine.network_of(f"{self.places.cluster}-control-plane")
        return ["nsenter", f"--net={network}", *with_resolver(self.places.state / "resolv.conf")]

    def _kubectl(self, nodes: KindNodes) -> list[str]:
        program = builds.program(builds.KUBERNETES, "kubectl", self.places)
        return [*self._way_in(nodes), str(program), f"--kubeconfig={self.places.kubeconfig}"]

    def _end(self) -> None:
        """End what the note names; an engine that is not ours has to answer for that."""
        note = Note.of(self.places)
        nodes = self._nodes_if_there()
        if note and not note.is_own and nodes is None:
            raise LabError(f"the Docker engine {note.engine} holds the cluster: start it first")
        if nodes:
            with suppress(LabError):
                nodes.collect_logs()
            if not nodes.engine.is_own:
                nodes.of_cluster("delete", "cluster")
        teardown.tear_down(self.places)

    def _wait_for_all(self, nodes: KindNodes) -> None:
        """kind waits for its control plane alone; tests want nodes, names and volumes."""
        wait_until("nodes Ready", lambda: bool(self.status()["healthy"]), _READY_SECONDS)
        wait = [*self._kubectl(nodes), "wait", "--for=condition=Available", "deployments", "--all"]
        for namespace in ("kube-system", _STORAGE):
            check = [*wait, "--timeout=5s", "--namespace", namespace]
            wait_until(f"{namespace} works", partial(succeeds, check), _READY_SECONDS)
        step("nodes are Ready, names and volumes work")
