"""The directories and the two containers of one pod, to run the start scripts for real."""

import os
import subprocess
from pathlib import Path

from mongors.desired.start import PREPARE

PLACES = ("/data/db", "/etc/mongors/keyfile", "/etc/mongors/pod", "/run/mongors", "/dev")
PERMISSION = 'mongors.io/empty-start="uid"\n'


class Pod:
    """The directories of one pod, and its two containers."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for place in PLACES:
            self.path(place).mkdir(parents=True)
        self.path("/etc/mongors/keyfile/keyfile").write_text("key")
        self.path("/etc/mongors/pod/annotations").write_text('other="uid"\n')
        self.path("/bin").mkdir()
        self.mongod("touch /data/db/WiredTiger")
        self.begun: list[subprocess.Popen[str]] = []

    def path(self, place: str) -> Path:
        return self.root / place.removeprefix("/")

    def here(self, script: str) -> str:
        """A script with its places below the root of this pod."""
        for place in ("/data/db", "/etc/mongors", "/run/mongors", "/dev/termination-log"):
            script = script.replace(place, str(self.root) + place).replace(
                "sleep 1;", "sleep 0.02;"
            )
        return script

    def mongod(self, does: str) -> None:
        """Let the mongod do this, and end."""
        program = self.path("/bin/mongod")
        program.write_text(f'#!/bin/sh\n{self.here(does)}\necho mongod "$@"\n')
        program.chmod(0o755)

    def start(self, script: str) -> subprocess.Popen[str]:
        """Begin a container, as a user without the rights of root."""
        for each in (self.root, *self.root.rglob("*")):
            if os.geteuid() == 0:
                os.chown(each, 999, 999)
        environment = {
            "PATH": f"{self.path('/bin')}:{os.environ['PATH']}",
            "POD_NAME": "mongo-1",
            "POD_UID": "uid",
        }
        begun = subprocess.Popen(
            ["sh", "-c", self.here(script), "mongod", "--port=1"],
            env=environment,
            user=999 if os.geteuid() == 0 else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.begun.append(begun)
        return begun

    def ended(self, script: str) -> tuple[int, str]:
        """Exit status and words of a container that ends by itself."""
        begun = self.start(script)
        said, _ = begun.communicate(timeout=10)
        return begun.returncode, said

    def waits(self) -> subprocess.Popen[str]:
        """The init container, which does not end."""
        begun = self.start(PREPARE)
        assert begun.stdout is not None
        assert "waiting for the operator" in begun.stdout.readline()
        assert begun.poll() is None
        return begun

    def permit(self, text: str = PERMISSION) -> None:
        self.path("/etc/mongors/pod/annotations").write_text(text)

    def hold(self, *names: str) -> None:
        held = self.path("/etc/mongors/keyfile/held")
        held.write_text("".join(f"{name}\n" for name in names))

    def fill(self) -> None:
        for name in ("WiredTiger", "collection-1.wt", "journal/log", "rollback/lost.bson"):
            file = self.path("/data/db") / name
            file.parent.mkdir(exist_ok=True)
            file.write_text("data")

    @property
    def files(self) -> set[str]:
        data = self.path("/data/db")
        return {str(each.relative_to(data)) for each in data.rglob("*") if each.is_file()}

    @property
    def permitted(self) -> bool:
        return self.path("/run/mongors/empty-start").exists()
