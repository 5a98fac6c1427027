"""What goes into an image: busybox, a program, and the shared libraries it asks for."""

import os
from collections.abc import Iterable
from pathlib import Path

from cluster.lab.programs import run

from .archive import Entry

BUSYBOX = Path("/bin/busybox")
BASH = Path("/bin/bash")

# Loaded by name at run time, so that no list of dependencies mentions them.
_RESOLVER = ("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2")


def busybox() -> list[Entry]:
    """Return a shell and the usual tools, each a link to the one static program."""
    applets = run([BUSYBOX, "--list-full"]).split()
    tools = [Entry(path, link="/bin/busybox") for path in applets if path != "bin/busybox"]
    return [Entry("bin/busybox", content=BUSYBOX), *tools]


def skeleton(users: Iterable[tuple[str, int]] = ()) -> list[Entry]:
    """Return the few files that every program takes for granted."""
    people = [("root", 0), *users, ("nobody", 65534)]
    passwd = "".join(f"{name}:x:{uid}:{uid}::/tmp:/bin/sh\n" for name, uid in people)
    group = "".join(f"{name}:x:{uid}:\n" for name, uid in people)
    return [
        Entry("tmp", 0o1777),
        Entry("var/tmp", 0o1777),
        Entry("root", 0o700),
        Entry("proc"),
        Entry("sys"),
        Entry("dev"),
        Entry("etc/passwd", 0o644, content=passwd.encode()),
        Entry("etc/group", 0o644, content=group.encode()),
        Entry(
            "etc/nsswitch.conf", 0o644, content=b"passwd: files\ngroup: files\nhosts: files dns\n"
        ),
    ]


def bash() -> list[Entry]:
    """Return the shell that images based on a distribution have beside its libraries."""
    return [Entry("bin/bash", content=BASH.resolve())]


def libraries(*programs: Path, search: Path | None = None) -> list[Entry]:
    """Return what the dynamic loader would load for some programs, and the loader itself."""
    env = dict(os.environ)
    if search:
        env["LD_LIBRARY_PATH"] = str(search)
    found: dict[str, Path] = {}
    for program in programs:
        found |= parse_ldd(run(["ldd", program], env=env))
    home = next(iter(found.values())).parent
    for path in found.values():
        if path.name.startswith("libc.so"):
            home = path.parent
    for name in _RESOLVER:
        if (home / name).exists():
            found.setdefault(name, home / name)
    return [Entry(_place(name, path, home), content=path.resolve()) for name, path in found.items()]


def parse_ldd(output: str) -> dict[str, Path]:
    """Read ldd's lines: `name => /path (0x…)` for libraries, `/path (0x…)` for the loader."""
    found: dict[str, Path] = {}
    for line in output.splitlines():
        words = line.split()
        if len(words) > 2 and words[1] == "=>" and words[2].startswith("/"):
            found[words[0]] = Path(words[2])
        elif words and words[0].startswith("/"):
            found[words[0]] = Path(words[0])
    return found


def _place(name: str, path: Path, home: Path) -> str:
    """Keep the loader where programs expect it; put everything else beside libc."""
    return str(path) if name.startswith("/") else str(home / name)
