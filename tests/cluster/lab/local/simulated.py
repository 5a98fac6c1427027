"""A real control plane without real nodes: kwok says of pods what a kubelet would say.

For numbers of sets that no machine could run. Every address of a pod leads to the control plane's
own network, where one program can stand in for all mongods.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.lab import builds, debian
from cluster.lab.backend import Wish
from cluster.lab.console import LabError, step
from cluster.lab.nodes import ready_nodes
from cluster.lab.places import Places
from cluster.lab.programs import run
from cluster.lab.refusing import NoFaults

from . import bring_up, halting, health, limits, network, teardown
from .control_plane import audit_log, control_plane, start_without_nodes
from .plan import MOST_NODES, Node, Plan

_BUILDS = (builds.KUBERNETES, builds.ETCD, builds.KWOK)
_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class SimulatedBackend(NoFaults):
    """Pods without processes, up to 250 on each of 20 nodes."""

    because = "its nodes are simulated"
    places: Places

    def build(self) -> None:
        """Fill the cache with the control plane's programs and kwok."""
        debian.ensure_packages(debian.CLUSTER_NEEDS)
        self.places.unfinished.mkdir(parents=True, exist_ok=True)
        builds.ensure_built(_BUILDS, self.places)

    def up(self, wish: Wish) -> None:
        """Bring it up; it is made anew if it does not work any more."""
        debian.require_root("the simulated backend")
        limits.refuse_overlay(self.places.state)
        if wish.nodes not in {None, MOST_NODES}:
            raise LabError(f"a simulated cluster has {MOST_NODES} nodes: leave --nodes out")
        self.build()
        if self.places.state.exists() and self.status()["healthy"]:
            step("the cluster is up already")
            return
        self.down()
        self._create()

    def down(self) -> None:
        """End the control plane, and keep its logs."""
        debian.require_root("the simulated backend")
        teardown.tear_down(self.places)

    def status(self) -> Mapping[str, object]:
        """Describe the cluster as it is now."""
        plan = self._plan()
        machine = control_plane(plan, self.places)
        ready = ready_nodes(bring_up.kubectl(plan, self.places)) if machine.is_running() else ()
        halted = halting.halted(machine)
        return {
            "healthy": len(ready) == len(plan.nodes) and not halted,
            "backend": "simulated",
            "cluster": plan.cluster,
            "control plane": ", ".join(f"{each} is halted" for each in halted) or "whole",
            "nodes": f"{len(ready)} of {len(plan.nodes)} are Ready",
            "kubeconfig": str(self.places.kubeconfig),
            "audit log": str(audit_log(plan)),
            "logs": f"{plan.folder}/*/var/log",
        }

    def entrance(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Enter the control plane's network, where the pods' addresses are."""
        debian.require_root("to enter the cluster's network")
        path = builds.search_path(_BUILDS, self.places)["PATH"]
        environment = {"KUBECONFIG": str(self.places.kubeconfig), "PATH": path}
        return network.inside(self._plan().control_namespace), environment

    def halt(self, program: str) -> None:
        """End a program of the control plane until it is resumed."""
        halting.halt(control_plane(self._plan(), self.places), program)

    def resume(self, program: str) -> None:
        """Start a halted program again."""
        halting.resume(control_plane(self._plan(), self.places), program)

    def logs(self) -> Path | None:
        """Name the running cluster's folder, or the one where the last one's logs were kept."""
        return teardown.latest_logs(self.places)

    def _plan(self) -> Plan:
        return Plan.of(self.places.cluster, self.places.state, MOST_NODES)

    def _create(self) -> None:
        plan = self._plan()
        bring_up.lay_ground(plan, self.places, network.create_simulated)
        start_without_nodes(plan, self.places)
        control_plane(plan, self.places).wait_for("ready")
        step("control plane is ready")
        nodes = {"apiVersion": "v1", "kind": "List", "items": [*map(node_object, plan.nodes)]}
        run([*bring_up.kubectl(plan, self.places), "apply", "-f", "-"], given=json.dumps(nodes))
        health.wait_until("nodes", lambda: bool(self.status()["healthy"]), _READY_SECONDS)
        step(f"{len(plan.nodes)} simulated nodes are Ready")


def node_object(node: Node) -> dict[str, object]:
    """A node that nobody runs."""
    labels = {"kubernetes.io/hostname": node.name, "topology.kubernetes.io/zone": node.zone}
    room = {"cpu": "1000", "memory": "1Ti", "pods": "250"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": node.name, "labels": labels},
        "spec": {"podCIDR": node.pods, "podCIDRs": [node.pods]},
        "status": {"capacity": room, "allocatable": room},
    }
