"""The local backend: `up`, `down` and what lies between, on this machine alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.lab import builds, debian
from cluster.lab.backend import DEFAULT_NODES, Wish
from cluster.lab.console import LabError, step
from cluster.lab.entering import with_resolver
from cluster.lab.images.store import BASICS, ensure_image
from cluster.lab.nodes import ready_nodes
from cluster.lab.places import Places

from . import bring_up, disks, filters, halting, limits, network, node, objects, room, teardown
from .control_plane import audit_log, control_plane, set_dns
from .machine import Machine
from .plan import Node, Plan

_COMPLETE = "cluster.json"  # written last: a folder without it is the remains of a cluster

_RUNNING, _LINKED = "running", "plugged in"
_FINE = f"Ready, {_RUNNING}, {_LINKED}"


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """Kubernetes from Go modules, nodes from namespaces."""

    places: Places

    def build(self) -> None:
        """Fill the cache: packages, programs, images."""
        debian.ensure_packages(debian.CLUSTER_NEEDS)
        self.places.unfinished.mkdir(parents=True, exist_ok=True)
        builds.ensure_built(builds.LOCAL_BUILDS, self.places)
        for image in (*BASICS, *bring_up.USUAL_IMAGES):
            ensure_image(image, self.places)

    def up(self, wish: Wish) -> None:
        """Bring the cluster up, over whatever remains of another one."""
        debian.require_root("the local backend")
        limits.refuse_overlay(self.places.state)
        if not self._is_up(wish):
            room.refuse_small(room.machine(self.places), self.places)
        count = DEFAULT_NODES if wish.nodes is None else wish.nodes
        wished = Plan.of(self.places.cluster, self.places.state, count)
        self.build()
        archives = [ensure_image(image, self.places) for image in wish.images]
        if not self._is_up(wish):
            self.down()
            bring_up.create(wished, self.places, stock_dns=wish.stock_dns)
            notes = {"nodes": len(wished.nodes), "stock_dns": wish.stock_dns}
            self._notes.write_text(json.dumps(notes))
        for archive in archives:
            self.load(archive)

    def down(self) -> None:
        """End what a record names, give back what the kernel holds, keep the logs."""
        debian.require_root("the local backend")
        teardown.tear_down(self.places)

    def status(self) -> Mapping[str, object]:
        """Describe the cluster as it is now."""
        plan = self._plan()
        machine = control_plane(plan, self.places)
        ready = ready_nodes(bring_up.kubectl(plan, self.places))
        nodes = {one.name: self._state_of(plan, one, ready) for one in plan.nodes}
        return {
            "healthy": set(nodes.values()) == {_FINE} and not halting.halted(machine),
            "backend": "local",
            "cluster": plan.cluster,
            "control plane": _state_of_programs(machine),
            "nodes": nodes,
            "kubeconfig": str(self.places.kubeconfig),
            "audit log": str(audit_log(plan)),
            "logs": f"{plan.folder}/*/var/log",
        }

    def load(self, archive: Path) -> None:
        """Import an image on every running node, all at once."""
        bring_up.import_everywhere(self._plan(), self.places, archive)
        step(f"loaded {archive.name}")

    def entrance(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Enter by the control plane's network namespace, with the cluster's DNS."""
        debian.require_root("to enter the cluster's network")
        plan = self._plan()
        path = builds.search_path((builds.KUBERNETES, builds.HELM), self.places)["PATH"]
        environment = {"KUBECONFIG": str(self.places.kubeconfig), "PATH": path}
        resolver = with_resolver(plan.folder / "resolv.conf")
        return [*network.inside(plan.control_namespace), *resolver], environment

    def cut(self, name: str) -> None:
        """Unplug a node."""
        plan = self._plan()
        network.set_link(plan, _node(plan, name), up=False)

    def heal(self, name: str) -> None:
        """Plug a node in, and let it be heard by everybody."""
        plan = self._plan()
        bring_up.plug_in(plan, _node(plan, name))

    def part(self, name: str, other: str) -> None:
        """Filter out what two nodes send each other."""
        plan = self._plan()
        filters.part(plan, _node(plan, name), _node(plan, other))

    def mute(self, name: str, other: str) -> None:
        """Filter out what one node sends another."""
        plan = self._plan()
        filters.mute(plan, _node(plan, name), _node(plan, other))

    def halt(self, program: str) -> None:
        """End a program of the control plane until it is resumed."""
        halting.halt(control_plane(self._plan(), self.places), program)

    def resume(self, program: str) -> None:
        """Start a halted program again."""
        halting.resume(control_plane(self._plan(), self.places), program)

    def dns(self, caches: str) -> None:
        """Start CoreDNS anew with its `stock` caches of 30 s, or with `quick` ones."""
        set_dns(self._plan(), self.places, stock=caches == "stock")

    def join(self, name: str, other: str) -> None:
        """Take the filters between two nodes away."""
        plan = self._plan()
        filters.join(plan, _node(plan, name), _node(plan, other))

    def hide(self, name: str) -> None:
        """Filter out what programs beside the control plane send to a node's pods."""
        plan = self._plan()
        filters.hide(plan, _node(plan, name))

    def show(self, name: str) -> None:
        """Take that filter away."""
        plan = self._plan()
        filters.show(plan, _node(plan, name))

    def empty(self, claim: str) -> None:
        """Delete what the folder of a claim's volume holds."""
        objects.empty_claim(self._plan(), self.places, claim)

    def swap(self, claim: str, other: str) -> None:
        """Swap what the folders of two claims' volumes hold."""
        objects.swap_claims(self._plan(), self.places, claim, other)

    def kill(self, pod: str, signal: str) -> None:
        """Send a signal to a pod's main process."""
        objects.signal_pod(self._plan(), self.places, pod, signal)

    def disk(self, node: str, name: str, size: str) -> None:
        """Give a node one more disk."""
        plan = self._plan()
        disks.add(plan, _node(plan, node), self.places, name, size)

    def fill(self, node: str, name: str) -> None:
        """Leave no room on such a disk."""
        plan = self._plan()
        disks.fill(plan, _node(plan, node), self.places, name)

    def spare(self, node: str, name: str) -> None:
        """Give the room back."""
        plan = self._plan()
        disks.spare(plan, _node(plan, node), self.places, name)

    def stop(self, name: str) -> None:
        """Take a node's power."""
        plan = self._plan()
        node.stop_node(plan, _node(plan, name), self.places)

    def start(self, name: str) -> None:
        """Start a stopped node; its disk is as it was."""
        plan = self._plan()
        one = _node(plan, name)
        if node.machine_of(plan, one, self.places).is_running():
            raise LabError(f"{name} is running")
        bring_up.switch_on(plan, one, self.places)

    def logs(self) -> Path | None:
        """Name the running cluster's folder, or the one where the last one's logs were kept."""
        return teardown.latest_logs(self.places)

    @property
    def _notes(self) -> Path:
        return self.places.state / _COMPLETE

    def _is_up(self, wish: Wish) -> bool:
        """Tell whether a cluster like the wished-for one works, once all its nodes are on."""
        if not self._notes.exists():
            return False
        notes = json.loads(self._notes.read_text())
        running = control_plane(self._plan(), self.places).is_running()
        if running and not _is_like(notes, wish):
            raise LabError(f"a cluster is up that differs ({notes}): take it down first")
        if self.status()["healthy"]:
            step("the cluster is up already")
            return True
        return bring_up.revive(self._plan(), self.places)

    def _plan(self) -> Plan:
        if not self._notes.exists():
            raise LabError(f"no cluster {self.places.cluster!r} is up; `cluster up` makes one")
        nodes = json.loads(self._notes.read_text())["nodes"]
        return Plan.of(self.places.cluster, self.places.state, nodes)

    def _state_of(self, plan: Plan, one: Node, ready: frozenset[str]) -> str:
        power = _power(node.machine_of(plan, one, self.places).is_running())
        link = _LINKED if network.link_is_up(plan, one) else "cut off"
        heard = filters.describe(plan, one)
        return ", ".join(["Ready" if one.name in ready else "not Ready", power, link, *heard])


def _is_like(notes: Mapping[str, int], wish: Wish) -> bool:
    return wish.nodes in {None, notes["nodes"]} and wish.stock_dns <= notes["stock_dns"]


def _state_of_programs(machine: Machine) -> str:
    missing = halting.halted(machine)
    power = _power(machine.is_running())
    return ", ".join([power, *(f"{each} is halted" for each in missing)])


def _power(running: bool) -> str:
    return _RUNNING if running else "stopped"


def _node(plan: Plan, name: str) -> Node:
    for one in plan.nodes:
        if one.name == name:
            return one
    raise LabError(f"no node {name!r}; there are {', '.join(one.name for one in plan.nodes)}")
