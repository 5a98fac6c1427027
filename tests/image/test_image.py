"""The operator's image: what is in it, who runs it, and that the same sources make it again.

Not among the tests on a cluster: to build an image takes the way to the package index.
"""

import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cluster.lab.images.operator import ensure_operator_image, layers_anew
from cluster.lab.places import Places, environment

ROOT = Path(__file__).resolve().parents[2]

OWN = "opt/mongors/"
LARGEST_MIB = 32
"""Of what is ours, compressed as it is pulled; the base, which other images share, comes on top."""


@cache
def archive() -> Path:
    return ensure_operator_image(Places.from_environment(environment()))


@cache
def config() -> dict[str, Any]:
    """What the image says of itself."""
    with tarfile.open(archive()) as image:
        (listed,) = json.loads(read(image, "manifest.json"))
        found: dict[str, Any] = json.loads(read(image, listed["Config"]))
    return found


def read(image: tarfile.TarFile, name: str) -> bytes:
    file = image.extractfile(name)
    assert file is not None, name
    return file.read()


@cache
def files() -> dict[str, int]:
    """The sizes of all files, by path: what a layer takes away is not there."""
    found = dict[str, int]()
    with tarfile.open(archive()) as image:
        (listed,) = json.loads(read(image, "manifest.json"))
        for layer in listed["Layers"]:
            for path, size in entries_of(read(image, layer)):
                folder, _, name = path.rpartition("/")
                if name.startswith(".wh."):
                    gone = f"{folder}/{name.removeprefix('.wh.')}"
                    found = {
                        each: found[each]
                        for each in found
                        if each != gone and not each.startswith(f"{gone}/")
                    }
                else:
                    found[path] = size
    return found


def entries_of(layer: bytes) -> Iterator[tuple[str, int]]:
    """Paths and sizes of the files of a layer."""
    with tarfile.open(fileobj=io.BytesIO(layer)) as content:
        for each in content:
            if not each.isdir():
                yield each.name.removeprefix("./"), each.size


def test_a_numeric_user_runs_it() -> None:
    said = config()["config"]
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", said["User"])
    assert said["Entrypoint"] == ["python", "-P", "-m", "mongors"]


def test_nothing_in_it_installs_packages() -> None:
    installers = re.compile(r"(^|/)(pip|pip[-3][^/]*|ensurepip|uv)(/|$)")
    assert [path for path in files() if installers.search(path)] == []


def test_it_holds_what_is_locked_and_nothing_else() -> None:
    lock = (ROOT / "requirements/operator.txt").read_text()
    locked = dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", lock))
    installed = re.compile(rf"{OWN}.*/site-packages/([^/]+)-([^/-]+)\.dist-info/METADATA")
    found = {
        match[1].lower().replace("_", "-").replace(".", "-"): match[2]
        for path in files()
        if (match := installed.fullmatch(path))
    }
    del found["mongors"]
    assert found == locked


def test_it_is_small() -> None:
    with tarfile.open(archive()) as image:
        (listed,) = json.loads(read(image, "manifest.json"))
        last = read(image, listed["Layers"][-1])
    assert any(path.startswith(OWN) for path, _ in entries_of(last))
    assert len(zlib.compress(last)) < LARGEST_MIB * 1024 * 1024


def test_the_same_sources_make_the_same_layers() -> None:
    assert layers_anew(Places.from_environment(environment())) == config()["rootfs"]["diff_ids"]
