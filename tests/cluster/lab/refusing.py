"""For backends that cannot break what they run on: each fault is refused, with the reason."""

from pathlib import Path

from .console import LabError


class NoFaults:
    """Refuses every fault; a backend overrides what it can do."""

    because = "this backend cannot"
    """The reason, in the words of the backend."""

    def _refuse(self, what: str) -> LabError:
        return LabError(f"cannot {what}: {self.because}")

    def cut(self, node: str) -> None:
        """Refuse."""
        raise self._refuse(f"cut {node} off")

    def heal(self, node: str) -> None:
        """Refuse."""
        raise self._refuse(f"heal {node}")

    def stop(self, node: str) -> None:
        """Refuse."""
        raise self._refuse(f"stop {node}")

    def start(self, node: str) -> None:
        """Refuse."""
        raise self._refuse(f"start {node}")

    def hide(self, node: str) -> None:
        """Refuse."""
        raise self._refuse(f"hide {node}")

    def show(self, node: str) -> None:
        """Refuse."""
        raise self._refuse(f"show {node}")

    def part(self, node: str, other: str) -> None:
        """Refuse."""
        raise self._refuse(f"part {node} from {other}")

    def join(self, node: str, other: str) -> None:
        """Refuse."""
        raise self._refuse(f"join {node} and {other}")

    def mute(self, node: str, other: str) -> None:
        """Refuse."""
        raise self._refuse(f"mute {node} towards {other}")

    def halt(self, program: str) -> None:
        """Refuse."""
        raise self._refuse(f"halt {program}")

    def resume(self, program: str) -> None:
        """Refuse."""
        raise self._refuse(f"resume {program}")

    def dns(self, caches: str) -> None:
        """Refuse."""
        raise self._refuse(f"give CoreDNS {caches} caches")

    def disk(self, node: str, name: str, size: str) -> None:
        """Refuse."""
        raise self._refuse(f"give {node} a disk {name} of {size}")

    def fill(self, node: str, name: str) -> None:
        """Refuse."""
        raise self._refuse(f"fill {name} of {node}")

    def spare(self, node: str, name: str) -> None:
        """Refuse."""
        raise self._refuse(f"spare {name} of {node}")

    def empty(self, claim: str) -> None:
        """Refuse."""
        raise self._refuse(f"empty {claim}")

    def swap(self, claim: str, other: str) -> None:
        """Refuse."""
        raise self._refuse(f"swap {claim} and {other}")

    def kill(self, pod: str, signal: str) -> None:
        """Refuse."""
        raise self._refuse(f"send {signal} to {pod}")

    def load(self, archive: Path) -> None:
        """Refuse."""
        raise self._refuse(f"load {archive.name}")
