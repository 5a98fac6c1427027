"""Calls to other programs: output captured, failures turned into readable errors."""

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .console import LabError

_TAIL_LINES = 15  # enough of a failed program's output to see why, not to bury the reader


def run(
    argv: Sequence[str | Path],
    *,
    given: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
) -> str:
    """Run a program to its end and return its output; raise with its last lines if it fails."""
    command = [str(word) for word in argv]
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env=env,
            cwd=cwd,
            timeout=timeout,
        )
    except FileNotFoundError as missing:
        raise LabError(f"{command[0]}: program not found") from missing
    except subprocess.TimeoutExpired as late:
        raise LabError(f"no end after {timeout} s: {shlex.join(command)}") from late
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL_LINES:])
        raise LabError(f"exit status {done.returncode}: {shlex.join(command)}\n{tail}")
    return done.stdout


def succeeds(argv: Sequence[str | Path], timeout: float | None = None) -> bool:
    """Tell whether a program ends with status 0; how else it ends does not matter."""
    try:
        run(argv, timeout=timeout)
    except LabError:
        return False
    return True
