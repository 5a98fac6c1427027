"""From the names of objects to what is behind them on this machine: folders and processes.

A folder is touched only below a node's own store of volumes, a process only if it is in the
control group of the very container that the API server names.
"""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cluster.lab.console import LabError
from cluster.lab.places import Places
from cluster.lab.programs import run

from . import bring_up, cgroups, records
from .plan import Plan
from .settings import VOLUMES

Raw = Mapping[str, Any]


def empty_claim(plan: Plan, places: Places, claim: str) -> None:
    """Delete everything in the volume of a claim (NAMESPACE/NAME)."""
    for entry in _folder_of_claim(plan, places, claim).iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def swap_claims(plan: Plan, places: Places, claim: str, other: str) -> None:
    """Let the volumes of two claims (NAMESPACE/NAME) hold what the other one held."""
    swap_folders(
        _folder_of_claim(plan, places, claim), _folder_of_claim(plan, places, other), plan.folder
    )


def swap_folders(folder: Path, other: Path, beside: Path) -> None:
    """Swap what two folders hold by renaming: owners, modes and open files stay as they are."""
    if folder == other:
        raise LabError(f"{folder} cannot be swapped with itself")
    with tempfile.TemporaryDirectory(dir=beside) as aside:
        for source, target in ((folder, Path(aside)), (other, folder), (Path(aside), other)):
            for entry in list(source.iterdir()):
                entry.rename(target / entry.name)


def signal_pod(plan: Plan, places: Places, pod: str, name: str) -> None:
    """Send a signal to the main process of a pod's first container (NAMESPACE/NAME)."""
    namespace, pod_name = split_name(pod)
    found = _get(plan, places, "pod", pod_name, namespace)
    container = container_of(found)
    group = cgroups.find(plan.cluster, found["spec"]["nodeName"], container)
    signal_main(group, getattr(signal, name), pod)


def split_name(named: str) -> tuple[str, str]:
    """Split NAMESPACE/NAME; a bare name is in `default`."""
    namespace, _, name = named.rpartition("/")
    if not name or "/" in namespace:
        raise LabError(f"{named!r} is not NAMESPACE/NAME")
    return namespace or "default", name


def container_of(pod: Raw) -> str:
    """Return the id of the container that runs now, the first of the pod's."""
    first = pod["spec"]["containers"][0]["name"]
    for status in pod.get("status", {}).get("containerStatuses", []):
        if status["name"] == first and "running" in status["state"]:
            return str(status["containerID"]).removeprefix("containerd://")
    raise LabError(f"container {first} of {pod['metadata']['name']} does not run")


def _folder_of_claim(plan: Plan, places: Places, claim: str) -> Path:
    namespace, name = split_name(claim)
    found = _get(plan, places, "pvc", name, namespace)
    volume = found["spec"].get("volumeName")
    if not volume:
        raise LabError(f"claim {claim} has no volume yet")
    return folder_of(plan, _get(plan, places, "pv", volume))


def folder_of(plan: Plan, volume: Raw) -> Path:
    """Return a volume's folder on this machine; refuse one outside of the nodes' volumes."""
    name, spec = volume["metadata"]["name"], volume["spec"]
    inside = Path((spec.get("hostPath") or spec.get("local") or {}).get("path", ""))
    if not inside.is_absolute():
        raise LabError(f"volume {name} is no folder of a node")
    store = (plan.machine_folder(_node_of(volume)) / VOLUMES.removeprefix("/")).resolve()
    folder = (plan.machine_folder(_node_of(volume)) / str(inside).removeprefix("/")).resolve()
    if store not in folder.parents or plan.folder.resolve() not in folder.parents:
        raise LabError(f"volume {name} lies outside of {store}: {inside}")
    return folder


def _node_of(volume: Raw) -> str:
    terms = volume["spec"].get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", [])
    names = {
        value
        for term in terms
        for match in term.get("matchExpressions", [])
        if match["key"] == "kubernetes.io/hostname" and match["operator"] == "In"
        for value in match["values"]
    }
    if len(names) != 1:
        raise LabError(f"volume {volume['metadata']['name']} is not tied to one node")
    return str(names.pop())


def signal_main(group: Path, number: signal.Signals, pod: str) -> None:
    """Open the process first, then look whether it is still the container's, then send."""
    main = main_process(group, pod)
    try:
        handle = os.pidfd_open(main)
        try:
            if main_process(group, pod) != main:
                raise ProcessLookupError
            signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
    except ProcessLookupError as gone:
        raise LabError(f"the process of {pod} has just changed") from gone


def main_process(group: Path, pod: str) -> int:
    """Find the one process of a control group whose parent is not in it."""
    try:
        listed = [int(line) for line in (group / "cgroup.procs").read_text().split()]
    except OSError:  # the group went with its last process
        listed = []
    stats = {pid: stat for pid in listed if (stat := records.stat_of(pid))}
    mains = [pid for pid, stat in stats.items() if stat.parent not in stats]
    if len(mains) != 1:
        raise LabError(f"{pod} has {len(mains)} main processes")
    return mains[0]


def _get(
    plan: Plan, places: Places, kind: str, name: str, namespace: str | None = None
) -> dict[str, Any]:
    where = ["--namespace", namespace] if namespace else []
    ask = [*bring_up.kubectl(plan, places), *where, "get", kind, name, "--output=json"]
    found: dict[str, Any] = json.loads(run(ask))
    return found
