"""The images this tool can make, by the names people use, kept as files in the cache."""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cluster.lab.console import LabError, step
from cluster.lab.places import MODULES, Places

from .archive import Image, write_archive
from .exporter import EXPORTER, exporter_image
from .mongo import WHEELS, mongo_image
from .rootfs import busybox, skeleton

PAUSE = "mongors.test/pause:1"
BUSYBOX = "docker.io/library/busybox:stable"
BASICS = (PAUSE, BUSYBOX)

_FOREVER = str(2**31 - 1)


def known_images() -> dict[str, Callable[[Places], Image]]:
    """Map every name to the recipe that describes the image."""
    recipes: dict[str, Callable[[Places], Image]] = {
        PAUSE: _pause,
        BUSYBOX: _busybox,
        EXPORTER: exporter_image,
    }
    for version in WHEELS:
        recipes[full_name(f"mongo:{version}")] = partial(mongo_image, version)
    return recipes


def full_name(name: str) -> str:
    """Complete a name as container runtimes do: mongo:6.0.5 -> docker.io/library/mongo:6.0.5."""
    first, slash, _ = name.partition("/")
    if not slash:
        return f"docker.io/library/{name}"
    is_host = "." in first or ":" in first or first == "localhost"
    return name if is_host else f"docker.io/{name}"


def ensure_image(name: str, places: Places) -> Path:
    """Return the archive of a known image, made now if the cache lacks it."""
    recipe = known_images().get(full_name(name))
    if recipe is None:
        raise LabError(f"{name}: not a file, and not one of {', '.join(sorted(known_images()))}")
    target = archive_path(name, places)
    if target.exists():
        return target
    with places.locked("images"):
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_archive(recipe(places), target)
            forget_older(target, full_name(name))
            step(f"made image {full_name(name)}")
    return target


def archive_path(name: str, places: Places) -> Path:
    """Name an image's file; a change of any recipe makes new files."""
    return places.images / f"{file_name(full_name(name))}-{_recipes()}.tar"


def forget_older(archive: Path, image: str) -> None:
    """Delete what earlier recipes or trees made of the same image."""
    for old in archive.parent.glob(f"{file_name(image)}-*.tar"):
        if old != archive:
            old.unlink()


def file_name(image: str) -> str:
    """Turn an image's name into one that a file can have."""
    return image.replace("/", "_").replace(":", "_")


def _recipes() -> str:
    digest = hashlib.sha256()
    here = Path(__file__).parent
    recipes = ("archive.py", "exporter.py", "rootfs.py", "mongo.py", "store.py")
    for source in (*(here / name for name in recipes), *sorted((MODULES / "exporter").iterdir())):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _pause(_: Places) -> Image:
    """Make what holds a pod's namespaces: it has only to be there."""
    return Image(PAUSE, (*skeleton(), *busybox()), ("/bin/sleep", _FOREVER))


def _busybox(_: Places) -> Image:
    """Make what the volume helper and people's test pods run."""
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    return Image(BUSYBOX, (*skeleton(), *busybox()), ("sh",), environment=path)
