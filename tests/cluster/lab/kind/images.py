"""The images that kubeadm asks for, made from the programs that the local backend runs as well.

Their names are whatever kubeadm says they are; only what is in them is ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from cluster.lab import builds
from cluster.lab.console import LabError
from cluster.lab.images.archive import Entry, Image
from cluster.lab.images.rootfs import busybox, libraries, skeleton
from cluster.lab.images.store import PAUSE, known_images
from cluster.lab.places import Places
from cluster.lab.programs import run

PROVISIONER = "mongors.test/local-path-provisioner:1"

_FILTER = Path("/usr/sbin/xtables-nft-multi")
_FILTER_NAMES = ("iptables", "iptables-save", "iptables-restore")
_EXTENSIONS = Path("/usr/lib/x86_64-linux-gnu/xtables")
_PATH = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
_ON_CONTROL_PLANE = {
    "kube-apiserver": builds.KUBERNETES,
    "kube-controller-manager": builds.KUBERNETES,
    "kube-scheduler": builds.KUBERNETES,
    "etcd": builds.ETCD,
    "coredns": builds.COREDNS,
}
_ON_EVERY_NODE = frozenset({"kube-proxy", "pause"})


def asked_names(places: Places) -> dict[str, str]:
    """Ask kubeadm which images it will want, by component; refuse others than we make."""
    kubeadm = builds.program(builds.KUBEADM, "kubeadm", places)
    words = ("config", "images", "list", "--kubernetes-version", builds.VERSION)
    return by_component(run([kubeadm, *words]))


def by_component(listed: str) -> dict[str, str]:
    """Map `HOST/PATH/COMPONENT:TAG`, one a line, by component."""
    names = {name.rpartition("/")[2].partition(":")[0]: name for name in listed.split()}
    if different := names.keys() ^ (_ON_CONTROL_PLANE.keys() | _ON_EVERY_NODE):
        raise LabError(f"kubeadm asks for other images than are made: {sorted(different)}")
    return names


def control_plane_images(names: Mapping[str, str], places: Places) -> list[Image]:
    """Describe what the control plane's node alone runs."""
    provisioner = builds.program(builds.LOCAL_PATH, "local-path-provisioner", places)
    made = [
        _one_program(names[component], builds.program(build, component, places))
        for component, build in _ON_CONTROL_PLANE.items()
    ]
    return [*made, _one_program(PROVISIONER, provisioner)]


def node_images(names: Mapping[str, str], places: Places) -> list[Image]:
    """Describe what every node runs."""
    pause = replace(known_images()[PAUSE](places), name=names["pause"])
    return [pause, _proxy(names["kube-proxy"], places)]


def _one_program(name: str, program: Path) -> Image:
    """An image whose one program is its entry point, and is found by its name as well."""
    inside = f"/usr/local/bin/{program.name}"
    return Image(
        name,
        (*skeleton(), Entry(inside, content=program)),
        command=(),
        entrypoint=(inside,),
        environment=_PATH,
    )


def _proxy(name: str, places: Places) -> Image:
    """kube-proxy with the packet filter's tools and their extensions."""
    proxy = builds.program(builds.KUBERNETES, "kube-proxy", places)
    extensions = sorted(_EXTENSIONS.glob("*.so"))
    entries = [
        *skeleton(),
        *busybox(),
        *libraries(_FILTER, *extensions),
        *(Entry(str(each), 0o644, content=each.resolve()) for each in extensions),
        *_filter_tools(),
        Entry("usr/local/bin/kube-proxy", content=proxy),
    ]
    return Image(name, tuple(entries), command=(), environment=_PATH)


def _filter_tools() -> Iterator[Entry]:
    yield Entry(str(_FILTER), content=_FILTER)
    for name in _FILTER_NAMES:
        yield Entry(f"usr/sbin/{name}", link=_FILTER.name)
        yield Entry(f"usr/sbin/{name.replace('ip', 'ip6', 1)}", link=_FILTER.name)
