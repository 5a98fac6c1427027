"""Packet filters on nodes: who hears whom, while every node keeps the control plane.

The rules stand in the `raw` table of the nodes' namespaces, where a packet comes first and where
kube-proxy writes nothing. Each end drops what arrives from the other, so no packet of a
connection passes, old or new.
"""

from collections.abc import Iterator

from cluster.lab.console import LabError
from cluster.lab.programs import run, succeeds

from .network import inside
from .plan import GATEWAY, Node, Plan

_CHAIN = "PREROUTING"
_CLIENT_PORTS = "32768:65535"  # what the control plane's programs connect from; servers are below


def part(plan: Plan, one: Node, other: Node) -> None:
    """Let two nodes and their pods hear nothing of each other any more."""
    if one == other:
        raise LabError(f"{one.name} cannot be parted from itself")
    for here, there in ((one, other), (other, one)):
        for rule in part_rules(there):
            _ensure(plan, here, rule)


def mute(plan: Plan, one: Node, other: Node) -> None:
    """Let the other node hear nothing of this one any more, while this one hears the other.

    No connection survives that, for nothing is acknowledged; what needs no answer still arrives.
    """
    if one == other:
        raise LabError(f"{one.name} cannot be muted for itself")
    for rule in part_rules(one):
        _ensure(plan, other, rule)


def join(plan: Plan, one: Node, other: Node) -> None:
    """End the part of two nodes, or half of it; without one, do nothing."""
    for here, there in ((one, other), (other, one)):
        for rule in part_rules(there):
            _drop(plan, here, rule)


def hide(plan: Plan, node: Node) -> None:
    """Cut a node's pods off from programs in the control plane's namespace, and from nobody else.

    What the pods themselves ask of it (names, the API) is still answered.
    """
    _ensure(plan, node, hide_rule(node))


def show(plan: Plan, node: Node) -> None:
    """End that."""
    _drop(plan, node, hide_rule(node))


def clear(plan: Plan, node: Node) -> None:
    """End whatever filters concern a node, at both ends."""
    show(plan, node)
    for other in plan.nodes:
        if other != node:
            join(plan, node, other)


def describe(plan: Plan, node: Node) -> list[str]:
    """Say what filters stand on a node; empty when there are none."""
    return list(_described(_rules(plan, node), plan, node))


def part_rules(there: Node) -> list[list[str]]:
    """Return the matches of everything that comes from a node or its pods."""
    return [["-s", there.pods], ["-s", f"{there.address}/32"]]


def hide_rule(node: Node) -> list[str]:
    """Return the match of what clients in the control plane's namespace send to a node's pods."""
    return ["-s", f"{GATEWAY}/32", "-d", node.pods, "-p", "tcp", "--sport", _CLIENT_PORTS]


def _described(rules: str, plan: Plan, node: Node) -> Iterator[str]:
    for other in plan.nodes:
        if f"-s {other.pods} -j DROP" in rules:
            yield f"hears nothing of {other.name}"
    if f"-s {GATEWAY}/32 -d {node.pods}" in rules:
        yield "hidden"


def _rules(plan: Plan, node: Node) -> str:
    return run([*_iptables(plan, node), "-S", _CHAIN])


def _ensure(plan: Plan, node: Node, match: list[str]) -> None:
    if not _stands(plan, node, match):
        run([*_iptables(plan, node), "-A", _CHAIN, *match, "-j", "DROP"])


def _drop(plan: Plan, node: Node, match: list[str]) -> None:
    while _stands(plan, node, match):
        run([*_iptables(plan, node), "-D", _CHAIN, *match, "-j", "DROP"])


def _stands(plan: Plan, node: Node, match: list[str]) -> bool:
    return succeeds([*_iptables(plan, node), "-C", _CHAIN, *match, "-j", "DROP"])


def _iptables(plan: Plan, node: Node) -> list[str]:
    return [*inside(plan.namespace(node)), "iptables", "--wait", "--table", "raw"]
