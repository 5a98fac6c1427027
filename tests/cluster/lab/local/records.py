"""Which processes are ours: a process id alone may have been given to somebody else.

A record holds the id, the start time and the boot; only a process that matches all
three is ever ended. It is written by the process itself, before it becomes the
program, so that no moment exists in which a process runs without a record.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from cluster.lab.console import LabError

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DEAD = "ZX"
_PATIENCE_SECONDS = 20.0

# `sh -c RECORD_THEN_RUN sh FILE PROGRAM…`: fields 1 and 22 of stat; "(sh)" has no blanks.
RECORD_THEN_RUN = (
    "file=$1; shift; read -r boot < /proc/sys/kernel/random/boot_id; "
    'read -r line < "/proc/$$/stat"; '
    'started=$(set -- $line; shift 21; echo "$1"); '
    'echo "$$ $started $boot" > "$file.new" && mv "$file.new" "$file" && exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Stat:
    """What /proc/PID/stat says of a process, as far as it matters here."""

    parent: int
    state: str
    started: int


def parse_stat(text: str) -> Stat:
    """Read a stat line; the program's name may hold blanks and brackets."""
    fields = text.rpartition(")")[2].split()
    return Stat(parent=int(fields[1]), state=fields[0], started=int(fields[19]))


def stat_of(pid: int) -> Stat | None:
    """Look a process up; None when it does not exist or is only waiting to be buried."""
    try:
        stat = parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if stat.state in _DEAD else stat


def recorded(file: Path) -> int | None:
    """Return the id of the recorded process if that very process still runs."""
    try:
        pid, started, boot = file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    if boot != _BOOT.read_text().strip():
        return None
    stat = stat_of(int(pid))
    return int(pid) if stat and stat.started == int(started) else None


def children(pid: int) -> list[int]:
    """List the processes whose parent is this one."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if (stat := stat_of(number)) and stat.parent == pid]


def end(file: Path) -> None:
    """End a recorded `unshare --pid --fork` with everything in its process namespace.

    Its one child is process 1 of the namespace: when that dies the kernel kills all the
    rest, and the recorded parent ends only when none is left.
    """
    pid = recorded(file)
    if pid is None:
        return
    for child in children(pid) or [pid]:
        os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while recorded(file) is not None:
        if time.monotonic() > deadline:
            raise LabError(f"process {pid} ({file}) does not end")
        time.sleep(0.02)
