"""A machine: mount, process and host-name namespaces around a set of programs.

Everything on a machine is below one process, so to end it is to end a machine: no
mount, no shim and no mongod outlives it.
"""

import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.lab.console import LabError

from . import records
from .network import inside

_SCRIPT = Path(__file__).with_name("machine.sh")
_ON_DISK = ("var/log", "var/lib")
SHOWN = "/run/machines"
"""Where a machine sees the folders of others, if it is shown them."""

_IN_MEMORY = ("bin", "netns", "config", "halted", "machines")
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, by its host name, its folder and its network namespace."""

    name: str
    folder: Path
    namespace: str
    binaries: Path
    shows: Path | None = None
    """A folder of machines whose disks it may reach into; None: it sees its own alone."""

    @property
    def run(self) -> Path:
        """The machine's /run as this side sees it."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "var/log"

    @property
    def record(self) -> Path:
        return self.folder / "process"

    def prepare(self) -> None:
        """Make its folders; /run starts empty, as after every boot."""
        shutil.rmtree(self.run, ignore_errors=True)
        for name in _ON_DISK:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in _IN_MEMORY:
            (self.run / name).mkdir(parents=True)

    def start(self, programs: Sequence[str]) -> None:
        """Start the machine with a script's lines, in the background and detached from us."""
        (self.run / "programs").write_text("\n".join(programs) + "\n")
        unshare = ["unshare", "--mount", "--propagation", "private", "--uts"]
        unshare += ["--pid", "--fork", "--kill-child"]
        init = ["sh", str(_SCRIPT), self.name, str(self.folder), str(self.binaries)]
        init += [str(self.shows)] if self.shows else []
        record = ["sh", "-c", records.RECORD_THEN_RUN, "sh", str(self.record)]
        with (self.logs / "machine.log").open("ab") as log:
            subprocess.Popen(
                [*inside(self.namespace), *record, *unshare, *init],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )

    def stop(self) -> None:
        """End the machine as a power cut would."""
        records.end(self.record)
        self.record.unlink(missing_ok=True)

    def is_running(self) -> bool:
        return records.recorded(self.record) is not None

    def open_gate(self, name: str) -> None:
        """Let the programs behind a `gate` line start."""
        (self.run / name).touch()

    def wait_for(self, file: str) -> None:
        """Wait until a file or socket appears in the machine's /run."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (self.run / file).exists():
            if time.monotonic() > deadline:
                raise LabError(f"{self.name}: /run/{file} did not appear, see {self.logs}")
            time.sleep(0.05)


def supervised(name: str, *argv: str) -> str:
    """Return the script line that keeps one program running."""
    return f"supervise {name} {shlex.join(argv)} &"
