"""Ending a machine's program until it may go on: a crash that lasts, and its repair."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from cluster.lab.console import LabError

from . import records
from .machine import Machine

_PATIENCE_SECONDS = 20.0


def halt(machine: Machine, program: str) -> None:
    """End a program as a crash would, and do not let it start again."""
    running = list(_processes(machine, program))
    if not running and program not in halted(machine):
        raise LabError(f"{machine.name} runs no program {program!r}")
    (machine.run / "halted" / program).touch()
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(_processes(machine, program)):
        if time.monotonic() > deadline:
            raise LabError(f"{program} does not end")
        time.sleep(0.05)


def resume(machine: Machine, program: str) -> None:
    """Let a halted program start again; without a halt, do nothing."""
    (machine.run / "halted" / program).unlink(missing_ok=True)


def halted(machine: Machine) -> list[str]:
    """Name the programs that are halted."""
    folder = machine.run / "halted"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _processes(machine: Machine, program: str) -> Iterator[int]:
    """Whatever runs below a machine's process by this name."""
    root = records.recorded(machine.record)
    below = [root] if root else []
    while below:
        pid = below.pop()
        below += records.children(pid)
        if _name(pid) == program:
            yield pid


def _name(pid: int) -> str:
    """The name of the file that a process was started from, as it was called."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return Path(words.partition("\0")[0]).name
