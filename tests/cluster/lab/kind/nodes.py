"""The nodes of a kind cluster, as containers: their power, their cables, their logs.

A cable is cut in the node itself, where every image has iptables. No container is touched but
those that kind says are this cluster's.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cluster.lab import builds
from cluster.lab.console import LabError
from cluster.lab.places import Places
from cluster.lab.programs import run

from .engine import Engine

_LINK = "eth0"
_RULES = tuple(
    (f"{program} --wait -t {table}", f"{chain} {_LINK} -j DROP")
    for program in ("iptables", "ip6tables")  # kubelet and the API server prefer the latter
    for table, chain in (("raw", "PREROUTING -i"), ("mangle", "POSTROUTING -o"))
)
"""All that comes, and all that goes: the node's own, and what it passes on for its pods."""


@dataclass(frozen=True, slots=True)
class KindNodes:
    """What kind and its engine can do with the nodes of one cluster."""

    places: Places
    engine: Engine
    kind: Path

    @classmethod
    def on(cls, engine: Engine, places: Places) -> "KindNodes":
        """The cluster of this name on an engine."""
        builds.ensure_built((builds.KIND,), places)
        return cls(places, engine, builds.program(builds.KIND, "kind", places))

    def of_cluster(self, *words: str, given: str | None = None) -> str:
        """Let kind do something with this cluster; what it writes of a kubeconfig goes to ours."""
        path = f"{self.engine.client.parent}:{self.engine.environment['PATH']}"
        changes = {"PATH": path, "KUBECONFIG": str(self.places.kubeconfig)}
        env = {**self.engine.environment, **changes}
        return run([self.kind, *words, "--name", self.places.cluster], given=given, env=env)

    def names(self) -> list[str]:
        """Name the nodes, the control plane's among them; none if there is no such cluster."""
        return self.of_cluster("get", "nodes").split()

    def start(self, node: str) -> None:
        """Give a node its power back; if it has it, do nothing."""
        self.engine.docker("start", self._known(node))

    def stop(self, node: str) -> None:
        """End all of its processes at once."""
        self.engine.docker("kill", self._known(node))

    def cut(self, node: str) -> None:
        """Pull a node's cable; a second time changes nothing."""
        line = "{0} -C {1} 2>/dev/null || {0} -I {1}"
        self._run(node, (line.format(*each) for each in _RULES))

    def plug_in(self, node: str) -> None:
        """Plug it in; if it is, do nothing."""
        line = "while {0} -D {1} 2>/dev/null; do :; done"
        self._run(node, (line.format(*each) for each in _RULES))

    def collect_logs(self) -> None:
        """Put every node's logs where a machine of the local backend has them."""
        gathered = self.places.state / "gathered"
        shutil.rmtree(gathered, ignore_errors=True)
        gathered.mkdir()
        try:
            self.of_cluster("export", "logs", str(gathered))
        except LabError:  # one thing of many is missing, such as a list of images without crictl
            if not any(gathered.iterdir()):
                raise
        for folder in (each for each in gathered.iterdir() if each.is_dir()):
            target = self.places.state / folder.name / "var/log"
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
        shutil.rmtree(gathered)

    def _known(self, node: str) -> str:
        names = self.names()
        if node not in names:
            raise LabError(f"no node {node!r}; there are {', '.join(names)}")
        return node

    def _run(self, node: str, lines: Iterable[str]) -> None:
        self.engine.docker("exec", self._known(node), "sh", "-ec", "\n".join(lines))
