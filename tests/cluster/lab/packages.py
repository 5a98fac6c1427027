"""Debian packages that are only unpacked into the cache: for their files, not to be installed."""

import shutil
from pathlib import Path

from .console import step
from .debian import debian_mirror
from .places import Places
from .programs import run

PROMETHEUS = ("prometheus", "bookworm")
"""Prometheus with its promtool: it evaluates the alerts and the dashboard's queries."""


def unpacked(package: str, suite: str, places: Places) -> Path:
    """Fetch a package of a Debian release through this machine's own mirror, and unpack it."""
    target = places.downloads / package
    if not target.exists():
        with places.locked("fetch"):
            _fetch(package, suite, target, places)
    return target


def _fetch(package: str, suite: str, target: Path, places: Places) -> None:
    if not target.exists():  # another one may have been quicker
        fetched = places.unfinished / package
        shutil.rmtree(fetched, ignore_errors=True)
        for folder in ("lists/partial", "cache/archives/partial", "unpacked"):
            (fetched / folder).mkdir(parents=True)
        _download(package, suite, fetched)
        run(["dpkg-deb", "-x", next(fetched.glob("*.deb")), fetched / "unpacked"])
        places.downloads.mkdir(parents=True, exist_ok=True)
        (fetched / "unpacked").rename(target)
        shutil.rmtree(fetched)
        step(f"fetched {package}")


def _download(package: str, suite: str, folder: Path) -> None:
    sources = folder / "sources.list"
    sources.write_text(f"deb {debian_mirror()} {suite} main\n")
    options = {
        "Dir::Etc::sourcelist": str(sources),
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": str(folder / "lists"),
        "Dir::Cache": str(folder / "cache"),
        "Acquire::Languages": "none",
        "Acquire::Check-Valid-Until": "false",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(word for key in options for word in ("-o", f"{key}={options[key]}"))]
    run([*apt, "update"])
    run([*apt, "download", package], cwd=folder)
