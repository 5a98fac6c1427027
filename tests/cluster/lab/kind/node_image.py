"""The image of a kind node, made here because none can be pulled: Debian, systemd, Kubernetes.

What kind expects to find in a node (the entry point, units, settings) is taken at build time from
the sources of the very kind that will use it. The rest are Debian's packages and our programs.
"""

import hashlib
import json
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from cluster.lab import builds, debian
from cluster.lab.console import step
from cluster.lab.images import bootstrap, rootfs
from cluster.lab.images.archive import write_archive
from cluster.lab.images.bootstrap import debootstrap
from cluster.lab.images.store import (
    BUSYBOX,
    archive_path,
    ensure_image,
    file_name,
    forget_older,
)
from cluster.lab.local import settings
from cluster.lab.places import MANIFESTS, Places

from . import images

NAME = "mongors.test/kind-node:1"
BUILDS = (
    builds.KUBERNETES,
    builds.KUBEADM,
    builds.ETCD,
    builds.COREDNS,
    builds.LOCAL_PATH,
    builds.KIND,
)

_MODULE = "sigs.k8s.io/kind"
_FILES = Path(__file__).parent / "files"
_MANIFESTS = {
    "default-cni": (MANIFESTS / "kind/network.yaml",),
    "default-storage": (MANIFESTS / "addons/storage.yaml", MANIFESTS / "kind/storage.yaml"),
}
"""What kind applies, by the names under which it looks for it in the node."""
_PACKAGES = (
    *("systemd", "containerd", "runc", "containernetworking-plugins"),
    *("ca-certificates", "conntrack", "e2fsprogs", "ethtool", "iproute2", "iptables", "jq"),
    *("kmod", "mount", "nftables", "procps", "socat", "util-linux"),
)
# A container has no devices to wait for and no consoles to log in at: nothing starts but what
# is enabled below.
_BARE = """
rm -f "$1"/lib/systemd/system/multi-user.target.wants/* "$1"/etc/systemd/system/*.wants/*
rm -f "$1"/lib/systemd/system/local-fs.target.wants/* "$1"/lib/systemd/system/basic.target.wants/*
rm -f "$1"/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service
echo ReadKMsg=no >> "$1"/etc/systemd/journald.conf
"""
_ENABLED = """
chroot "$1" systemctl set-default multi-user.target
chroot "$1" systemctl enable kubelet containerd undo-mount-hacks load-images
chroot "$1" systemctl mask systemd-binfmt
"""


def ensure_node_image(places: Places) -> Path:
    """Return the node's root file system as a tar; unchanged parts cost nothing."""
    builds.ensure_built(BUILDS, places)
    target = places.images / f"{file_name(NAME)}-{_key(places)}.tar"
    if not target.exists():
        debian.ensure_packages(debian.IMAGE_NEEDS)
        basic = ensure_image(BUSYBOX, places)
        with places.locked("images"):
            if not target.exists():
                _build(places, basic, target)
    return target


def import_words(archive: Path) -> list[str | Path]:
    """Return the arguments of `docker` that make the image of the tar."""
    changes = (
        "ENV container=docker",
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]',
    )
    return ["import", *(word for each in changes for word in ("--change", each)), archive, NAME]


def _key(places: Places) -> str:
    digest = hashlib.sha256()
    for build in BUILDS:
        digest.update(builds.folder_of(build, places).name.encode())
    digest.update(archive_path(BUSYBOX, places).name.encode())
    manifests = [file for files in _MANIFESTS.values() for file in files]
    own = [Path(str(each.__file__)) for each in (images, settings, rootfs, bootstrap)]
    for file in (Path(__file__), *own, *sorted(_FILES.iterdir()), *manifests):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _build(places: Places, busybox: Path, target: Path) -> None:
    step("making the image of a kind node: Debian, systemd, Kubernetes, some minutes")
    tree = places.unfinished / "kind-node"
    shutil.rmtree(tree, ignore_errors=True)
    _lay_out(tree, busybox, places)
    unfinished = target.with_suffix(".unfinished.tar")
    debootstrap(_PACKAGES, unfinished, _BARE, f"sync-in {shlex.quote(str(tree))} /", _ENABLED)
    unfinished.rename(target)
    shutil.rmtree(tree)
    forget_older(target, NAME)
    step("made the image of a kind node")


def _lay_out(tree: Path, busybox: Path, places: Places) -> None:
    """Put into a folder what is laid over Debian's packages."""
    source = builds.source_of(builds.KIND, _MODULE, places) / "images/base/files"
    shutil.copytree(source, tree, copy_function=_copy)
    for folder in (tree, *tree.rglob("*/")):
        folder.chmod(0o755)  # in the toolchain's cache nothing may be written
    for name in ("kubeadm", "kubelet", "kubectl"):
        build = builds.KUBEADM if name == "kubeadm" else builds.KUBERNETES
        _copy(builds.program(build, name, places), tree / "usr/bin" / name)
    _copy(_FILES / "load-images", tree / "usr/local/bin/load-images")
    _copy(_FILES / "load-images.service", tree / "etc/systemd/system/load-images.service")
    names = images.asked_names(places)
    containerd = (_FILES / "containerd.toml").read_text().replace("PAUSE", names["pause"])
    (tree / "etc/containerd/config.toml").write_text(containerd)
    _link(tree / "usr/local/bin/containerd", "/usr/bin/containerd")
    _link(tree / "opt/cni/bin", "/usr/lib/cni")
    _link(tree / "usr/sbin/init", "/lib/systemd/systemd")
    (tree / "etc/kubernetes/manifests").mkdir(parents=True)
    _lay_out_kind(tree / "kind", names, busybox, places)


def _lay_out_kind(folder: Path, names: Mapping[str, str], busybox: Path, places: Places) -> None:
    """What kind and kubeadm ask a node for: its version, manifests and images."""
    (folder / "version").write_text(builds.VERSION)
    (folder / "manifests").mkdir()
    for name, files in _MANIFESTS.items():
        text = "\n---\n".join(file.read_text() for file in files)
        text = text.replace("PLUGINS", json.dumps(settings.cni_config("RANGE")))
        (folder / f"manifests/{name}.yaml").write_text(text)
    (folder / "images/control-plane").mkdir(parents=True)
    _copy(busybox, folder / "images/busybox.tar")
    for image in images.node_images(names, places):
        write_archive(image, folder / "images" / f"{file_name(image.name)}.tar")
    for image in images.control_plane_images(names, places):
        write_archive(image, folder / "images/control-plane" / f"{file_name(image.name)}.tar")


def _copy(source: str | Path, target: str | Path) -> None:
    """Copy a file; what is a program can be run, whatever became of its mode on its way here."""
    folder = Path(target).parent
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if folder.name == "bin" else 0o644)


def _link(path: Path, to: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)
