"""What every backend can be asked; tests know this and nothing of the backend behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DEFAULT_NODES = 3
SIGNALS = ("SIGKILL", "SIGTERM", "SIGSTOP", "SIGCONT")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked `up` for; None is "as it is, or else the default"."""

    nodes: int | None = None
    images: tuple[str, ...] = ()
    stock_dns: bool = False
    kubeconfig: Path | None = None


class Backend(Protocol):
    """One way to come by a cluster."""

    def build(self) -> None:
        """Fill the cache with all that `up` needs."""

    def up(self, wish: Wish) -> None:
        """Bring the cluster up; do nothing if it already is."""

    def down(self) -> None:
        """Leave no trace of the cluster but the cache."""

    def status(self) -> Mapping[str, object]:
        """Describe the cluster; the key `healthy` says whether it is worth using."""

    def load(self, archive: Path) -> None:
        """Give an image file to every node."""

    def entrance(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Return a command prefix and environment from which the cluster is reachable."""

    def cut(self, node: str) -> None:
        """Pull a node's network cable."""

    def heal(self, node: str) -> None:
        """Plug it in again, and end its parts."""

    def part(self, node: str, other: str) -> None:
        """Drop all traffic between two nodes; both keep the control plane."""

    def mute(self, node: str, other: str) -> None:
        """Drop what one node sends another, and nothing that comes back."""

    def halt(self, program: str) -> None:
        """End a program of the control plane, `kube-apiserver` say, until it is resumed."""

    def resume(self, program: str) -> None:
        """Start it again."""

    def dns(self, caches: str) -> None:
        """Start CoreDNS anew with its `stock` caches of 30 s, or with `quick` ones."""

    def join(self, node: str, other: str) -> None:
        """End that."""

    def hide(self, node: str) -> None:
        """Cut a node's pods off from programs beside the control plane; from nobody else."""

    def show(self, node: str) -> None:
        """End that."""

    def empty(self, claim: str) -> None:
        """Delete everything in the volume of a claim, given as NAMESPACE/NAME."""

    def swap(self, claim: str, other: str) -> None:
        """Swap what the volumes of two claims hold."""

    def kill(self, pod: str, signal: str) -> None:
        """Send a signal to the main process of a pod, given as NAMESPACE/NAME."""

    def disk(self, node: str, name: str, size: str) -> None:
        """Give a node one more disk of a size (512M), where it keeps its volumes."""

    def fill(self, node: str, name: str) -> None:
        """Leave no room on it."""

    def spare(self, node: str, name: str) -> None:
        """Give the room back."""

    def stop(self, node: str) -> None:
        """Take a node's power: all its processes end at once."""

    def start(self, node: str) -> None:
        """Give it back."""

    def logs(self) -> Path | None:
        """Name the folder with the logs of every part, of this run or the last."""
