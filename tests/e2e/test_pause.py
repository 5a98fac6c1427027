"""A paused set is looked at and left alone; resuming heals what happened meanwhile."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.faults import Faults
from e2e.history import Watched
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.test_roles import role_of
from e2e.writer import Writer

WRITES = {"create", "update", "patch", "delete", "deletecollection"}
REPORTS = {("patch", "mongoreplicasets/status")}
ROLE = "mongors.io/role"


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def writes_since(since: datetime, replica_set: ReplicaSet) -> Counter[tuple[str, str]]:
    """Count what the operator wrote in the set's namespace, Events of its reports aside."""
    named = os.environ.get("MONGORS_AUDIT_LOG")
    if not named:
        pytest.skip("this cluster shows no audit log: requests cannot be counted")
    counted: Counter[tuple[str, str]] = Counter()
    for line in Path(named).read_text().splitlines():
        entry = json.loads(line)
        about = entry.get("objectRef", {})
        if (
            entry.get("userAgent", "").startswith("mongors/")
            and entry["stage"] == "ResponseComplete"
            and about.get("namespace") == replica_set.namespace
            and entry["verb"] in WRITES
            and about["resource"] not in ("events", "leases")
            and datetime.fromisoformat(entry["requestReceivedTimestamp"]) >= since
        ):
            parts = [about["resource"], *([about["subresource"]] * ("subresource" in about))]
            counted[entry["verb"], "/".join(parts)] += 1
    return counted


def labelled(replica_set: ReplicaSet, ordinal: int) -> bool:
    """Whether a pod shows a role."""
    return ROLE in replica_set.get("pod", f"mongo-{ordinal}")["metadata"]["labels"]


def pause(replica_set: ReplicaSet) -> datetime:
    """Pause, and return since when."""
    replica_set.change(paused=True)
    eventually(
        lambda: replica_set.status().get("phase") == "Paused", 15, "it says so", replica_set.explain
    )
    return datetime.now(UTC)


def resume(replica_set: ReplicaSet) -> None:
    """Resume, and wait until all is well."""
    replica_set.change(paused=False)
    replica_set.await_ready(80)


def test_nothing_is_put_right_while_paused(running: ReplicaSet) -> None:
    with Writer(running) as writer, Watched(running) as seen:
        since = pause(running)
        running.run("label", "pod", "mongo-1", f"{ROLE}-")
        running.run("delete", "service", "mongo-read")
        running.scale(5)
        generation = running.get()["metadata"]["generation"]
        eventually(
            lambda: running.status().get("observedGeneration") == generation, 15, "it has looked"
        )
        assert running.get("statefulset")["spec"]["replicas"] == 3
        assert len(seen.configs[-1].members) == 3
        assert not labelled(running, 1)
        assert "mongo-read" not in running.run("get", "services", "-o", "name")
        assert writes_since(since, running).keys() <= REPORTS
        writer.await_more()
        resume(running)
        assert labelled(running, 1)
        assert running.get("service", "mongo-read")["metadata"]["name"] == "mongo-read"
        assert running.status()["ready"] == "5/5"
    writer.check_every_member()
    assert seen.violations == []
    assert writer.errors == []
    assert seen.elections == 0
    measured("paused: a label, a Service and members changed", "by hand", writer, seen)


def test_status_follows_a_crash_while_paused_and_nothing_else_does(
    running: ReplicaSet, faults: Faults
) -> None:
    old = running.primary_ordinal()
    with Writer(running) as writer, Watched(running) as seen:
        since = pause(running)
        faults.kill(f"{running.namespace}/mongo-{old}")
        eventually(
            lambda: running.status().get("primary") not in (None, f"mongo-{old}"),
            40,
            "the status shows the new primary",
            running.explain,
        )
        eventually(
            lambda: running.status().get("readyMembers") == len(running.pods()),
            40,
            "the status shows that the old one is back",
            running.explain,
        )
        new = running.primary_ordinal()
        assert role_of(running, old) == "primary", "labels are left as they were"
        assert running.status()["phase"] == "Paused"
        assert writes_since(since, running).keys() <= REPORTS
        resume(running)
        eventually(lambda: role_of(running, new) == "primary", 15, "the label follows")
        assert role_of(running, old) == "secondary"
        writer.await_more()
    writer.check_every_member()
    assert seen.violations == []
    assert seen.elections >= 1
    measured("the primary crashes while paused", "SIGKILL", writer, seen)
