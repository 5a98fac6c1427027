"""The cluster's network: a bridge inside the control plane's namespace, a cable per node.

No namespace has a link to the machine or beyond it: no packet of a test can leave.
Nodes route to each other's pods directly, so the control plane is not in the way.
"""

from collections.abc import Iterable
from pathlib import Path

from cluster.lab.programs import run, succeeds

from .plan import GATEWAY, POD_RANGE, SERVICE_RANGE, Node, Plan

NAMESPACES = Path("/run/netns")
_BRIDGE = "cluster"

# ip_forward: pods' packets pass through. send_redirects: routes are complete as they are.
_SETTINGS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.default.send_redirects": "0",
}


def create_network(plan: Plan) -> None:
    """Make the namespaces, the bridge, the cables and the routes."""
    _batch(setup_commands(plan))
    for namespace in namespaces(plan):
        settings = [f"{name}={value}" for name, value in _SETTINGS.items()]
        run([*inside(namespace), "sysctl", "-q", "-w", *settings])
    _batch(bridge_commands(plan), plan.control_namespace)
    for node in plan.nodes:
        _batch(node_commands(plan, node), plan.namespace(node))


def create_simulated(plan: Plan) -> None:
    """Make the control plane's namespace alone; every address of a pod is one of its own."""
    _batch([f"netns add {plan.control_namespace}"])
    own = (*base_commands(), f"route add local {POD_RANGE} dev lo")
    _batch(own, plan.control_namespace)


def destroy_network(plan: Plan) -> None:
    """Delete whatever exists of it; what lies in a namespace goes with it."""
    for namespace in namespaces(plan):
        if (NAMESPACES / namespace).exists():
            run(["ip", "netns", "delete", namespace])
    # iproute2 mounts its folder on itself at first use; give that back as well.
    if NAMESPACES.is_dir() and not any(NAMESPACES.iterdir()):
        while succeeds(["umount", NAMESPACES]):
            pass
        NAMESPACES.rmdir()


def set_link(plan: Plan, node: Node, *, up: bool) -> None:
    """Plug or unplug a node's cable."""
    state = "up" if up else "down"
    run(["ip", "-n", plan.control_namespace, "link", "set", node.link, state])


def link_is_up(plan: Plan, node: Node) -> bool:
    """Tell whether a node's cable is plugged in."""
    show = ["ip", "-n", plan.control_namespace, "-oneline", "link", "show", node.link, "up"]
    return bool(run(show).strip())


def inside(namespace: str) -> list[str]:
    """Return the prefix that runs a command in a network namespace.

    Not `ip netns exec`: it mounts a fresh /sys over the cgroups, and kubelet dies.
    """
    return ["nsenter", f"--net={NAMESPACES / namespace}"]


def namespaces(plan: Plan) -> list[str]:
    """List the cluster's network namespaces, the control plane's first."""
    return [plan.control_namespace, *(plan.namespace(node) for node in plan.nodes)]


def setup_commands(plan: Plan) -> list[str]:
    """List the `ip` commands that make namespaces and cables."""
    commands = [f"netns add {name}" for name in namespaces(plan)]
    for node in plan.nodes:
        near = f"link add {node.link} netns {plan.control_namespace} type veth"
        commands.append(f"{near} peer name eth0 netns {plan.namespace(node)}")
    return commands


def base_commands() -> list[str]:
    """List the `ip` commands for the address at which the control plane answers."""
    commands = ["link set lo up", f"link add {_BRIDGE} type bridge"]
    return [*commands, f"address add {GATEWAY}/24 dev {_BRIDGE}", f"link set {_BRIDGE} up"]


def bridge_commands(plan: Plan) -> list[str]:
    """List the `ip` commands for the control plane's namespace."""
    commands = base_commands()
    commands.append(f"route add {SERVICE_RANGE} dev {_BRIDGE}")  # kube-proxy rewrites the rest
    for node in plan.nodes:
        commands.append(f"link set {node.link} master {_BRIDGE} up")
        commands.append(f"route add {node.pods} via {node.address}")
    return commands


def node_commands(plan: Plan, node: Node) -> list[str]:
    """List the `ip` commands for one node's namespace."""
    commands = ["link set lo up", f"address add {node.address}/24 dev eth0", "link set eth0 up"]
    commands.append(f"route add default via {GATEWAY}")
    others = [other for other in plan.nodes if other != node]
    return commands + [f"route add {other.pods} via {other.address}" for other in others]


def _batch(commands: Iterable[str], namespace: str | None = None) -> None:
    where = ["-n", namespace] if namespace else []
    run(["ip", *where, "-batch", "-"], given="\n".join(commands) + "\n")
