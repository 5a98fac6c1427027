"""Faults made on purpose with the cluster tool, and undone at the end whatever happens."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from e2e.sets import ReplicaSet

TOOL = Path(__file__).resolve().parents[1] / "cluster" / "cluster"

_AWAY = ("does not run", "(NotFound)", "has just changed", "no control group", "has 0 main")
"""What the tool says of a pod without a process, or with one that was there a moment ago."""


class Faults:
    """The cluster tool; remembers what has to be undone."""

    def __init__(self) -> None:
        self._undo: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        failures = [failure for undo in self._pending() if (failure := try_tool(*undo))]
        assert not failures, failures

    def _pending(self) -> list[tuple[str, ...]]:
        pending = list(reversed(self._undo.values()))
        self._undo.clear()
        return pending

    def cut(self, node: str) -> None:
        """Pull a node's cable."""
        self._do("cut", node, undo=("heal", node))

    def heal(self, node: str) -> None:
        """Plug it in, and end the node's parts."""
        self._end("heal", node)

    def stop(self, node: str) -> None:
        """Pull a node's power."""
        self._do("stop", node, undo=("start", node))

    def start(self, node: str) -> None:
        """Give it back."""
        self._end("start", node)

    def part(self, node: str, other: str) -> None:
        """Drop everything between two nodes."""
        self._do("part", node, other, undo=("join", node, other))

    def mute(self, node: str, other: str) -> None:
        """Drop what one node sends another, and nothing that comes back."""
        self._do("mute", node, other, undo=("join", node, other))

    def halt(self, program: str) -> None:
        """End a program of the control plane until it is resumed."""
        self._do("halt", program, undo=("resume", program))

    def resume_program(self, program: str) -> None:
        """Start it again."""
        self._end("resume", program)

    def use_stock_dns(self) -> None:
        """Have CoreDNS remember for 30 s, as it usually does, that a name is not there."""
        self._do("dns", "stock", undo=("dns", "quick"))

    def join(self, node: str, other: str) -> None:
        """End that."""
        self._end("join", node, other)

    def hide(self, node: str) -> None:
        """Cut a node's pods off from the operator and from the tests, and from nobody else."""
        self._do("hide", node, undo=("show", node))

    def show(self, node: str) -> None:
        """End that."""
        self._end("show", node)

    def disk(self, node: str, name: str, size: str) -> None:
        """Give a node one more disk. It stays."""
        use_tool("disk", node, name, size)

    def fill(self, node: str, name: str) -> None:
        """Leave no room on it."""
        self._do("fill", node, name, undo=("spare", node, name))

    def spare(self, node: str, name: str) -> None:
        """Give the room back."""
        self._end("spare", node, name)

    def empty(self, claim: str) -> None:
        """Delete what the volume of NAMESPACE/CLAIM holds. It stays deleted."""
        use_tool("empty", claim)

    def swap(self, claim: str, other: str) -> None:
        """Swap what the volumes of two claims hold. It stays so."""
        use_tool("swap", claim, other)

    def end_if_running(self, pod: str, signal: str) -> bool:
        """End the mongod of NAMESPACE/POD, unless it is just away by itself; tell which it was."""
        done = _run(("kill", pod, signal))
        assert not done.returncode or any(each in done.stderr for each in _AWAY), done.stderr
        return not done.returncode

    def kill(self, pod: str, signal: str = "SIGKILL") -> None:
        """Send a signal to the mongod of NAMESPACE/POD; a stopped one is continued at the end."""
        use_tool("kill", pod, signal)
        key = ("kill", pod)
        if signal == "SIGSTOP":
            self._undo[key] = ("kill", pod, "SIGCONT")
        else:
            self._undo.pop(key, None)

    def resume(self, pod: str) -> None:
        """Continue a mongod that was stopped, unless it is gone by now."""
        try_tool("kill", pod, "SIGCONT")
        self._undo.pop(("kill", pod), None)

    def _do(self, *words: str, undo: tuple[str, ...]) -> None:
        self._undo[undo] = undo  # first: half of it may be done when it fails
        use_tool(*words)

    def _end(self, *undo: str) -> None:
        use_tool(*undo)
        self._undo.pop(undo, None)


@contextmanager
def frozen(faults: Faults, replica_set: ReplicaSet, ordinal: int) -> Iterator[None]:
    """Stop a member's mongod as a paused machine would; it goes on where it was afterwards."""
    pod = f"{replica_set.namespace}/{replica_set.name}-{ordinal}"
    faults.kill(pod, "SIGSTOP")
    try:
        yield
    finally:
        faults.resume(pod)


@contextmanager
def cordoned(replica_set: ReplicaSet, *nodes: str) -> Iterator[None]:
    """Let no pod be placed on these nodes; afterwards it may be again."""
    try:
        replica_set.run("cordon", *nodes)
        yield
    finally:
        replica_set.run("uncordon", *nodes)


def node_of(replica_set: ReplicaSet, ordinal: int) -> str:
    """Name the node that a member runs on."""
    return str(replica_set.get("pod", f"{replica_set.name}-{ordinal}")["spec"]["nodeName"])


def require_local_cluster() -> None:
    """Skip a test where the cluster is not one whose nodes may be broken."""
    if not is_local_cluster():
        pytest.skip("only the local cluster's nodes can be broken")


def is_local_cluster() -> bool:
    """Tell whether the nodes are ours, on this machine."""
    status = json.loads(use_tool("status", "--json", may_fail=True) or "{}")
    return bool(status.get("backend") == "local")


def use_tool(*words: str, may_fail: bool = False) -> str:
    """Run the cluster tool."""
    done = _run(words)
    assert may_fail or done.returncode == 0, done.stderr
    return done.stdout


def try_tool(*words: str) -> str:
    """Undo something, and return why that failed; a mongod that is gone needs no signal."""
    done = _run(words)
    return done.stderr if done.returncode and words[0] != "kill" else ""


def _run(words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, TOOL, *words],
        capture_output=True, text=True, check=False, timeout=90, env=dict(os.environ),
    )  # fmt: skip
