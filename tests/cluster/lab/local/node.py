"""A node: containerd, kubelet and kube-proxy on a machine of their own."""

import json
import shutil
from pathlib import Path

from cluster.lab import builds
from cluster.lab.images.store import PAUSE
from cluster.lab.places import Places
from cluster.lab.programs import run

from . import cgroups, network, pki, settings
from .control_plane import inside_path
from .kubeconfig import write_kubeconfig
from .machine import Machine, supervised
from .plan import Node, Plan

_SOCKET = "containerd/containerd.sock"


def machine_of(plan: Plan, node: Node, places: Places) -> Machine:
    """Return a node's machine."""
    folder = plan.machine_folder(node.name)
    return Machine(node.name, folder, plan.namespace(node), places.binaries)


def start_node(plan: Plan, node: Node, places: Places) -> None:
    """Start a node as far as containerd; kubelet waits for `join_node`."""
    machine = machine_of(plan, node, places)
    machine.prepare()
    cgroups.create(plan.cluster, node.name)
    _write_config(plan, node, machine.run / "config")
    machine.start(_programs(plan, node, places))
    machine.wait_for(_SOCKET)


def join_node(plan: Plan, node: Node, places: Places) -> None:
    """Let kubelet and kube-proxy start: earlier they would only back off for seconds."""
    machine_of(plan, node, places).open_gate("join")


def stop_node(plan: Plan, node: Node, places: Places) -> None:
    """Take a node's power: its cable goes silent, its processes end."""
    if (network.NAMESPACES / plan.namespace(node)).exists():
        network.set_link(plan, node, up=False)
    machine_of(plan, node, places).stop()
    cgroups.destroy(plan.cluster, node.name)


def import_image(plan: Plan, node: Node, archive: Path, places: Places) -> None:
    """Give an image file to a node's containerd, once."""
    machine = machine_of(plan, node, places)
    stat = archive.stat()
    identity = f"{archive.name} {stat.st_size} {stat.st_mtime_ns}\n"
    known = machine.folder / "images"
    if known.exists() and identity in known.read_text():
        return
    socket = machine.run / _SOCKET
    ctr: list[str | Path] = ["ctr", "--address", socket, "--namespace", "k8s.io"]
    run([*ctr, "images", "import", "--all-platforms", archive])
    with known.open("a") as list_of_known:
        list_of_known.write(identity)


def _write_config(plan: Plan, node: Node, folder: Path) -> None:
    (folder / "cni").mkdir(parents=True)
    (folder / "cni/10-pods.conflist").write_text(json.dumps(settings.cni_config(node.pods)))
    (folder / "containerd.toml").write_text(settings.containerd_config(PAUSE))
    group = cgroups.root_of(plan.cluster, node.name)
    (folder / "kubelet.json").write_text(json.dumps(settings.kubelet_config(group)))
    (folder / "proxy.json").write_text(json.dumps(settings.proxy_config(node.name)))
    (folder / "resolv.conf").write_text(settings.resolv_conf())
    write_kubeconfig(plan.pki, node.name, folder / "kubelet.kubeconfig")
    write_kubeconfig(plan.pki, pki.PROXY, folder / "proxy.kubeconfig")
    shutil.copy(plan.pki / "ca.crt", folder / "ca.crt")
    for kind in ("crt", "key"):
        shutil.copy(plan.pki / f"{node.name}.{kind}", folder / f"kubelet.{kind}")


def _programs(plan: Plan, node: Node, places: Places) -> list[str]:
    kubelet = inside_path(builds.KUBERNETES, "kubelet", places)
    proxy = inside_path(builds.KUBERNETES, "kube-proxy", places)
    labels = {
        "topology.kubernetes.io/region": "lab",
        "topology.kubernetes.io/zone": node.zone,
    }
    return [
        supervised("containerd", "containerd", "--config=/run/config/containerd.toml"),
        "gate join",
        f"until [ -S {settings.CONTAINERD_SOCKET} ]; do sleep 0.1; done",
        supervised(
            "kubelet",
            kubelet,
            "--config=/run/config/kubelet.json",
            "--kubeconfig=/run/config/kubelet.kubeconfig",
            f"--hostname-override={node.name}",
            f"--node-ip={node.address}",
            f"--node-labels={','.join(f'{key}={value}' for key, value in labels.items())}",
        ),
        supervised("kube-proxy", proxy, "--config=/run/config/proxy.json"),
    ]
