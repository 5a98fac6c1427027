"""buildah with a store of its own in the cache, and a stand-in for the Python base image.

The machine reaches no image registry, so the base is made from Debian packages. It has
what the official slim image has: Python 3.11 with pip in /usr/local/bin, certificates.
"""

import os
from pathlib import Path

from cluster.lab.console import step
from cluster.lab.places import Places
from cluster.lab.programs import run, succeeds

from .bootstrap import debootstrap

STAND_IN = "localhost/python-stand-in:3.11-2"

_PACKAGES = ("python3", "python3-venv", "python3-pip", "ca-certificates")
# Debian forbids `pip install` outside of a virtual environment; the official image does not.
# What no program reads is left out: every byte is copied to every node.
_LIKE_OFFICIAL = """
rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED
rm -rf "$1"/usr/share/perl "$1"/usr/lib/*/perl "$1"/usr/lib/*/gconv "$1"/var/lib/dpkg/info
for name in python python3 python3.11; do ln -sf /usr/bin/python3.11 "$1/usr/local/bin/$name"; done
ln -sf /usr/bin/pip3 "$1/usr/local/bin/pip"
"""


def buildah(places: Places, *words: str | Path) -> str:
    """Run buildah; its mounts are private, so that a killed run leaves none behind."""
    private = ["unshare", "--mount", "--propagation", "private"]
    return run([*private, "buildah", *_store(places), *words])


def ensure_stand_in(places: Places) -> None:
    """Make the base image unless the store has it."""
    if has_image(places, STAND_IN):
        return
    step(f"making a stand-in for the Python base image ({', '.join(_PACKAGES)})")
    root = places.unfinished / "python-base.tar"
    debootstrap(_PACKAGES, root, _LIKE_OFFICIAL)
    container = buildah(places, "from", "scratch").strip()
    buildah(places, "add", container, root, "/")
    buildah(places, "config", "--cmd", "python3", container)
    buildah(places, "commit", "--rm", container, STAND_IN)
    root.unlink()
    step("made the stand-in")


def has_image(places: Places, name: str) -> bool:
    """Tell whether the store holds an image."""
    return succeeds(["buildah", *_store(places), "inspect", "--type", "image", name])


def build_options(folder: Path) -> list[str]:
    """Give a build the way to the package index that this machine has; the image keeps nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    pip = folder / "pip.conf"
    pip.write_text(pip_config(dict(os.environ)))
    certificates = Path("/etc/ssl/certs")
    options = ["--isolation", "chroot", "--network", "host", "--pull-never", "--layers"]
    options += ["--timestamp", "0"]  # the same files make the same layer, whenever
    options += ["--volume", f"{pip}:/etc/pip.conf:ro"]
    return [*options, "--volume", f"{certificates}:{certificates}:ro"]


def pip_config(env: dict[str, str]) -> str:
    """Turn the settings of pip that concern the network into a file's lines."""
    names = ("cert", "default-timeout", "extra-index-url", "index-url", "trusted-host")
    variables = {name: f"PIP_{name.upper().replace('-', '_')}" for name in names}
    lines = [
        f"{name} = {env[variable]}" for name, variable in variables.items() if env.get(variable)
    ]
    return "\n".join(["[global]", *lines, ""])


def export(places: Places, image: str, name: str, target: Path) -> None:
    """Write an image to a file under the name that pods ask for; it appears when complete."""
    unfinished = target.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    buildah(places, "push", "--quiet", image, f"docker-archive:{unfinished}:{name}")
    unfinished.rename(target)


def _store(places: Places) -> list[str | Path]:
    folder = places.cache / "buildah"
    options: list[str | Path] = ["--root", folder / "store", "--runroot", folder / "run"]
    return [*options, "--storage-driver", "overlay"]
