"""The operator itself: it may die at any moment, costs nothing at rest, and one works at a time."""

import json
import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e.conftest import Kubectl
from e2e.own import own_operator
from e2e.rest import operator_at_rest
from e2e.sets import ReplicaSet, eventually

ACCOUNT = "system:serviceaccount:mongors:mongors"
KILLS = 10


@pytest.mark.resting
def test_operator_killed_at_random_in_mid_birth_finishes(
    kubectl: Kubectl, replica_set: ReplicaSet
) -> None:
    seed = int(os.environ.get("SEED", "7"))
    chance = random.Random(seed)
    with operator_at_rest(kubectl):
        replica_set.apply(members=3)
        for _ in range(KILLS):
            with own_operator(replica_set.namespace):
                time.sleep(chance.uniform(1.5, 3.5))
        with own_operator(replica_set.namespace):
            replica_set.await_ready()
            config = replica_set.rs_config()
            assert len(config["members"]) == 3
            ids = {
                str(replica_set.rs_config(each)["settings"]["replicaSetId"]) for each in range(3)
            }
            assert ids == {replica_set.status()["replicaSetId"]}
            with replica_set.application() as client:
                client.app.things.insert_one({"after": KILLS})


@pytest.mark.resting
def test_operator_stops_cleanly_in_seconds(kubectl: Kubectl, replica_set: ReplicaSet) -> None:
    with own_operator(replica_set.namespace) as process:
        eventually(lambda: holder(replica_set), 20, "it holds its Lease")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not holder(replica_set), "the Lease is released at exit"


def holder(replica_set: ReplicaSet) -> str:
    """Who holds the Lease in the set's namespace."""
    leases = replica_set.all_of("leases")
    return str(leases[0]["spec"].get("holderIdentity") or "") if leases else ""


@pytest.mark.resting
def test_operator_looks_after_its_namespaces_alone(
    kubectl: Kubectl, replica_set: ReplicaSet, namespace: str
) -> None:
    with operator_at_rest(kubectl), own_operator(replica_set.namespace):
        other = ReplicaSet(kubectl, namespace)
        other.apply(members=1)
        replica_set.apply(members=1)
        replica_set.await_ready()
        assert other.status() == {}
        other.delete()


@pytest.mark.alone
def test_standby_takes_over_when_the_active_operator_goes(
    kubectl: Kubectl, replica_set: ReplicaSet
) -> None:
    home = "--namespace=mongors"
    try:
        kubectl("scale", "deployment/mongors", "--replicas=2", home)
        kubectl("rollout", "status", "deployment/mongors", "--timeout=60s", home)
        first = lease_holder(kubectl)
        kubectl("delete", first, home, "--wait=false")  # it names its pod
        eventually(lambda: lease_holder(kubectl) not in ("", first), 20, "the other takes over")
        replica_set.apply(members=1)
        replica_set.await_ready()
    finally:
        kubectl("scale", "deployment/mongors", "--replicas=1", home)


def lease_holder(kubectl: Kubectl) -> str:
    """Who holds the installed operator's Lease."""
    lease = kubectl("get", "lease", "mongors", "-n", "mongors", "-o", "json")
    return str(json.loads(lease.stdout)["spec"].get("holderIdentity") or "")


@pytest.fixture
def audit_log() -> Path:
    """The API server's audit log; only a cluster of ours has one."""
    named = os.environ.get("MONGORS_AUDIT_LOG")
    if not named:
        pytest.skip("this cluster shows no audit log: requests cannot be counted")
    return Path(named)


def requests_since(
    audit_log: Path, since: datetime, replica_set: ReplicaSet
) -> Counter[tuple[str, str]]:
    """Count the installed operator's requests about a set, and about nodes.

    Watches are renewed, not counted.
    """
    counted: Counter[tuple[str, str]] = Counter()
    for line in audit_log.read_text().splitlines():
        entry = json.loads(line)
        about = entry.get("objectRef", {})
        names = f"{about.get('namespace')}:{about.get('name')}".split(":")
        if (
            entry["user"]["username"] == ACCOUNT
            and entry["stage"] == "ResponseComplete"
            and datetime.fromisoformat(entry["requestReceivedTimestamp"]) >= since
            and entry["verb"] != "watch"
            and (replica_set.namespace in names or about.get("resource") == "nodes")
        ):
            counted[entry["verb"], about["resource"]] += 1
    return counted


def writes_since(
    audit_log: Path, since: datetime, replica_set: ReplicaSet
) -> dict[tuple[str, str], int]:
    """Of these requests those that ask for a change."""
    counted = requests_since(audit_log, since, replica_set)
    return {what: count for what, count in counted.items() if what[0] not in {"get", "list"}}


@pytest.mark.alone
def test_idle_operator_sends_no_request(replica_set: ReplicaSet, audit_log: Path) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    settled = eventually(lambda: replica_set.unwritten_for(3), 30, "the set comes to rest")
    since = datetime.now(UTC)
    time.sleep(25)  # two checks at rest
    assert requests_since(audit_log, since, replica_set) == Counter()
    assert replica_set.get()["metadata"]["resourceVersion"] == settled


@pytest.mark.alone
def test_a_birth_costs_so_many_writes_and_no_more(replica_set: ReplicaSet, audit_log: Path) -> None:
    """Each object is made once; what follows the pods is bounded by their number."""
    since = datetime.now(UTC)
    replica_set.apply(members=3)
    replica_set.await_ready()
    eventually(lambda: replica_set.unwritten_for(3), 30, "the set comes to rest")
    writes = writes_since(audit_log, since, replica_set)
    status, events = writes.pop(("patch", "mongoreplicasets")), writes.pop(("create", "events"))
    pods, secrets = writes.pop(("patch", "pods")), writes.pop(("patch", "secrets"))
    assert writes == {
        ("create", "secrets"): 3,
        ("patch", "serviceaccounts"): 1,
        ("patch", "services"): 3,
        ("patch", "poddisruptionbudgets"): 1,
        ("patch", "statefulsets"): 1,
    }
    assert secrets <= 3 + 3, "each is filled; the key's notes its identity and users"
    assert pods <= 3 * 5, "may start, may not again; its role twice at most, and in service"
    assert status <= 16, "a line of progress for each turn of each pod"
    assert events <= 15


@pytest.mark.alone
def test_a_change_costs_so_many_writes_and_no_more(
    replica_set: ReplicaSet, audit_log: Path
) -> None:
    """One reconfig; what is written of it is where it stands, and what was done."""
    replica_set.apply(members=3)
    replica_set.await_ready()
    eventually(lambda: replica_set.unwritten_for(3), 30, "the set comes to rest")
    since, version = datetime.now(UTC), replica_set.rs_config()["version"]
    replica_set.change(settings={"electionTimeoutMillis": 9000})
    eventually(lambda: replica_set.rs_config()["version"] > version, 30, "it is reconfigured")
    eventually(lambda: replica_set.unwritten_for(3), 30, "the set comes to rest")
    writes = writes_since(audit_log, since, replica_set)
    status = writes.pop(("patch", "mongoreplicasets"))
    events = sum(writes.pop((verb, "events"), 0) for verb in ("create", "patch"))
    assert (writes, replica_set.rs_config()["version"]) == ({}, version + 1)
    assert status <= 3, "what is waited for, what was done, and that it is Ready of this spec"
    assert events <= 3


@pytest.mark.alone
def test_same_pass_twice_writes_nothing(replica_set: ReplicaSet, audit_log: Path) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    eventually(lambda: replica_set.unwritten_for(3), 30, "the set comes to rest")
    since = datetime.now(UTC)
    replica_set.run("annotate", "mrs", "mongo", "example.com/look=again")
    time.sleep(3)
    counted = requests_since(audit_log, since, replica_set)
    assert {verb for verb, _ in counted} <= {"get"}, "a look at what no watch shows, and no write"
