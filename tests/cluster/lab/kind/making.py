"""A kind cluster from nothing: what kind is told, and what its nodes are given."""

import json
from pathlib import Path

from cluster.lab import builds, debian
from cluster.lab.console import LabError, step
from cluster.lab.images.store import ensure_image
from cluster.lab.local import limits, room
from cluster.lab.local.bring_up import USUAL_IMAGES
from cluster.lab.local.plan import API_PORT
from cluster.lab.local.settings import resolv_conf
from cluster.lab.places import Places

from . import node_image
from .engine import Engine, machines_engine, start_engine
from .nodes import KindNodes
from .note import Note

TOOLS = (builds.KUBERNETES, builds.HELM, builds.KIND)

_OWN_BYTES = 8 * room.GIB
"""The image of a node and what four nodes make of it: 3.6 GiB before the first set."""
_INSIDE = f"https://127.0.0.1:{API_PORT}"  # the API server, as its own container sees it


def make(places: Places, count: int) -> KindNodes:
    """Make a cluster of so many nodes beside its control plane; the note is complete at the end."""
    if places.cluster != places.cluster.lower():
        raise LabError(f"MONGORS_CLUSTER={places.cluster!r}: kind wants small letters")
    engine = machines_engine() or _own_engine(places)
    nodes = KindNodes.on(engine, places)
    if nodes.names():
        raise LabError(
            f"the Docker engine has a cluster {places.cluster!r} that is not ours: delete it, or "
            "set MONGORS_CLUSTER to another name"
        )
    places.state.mkdir(mode=0o711, parents=True, exist_ok=True)
    Note(engine.id, count, is_complete=False).write(places)
    _let_kind_work(nodes, count)
    Note(engine.id, count, is_complete=True).write(places)
    return nodes


def build_node(places: Places) -> Path:
    """Make the image of a node, and whatever is needed for that and for an engine."""
    debian.ensure_packages(debian.CLUSTER_NEEDS | debian.ENGINE_NEEDS)
    return node_image.ensure_node_image(places)


def give(nodes: KindNodes, image: str) -> None:
    """Make a known image, or pull it where there is a way to a registry."""
    if nodes.engine.is_own:
        load(nodes, ensure_image(image, nodes.places))
        return
    nodes.engine.docker("pull", image)
    nodes.of_cluster("load", "docker-image", image)


def load(nodes: KindNodes, archive: Path) -> None:
    """Give an image file to every node."""
    nodes.of_cluster("load", "image-archive", str(archive))
    step(f"loaded {archive.name}")


def kind_config(nodes: int) -> dict[str, object]:
    """Return kind's cluster description: a control plane, and workers in zones of their own."""
    workers = [
        {"role": "worker", "labels": {"topology.kubernetes.io/zone": f"zone-{number}"}}
        for number in range(1, nodes + 1)
    ]
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{"role": "control-plane"}, *workers],
    }


def config_from_inside(kubeconfig: str) -> str:
    """Point a kubeconfig at the API server as the control plane's container reaches it."""
    lines = kubeconfig.splitlines()
    return "\n".join(
        f"{line.partition('server:')[0]}server: {_INSIDE}" if "server:" in line else line
        for line in lines
    )


def _own_engine(places: Places) -> Engine:
    """Start one, and give it the image of a node; what cannot be is refused before the work."""
    limits.refuse_overlay(places.state)
    room.refuse_small(room.machine(places), places, _OWN_BYTES)
    image = build_node(places)
    engine = start_engine(places)
    engine.docker(*node_image.import_words(image))
    step("gave the engine the image of a node")
    return engine


def _let_kind_work(nodes: KindNodes, count: int) -> None:
    places, words = nodes.places, ["--wait", "120s", "--config", "-"]
    if nodes.engine.is_own:
        words += ["--image", node_image.NAME]
    step(f"kind makes a control plane and {count} nodes, a minute or two")
    nodes.of_cluster("create", "cluster", *words, given=json.dumps(kind_config(count)))
    places.kubeconfig.write_text(config_from_inside(nodes.of_cluster("get", "kubeconfig")))
    places.kubeconfig.chmod(0o600)
    (places.state / "resolv.conf").write_text(resolv_conf())
    step("control plane is ready")
    for image in USUAL_IMAGES if nodes.engine.is_own else ():
        give(nodes, image)
