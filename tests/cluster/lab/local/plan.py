"""The addresses and names of a local cluster: one table that all parts read.

Every cluster has network namespaces of its own and no link to the outside, so two
clusters use the same addresses without meeting.
"""

from dataclasses import dataclass
from pathlib import Path

from cluster.lab.console import LabError

API_PORT = 6443
GATEWAY = "10.250.0.1"  # the control plane's address on the bridge
POD_RANGE = "10.244.0.0/16"
SERVICE_RANGE = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
DNS_DOMAIN = "cluster.local"
API_URL = f"https://{GATEWAY}:{API_PORT}"

CONTROL_PLANE = "control-plane"
MOST_NODES = 20


@dataclass(frozen=True, slots=True)
class Node:
    """One node: the first is 1."""

    number: int

    @property
    def name(self) -> str:
        return f"node-{self.number}"

    @property
    def zone(self) -> str:
        return f"zone-{self.number}"

    @property
    def address(self) -> str:
        return f"10.250.0.{10 + self.number}"

    @property
    def pods(self) -> str:
        return f"10.244.{self.number}.0/24"

    @property
    def link(self) -> str:
        """The node's end of its cable in the control plane's namespace."""
        return f"to-node-{self.number}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One cluster: its name, its folder and its nodes."""

    cluster: str
    folder: Path
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, cluster: str, folder: Path, count: int) -> "Plan":
        """Lay out a cluster of so many nodes."""
        if not 1 <= count <= MOST_NODES:
            raise LabError(f"a cluster has 1 to {MOST_NODES} nodes, not {count}")
        return cls(cluster, folder, tuple(Node(number) for number in range(1, count + 1)))

    @property
    def control_namespace(self) -> str:
        return f"{self.cluster}-cp"

    def namespace(self, node: Node) -> str:
        """Name the network namespace of a node."""
        return f"{self.cluster}-n{node.number}"

    def machine_folder(self, machine: str) -> Path:
        """Name the folder of one machine: its disk, its /run and its logs."""
        return self.folder / machine

    @property
    def pki(self) -> Path:
        return self.folder / "pki"
