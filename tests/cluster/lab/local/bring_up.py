"""From nothing to a working cluster: what must wait for what, and nothing more."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cluster.lab import builds
from cluster.lab.console import LabError, step
from cluster.lab.images.store import BASICS, ensure_image
from cluster.lab.nodes import ready_nodes
from cluster.lab.places import MANIFESTS, Places
from cluster.lab.programs import run

from . import filters, halting, health, limits, network, node, pki, settings
from .control_plane import control_plane, start_control_plane
from .kubeconfig import write_kubeconfig
from .plan import Node, Plan

USUAL_IMAGES = ("mongo:6.0.5",)

_READY_SECONDS = 60.0


def create(plan: Plan, places: Places, *, stock_dns: bool) -> None:
    """Make the network, the keys, the machines; end when all of it works."""
    lay_ground(plan, places, network.create_network)
    (plan.folder / "resolv.conf").write_text(settings.resolv_conf())
    step(f"made the network and the keys of {len(plan.nodes)} nodes")
    with ThreadPoolExecutor(max_workers=1) as side:
        filled = side.submit(_start_nodes, plan, places)
        start_control_plane(plan, places, stock_dns=stock_dns)
        control_plane(plan, places).wait_for("ready")
        step("control plane is ready")
        _apply_addons(plan, places)
        filled.result()
    _wait_for_all(plan, places)


def lay_ground(plan: Plan, places: Places, connect: Callable[[Plan], None]) -> None:
    """Make the folder, the network and the keys, and the admin's way in."""
    with places.locked("limits"):
        limits.raise_limits(plan.folder.parent)
        plan.folder.mkdir(mode=0o711, parents=True)
    connect(plan)
    pki.create_pki(plan)
    write_kubeconfig(plan.pki, pki.ADMIN, places.kubeconfig)


def plug_in(plan: Plan, one: Node) -> None:
    """Plug a node's cable in and take away every filter that concerns it."""
    network.set_link(plan, one, up=True)
    filters.clear(plan, one)


def switch_on(plan: Plan, one: Node, places: Places) -> None:
    """Start a stopped node and plug it in."""
    network.set_link(plan, one, up=True)
    node.start_node(plan, one, places)
    node.join_node(plan, one, places)


def revive(plan: Plan, places: Places) -> bool:
    """Switch on and plug in what a test left off; False if that does not make it work."""
    if not control_plane(plan, places).is_running():
        return False
    step("some of it is off or cut off: plugging in and switching on")
    try:
        for program in halting.halted(control_plane(plan, places)):
            halting.resume(control_plane(plan, places), program)
        for one in plan.nodes:
            plug_in(plan, one)
            if not node.machine_of(plan, one, places).is_running():
                switch_on(plan, one, places)
        _wait_for_all(plan, places)
    except LabError as error:
        step(f"that did not help ({error}): making the cluster anew")
        return False
    return True


def kubectl(plan: Plan, places: Places) -> list[str]:
    """Return kubectl as the admin, in the control plane's network."""
    program = builds.program(builds.KUBERNETES, "kubectl", places)
    enter = network.inside(plan.control_namespace)
    return [*enter, str(program), f"--kubeconfig={places.kubeconfig}"]


def on_nodes(plan: Plan, places: Places, act: Callable[[Node], None]) -> None:
    """Do the same on every running node at the same time."""
    running = [one for one in plan.nodes if node.machine_of(plan, one, places).is_running()]
    with ThreadPoolExecutor(max_workers=len(plan.nodes)) as pool:
        for done in [pool.submit(act, one) for one in running]:
            done.result()


def import_everywhere(plan: Plan, places: Places, archive: Path) -> None:
    """Give an image file to every running node."""
    on_nodes(plan, places, lambda one: node.import_image(plan, one, archive, places))


def _start_nodes(plan: Plan, places: Places) -> None:
    """Start every node's containerd and fill it while the control plane comes up."""
    for one in plan.nodes:
        node.start_node(plan, one, places)
    for image in BASICS:
        import_everywhere(plan, places, ensure_image(image, places))
    control_plane(plan, places).wait_for("ready")
    on_nodes(plan, places, lambda one: node.join_node(plan, one, places))
    for image in USUAL_IMAGES:
        import_everywhere(plan, places, ensure_image(image, places))
    step("images are on the nodes")


def _apply_addons(plan: Plan, places: Places) -> None:
    addons = MANIFESTS / "addons"
    run([*kubectl(plan, places), "apply", "--server-side", "--filename", addons])
    control_plane(plan, places).open_gate("addons")


def _wait_for_all(plan: Plan, places: Places) -> None:
    names = {one.name for one in plan.nodes}
    ask = kubectl(plan, places)
    health.wait_until("nodes Ready", lambda: ready_nodes(ask) == names, _READY_SECONDS)
    step(f"nodes are Ready: {', '.join(sorted(names))}")
    health.wait_until("DNS answers", lambda: health.dns_answers(plan), _READY_SECONDS)
    log = control_plane(plan, places).logs / f"{pki.STORAGE}.log"
    health.wait_until("volumes", lambda: health.provisioner_works(log), _READY_SECONDS)
    step("names and volumes work")
