"""The gap between acknowledged majority writes when the primary changes, side by side.

A bare `replSetStepDown` is what mongod itself costs; beside it the operator's switchover and its
restart of all members, in random order, on one set.

Run it beside a cluster with the operator installed:
`tests/cluster/cluster exec -- env PYTHONPATH=tests .venv/bin/python tests/bench/handovers.py`
"""

import argparse
import random
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from pymongo.errors import PyMongoError

from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

PATIENCE_SECONDS = 180


def kubectl(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run kubectl."""
    return subprocess.run(
        ["kubectl", *args], input=stdin, capture_output=True, text=True, check=False, timeout=120
    )


def bare(replica_set: ReplicaSet) -> None:
    """What mongod itself costs: a step-down that is not forced."""
    before = replica_set.status()["primary"]
    with replica_set.member(replica_set.primary_ordinal()) as member, suppress(PyMongoError):
        member.admin.command({"replSetStepDown": 60, "secondaryCatchUpPeriodSecs": 10})
    await_other(replica_set, before)


def switchover(replica_set: ReplicaSet) -> None:
    """The operator hands over to a named member."""
    before = replica_set.status()["primary"]
    target = random.choice(sorted({"mongo-0", "mongo-1", "mongo-2"} - {before}))
    annotate(replica_set, f"primary={target}@{uuid4().hex[:6]}")
    await_other(replica_set, before)


def restart(replica_set: ReplicaSet) -> None:
    """The operator restarts all members, the primary last."""
    before = {pod["metadata"]["uid"] for pod in replica_set.pods()}
    annotate(replica_set, f"restart={uuid4().hex[:6]}")
    eventually(
        lambda: not before & {pod["metadata"]["uid"] for pod in replica_set.pods()},
        PATIENCE_SECONDS,
        "all pods are new",
    )


def annotate(replica_set: ReplicaSet, annotation: str) -> None:
    """Ask the operator for something."""
    name = f"mrs/{replica_set.name}"
    replica_set.run("annotate", name, "--overwrite", f"mongors.io/{annotation}")


def await_other(replica_set: ReplicaSet, before: str) -> None:
    """Wait until another member is primary."""
    eventually(
        lambda: replica_set.status().get("primary") not in (None, before),
        PATIENCE_SECONDS,
        "another member is primary",
    )


def thaw(replica_set: ReplicaSet) -> None:
    """Let every member stand again, whatever the round before did: all rounds begin alike."""
    primary = replica_set.primary_ordinal()
    for ordinal in range(len(replica_set.pods())):
        if ordinal != primary:
            with replica_set.member(ordinal) as member:
                member.admin.command({"replSetFreeze": 0})


def measure(replica_set: ReplicaSet, change: Callable[[ReplicaSet], None]) -> tuple[float, float]:
    """The longest gap and the length of one change, in seconds; errors of writes end the run."""
    replica_set.await_ready(PATIENCE_SECONDS)
    thaw(replica_set)
    time.sleep(2)
    began = time.monotonic()
    with Writer(replica_set) as writer:
        writer.await_more(50)
        change(replica_set)
        replica_set.await_ready(PATIENCE_SECONDS)
        writer.await_more(50)
    assert not writer.errors, writer.errors[:3]
    return writer.longest_gap, time.monotonic() - began


def main() -> None:
    """Measure and print every round, then medians and their ratio to the bare step-down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    replica_set = ReplicaSet(kubectl, f"bench-{uuid4().hex[:8]}")
    kubectl("create", "namespace", replica_set.namespace)
    gaps: dict[str, list[float]] = {}
    try:
        replica_set.apply(members=3)
        for _ in range(given.rounds):
            changes = [bare, switchover, restart]
            random.shuffle(changes)
            for change in changes:
                gap, length = measure(replica_set, change)
                gaps.setdefault(change.__name__, []).append(gap)
                print(f"{change.__name__:12} gap {gap:5.2f} s  length {length:6.2f} s", flush=True)
    finally:
        kubectl("delete", "namespace", replica_set.namespace, "--wait=false")
    floor = statistics.median(gaps["bare"])
    for name, column in gaps.items():
        median = statistics.median(column)
        print(f"{name}: median {median:.2f} s, maximum {max(column):.2f} s, {median / floor:.2f} x")


if __name__ == "__main__":
    main()
