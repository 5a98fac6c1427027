"""A program in a terminal: what a person would see and type."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

LINES, COLUMNS = 40, 80
INTERRUPT = "\x03"
"""Ctrl-C."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """The near end of a pseudo-terminal, with all that was written to the far one."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.written = ""
        self._master = master
        threading.Thread(target=self._read, name="terminal", daemon=True).start()

    def press(self, keys: str) -> None:
        """Type something; Ctrl-C interrupts whoever is in the foreground."""
        os.write(self._master, keys.encode())

    @property
    def text(self) -> str:
        """What was written, without colours and movements of the cursor."""
        return _ESCAPES.sub("", self.written)

    def _read(self) -> None:
        try:
            while data := os.read(self._master, 65536):
                self.written += data.decode("utf-8", "replace")
        except OSError:  # so a pseudo-terminal ends
            return


@contextmanager
def terminal(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program in a terminal of its own, until this is left."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command],
        env=environment, stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
