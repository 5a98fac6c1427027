"""The images this tool can make, by the names people use, kept as files in the cache."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from ..console import LabError, step
from ..places import Places
from .archive import Image, write_archive
from .mongo import WHEELS, mongo_image
from .rootfs import busybox, skeleton

PAUSE = "mongors.test/pause:1"
BUSYBOX = "docker.io/library/busybox:stable"
BASICS = (PAUSE, BUSYBOX)

_FOREVER = str(2**31 - 1)
_REGISTRY = "docker.io/library/"


def known_images() -> dict[str, Callable[[Places], Image]]:
    """Map every name to the recipe that describes the image."""
    recipes: dict[str, Callable[[Places], Image]] = {PAUSE: _pause, BUSYBOX: _busybox}
    for version in WHEELS:
        recipes[f"{_REGISTRY}mongo:{version}"] = lambda places, v=version: mongo_image(v, places)
    return recipes


def full_name(name: str) -> str:
    """Complete a short name as container runtimes do: mongo:6.0.5 -> docker.io/library/…"""
    return name if "/" in name else f"{_REGISTRY}{name}"


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
            step(f"made image {full_name(name)}")
    return target


def archive_path(name: str, places: Places) -> Path:
    """Name an image's file; a change of any recipe makes new files."""
    return places.images / f"{full_name(name).replace('/', '_').replace(':', '_')}-{_recipes()}.tar"


def _recipes() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _pause(_: Places) -> Image:
    """The process that holds a pod's namespaces: it has only to be there."""
    return Image(PAUSE, tuple([*skeleton(), *busybox()]), ("/bin/sleep", _FOREVER))


def _busybox(_: Places) -> Image:
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    return Image(BUSYBOX, tuple([*skeleton(), *busybox()]), ("sh",), path)
