"""The operator's image, from the Dockerfile that is also the released one's."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from cluster.lab import builds
from cluster.lab.console import LabError, step
from cluster.lab.debian import IMAGE_NEEDS, ensure_packages
from cluster.lab.places import CHECKOUT, Places
from cluster.lab.programs import run

from .buildah import STAND_IN, build_options, buildah, ensure_stand_in, export
from .dockerfile import bases
from .store import file_name, forget_older, full_name

_SOURCES = (
    "Dockerfile",
    "pyproject.toml",
    "README.md",
    "deploy/manifests",
    "operator",
    "requirements",
)
_CHART = CHECKOUT / "deploy/chart/mongors"
_WITHOUT_CHART = "mongors:dev"
_LAYERS = "{{range .OCIv1.RootFS.DiffIDs}}{{println .}}{{end}}"


def ensure_operator_image(places: Places) -> Path:
    """Return the archive of the operator's image; an unchanged tree costs nothing."""
    if not (CHECKOUT / "Dockerfile").exists():
        raise LabError(f"no Dockerfile in {CHECKOUT}")
    ensure_packages(IMAGE_NEEDS)
    name = full_name(_image_name(places))
    key = tree_hash(CHECKOUT, _SOURCES)
    target = places.images / f"{file_name(name)}-{key}.tar"
    if not target.exists():
        with places.locked("images"):
            _build(places, name, target)
    return target


def tree_hash(root: Path, names: Iterable[str]) -> str:
    """Hash files and folders by path and content; what Python leaves behind does not count."""
    digest = hashlib.sha256(STAND_IN.encode())
    for name in names:
        top = root / name
        files = [top] if top.is_file() else sorted(top.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(root)} {file.stat().st_size}\n".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def image_in(manifests: str, own: str) -> str | None:
    """Find the image that the rendered chart runs: the one with the project's own name."""
    images = re.findall(r'^\s*(?:- )?image:\s*"?([^"\s]+)"?\s*$', manifests, re.MULTILINE)
    return next((image for image in images if own in image), None)


def _image_name(places: Places) -> str:
    """Ask the chart, so that it finds the image under its own defaults."""
    if not (_CHART / "Chart.yaml").exists():
        return _WITHOUT_CHART
    builds.ensure_built((builds.HELM,), places)
    helm = builds.program(builds.HELM, "helm", places)
    manifests = run([helm, "template", "mongors", _CHART, "--kube-version", builds.VERSION])
    return image_in(manifests, "mongors") or _WITHOUT_CHART


def layers_anew(places: Places) -> list[str]:
    """Build the image once more, with nothing of an earlier build, and name its layers."""
    name = "localhost/mongors-again:1"
    with places.locked("images"):
        _build_image(places, name, "--no-cache")
        found = buildah(places, "inspect", "--type", "image", "--format", _LAYERS, name)
        buildah(places, "rmi", name)
    return found.split()


def _build(places: Places, name: str, target: Path) -> None:
    _build_image(places, name)
    export(places, name, name, target)
    forget_older(target, name)
    step(f"built {name}")


def _build_image(places: Places, name: str, *more: str) -> None:
    places.unfinished.mkdir(parents=True, exist_ok=True)
    places.images.mkdir(parents=True, exist_ok=True)
    ensure_stand_in(places)
    found = bases((CHECKOUT / "Dockerfile").read_text())
    for base in found.names:
        buildah(places, "tag", STAND_IN, full_name(base))
    stand_ins = [word for name in found.arguments for word in ("--build-arg", f"{name}={STAND_IN}")]
    step(f"building {name}")
    options = build_options(places.unfinished / "pip")
    buildah(places, "bud", *more, *options, *stand_ins, "--tag", name, CHECKOUT)
