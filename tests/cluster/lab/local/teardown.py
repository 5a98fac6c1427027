"""Taking a cluster down, whatever state it is in: half made, crashed, or already gone.

Nothing is searched for by name among processes: each machine's record names the one
process whose end is the end of the machine.
"""

import shutil
import time
from pathlib import Path

from cluster.lab.console import step
from cluster.lab.places import Places
from cluster.lab.programs import run

from . import cgroups, limits, network, records
from .plan import MOST_NODES, Plan

_RUNS_KEPT = 3


def tear_down(places: Places) -> None:
    """Remove processes, mounts, namespaces, groups and files; keep the logs in the cache."""
    existed = places.state.exists()
    for record in sorted(places.state.glob("*/process")):
        records.end(record)
    network.destroy_network(Plan.of(places.cluster, places.state, MOST_NODES))
    cgroups.destroy(places.cluster)
    _unmount_below(places.state)
    if existed:
        _keep_logs(places)
        shutil.rmtree(places.state)
        step(f"cluster {places.cluster} is gone; its logs: {past_logs(places)[0]}")
    with places.locked("limits"):
        limits.restore_limits(places.state.parent)


def past_logs(places: Places) -> list[Path]:
    """List the kept logs of earlier runs, the latest first."""
    return sorted(places.past_logs.glob(f"{places.cluster}@*"), reverse=True)


def latest_logs(places: Places) -> Path | None:
    """Name the folder of the running cluster, or the one where the last one's logs were kept."""
    return places.state if places.state.exists() else next(iter(past_logs(places)), None)


def _keep_logs(places: Places) -> None:
    """Move every machine's logs to the cache, and forget all but the last few runs."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target = places.past_logs / f"{places.cluster}@{stamp}"
    target.mkdir(parents=True, exist_ok=True)
    for folder in places.state.glob("*/var/log"):
        shutil.move(folder, target / folder.parents[1].name)
    for old in past_logs(places)[_RUNS_KEPT:]:
        shutil.rmtree(old)


def _unmount_below(folder: Path) -> None:
    """Unmount what an exotic kernel or hand left; mounts of machines end with them."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4] for line in lines]
    for point in sorted((one for one in points if one.startswith(f"{folder}/")), reverse=True):
        run(["umount", "--lazy", point])
