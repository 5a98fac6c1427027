"""The Debian packages that the local backend needs; nothing else is installed."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from .console import LabError, step
from .programs import run, succeeds

# What proves that a package is there -> the package.
CLUSTER_NEEDS = {
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
    "ip": "iproute2",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "mount": "mount",
    "mkfs.ext4": "e2fsprogs",
    "unshare": "util-linux",
    "openssl": "openssl",
    "/bin/busybox": "busybox-static",
    "/usr/share/doc/libcurl4": "libcurl4",
    "/usr/share/doc/libssl3": "libssl3",
}
ENGINE_NEEDS = {
    "/usr/share/doc/libdevmapper1.02.1": "libdevmapper1.02.1",
    "/usr/share/doc/libsystemd0": "libsystemd0",
}
"""What a Docker engine is linked to that is only unpacked."""
IMAGE_NEEDS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap"}

_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not always in a user's PATH


def missing_packages(needs: dict[str, str]) -> list[str]:
    """List the packages whose proof is not on this machine."""
    search = os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS])

    def is_there(proof: str) -> bool:
        if proof.startswith("/"):
            return Path(proof).exists()
        return shutil.which(proof, path=search) is not None

    return sorted({package for proof, package in needs.items() if not is_there(proof)})


def ensure_packages(needs: dict[str, str]) -> None:
    """Install what is missing, or say exactly what is."""
    missing = missing_packages(needs)
    if not missing:
        return
    if os.geteuid() or not shutil.which("apt-get"):
        raise LabError(f"missing Debian packages: {' '.join(missing)} (apt-get install, as root)")
    step(f"installing Debian packages: {' '.join(missing)}")
    _install(missing)
    step("installed Debian packages")


def _install(packages: Iterable[str]) -> None:
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if succeeds(["env", "DEBIAN_FRONTEND=noninteractive", *install]):
        return
    run(["apt-get", "update", "-qq"])  # the lists are absent or older than the mirror
    run(install, env=quiet)


def require_root(what: str) -> None:
    """Refuse early and clearly: namespaces, mounts and cgroups are root's."""
    if os.geteuid():
        raise LabError(f"{what} needs root (namespaces, mounts, cgroups); try sudo")


def debian_mirror(folder: Path = Path("/etc/apt")) -> str:
    """Return the archive this machine itself uses, never a name written down here."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    files = [path for path in files if path.suffix in {".list", ".sources"} and path.is_file()]
    for path in sorted(files, key=lambda path: path.name != "debian.sources"):
        if found := parse_mirror(path.read_text()):
            return found
    raise LabError(f"no Debian mirror found in {folder}")


def parse_mirror(text: str) -> str | None:
    """Find the main archive in apt sources of either format; security archives do not count."""
    uris = re.findall(r"^\s*(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(\S+)", text, re.MULTILINE)
    return next((uri for uri in uris if re.search(r"/debian/?$", uri)), None)
