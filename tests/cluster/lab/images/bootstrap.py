"""A Debian of a few packages as a tar: the ground of the images that are made here."""

from collections.abc import Iterable
from pathlib import Path

from cluster.lab.debian import debian_mirror
from cluster.lab.programs import run

SUITE = "bookworm"  # its Python is 3.11

_LEFT_OUT = ("doc", "info", "locale", "man")


def debootstrap(packages: Iterable[str], target: Path, *hooks: str) -> None:
    """Install packages into an empty root, let the hooks of mmdebstrap change it, write the tar."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}"]
    command += ["--aptopt=Acquire::Languages none"]
    command += [f"--customize-hook={each}" for each in hooks]
    command += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT]
    run([*command, SUITE, target, debian_mirror()])
