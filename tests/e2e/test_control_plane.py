"""F10, F52: Kubernetes is away for a while; the set serves on, and is as it was afterwards."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from cluster.lab.nodes import parse_ready
from e2e.conftest import Kubectl
from e2e.faults import Faults
from e2e.history import Watched
from e2e.leaks import OPERATOR
from e2e.looking import identities
from e2e.measured import measured
from e2e.rest import DEPLOYMENT, HOME
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

pytestmark = pytest.mark.alone

STOCK_CACHE_SECONDS = 30
OUTAGE_SECONDS = 25
LONG_OUTAGE_SECONDS = 150
"""Longer than an operator alone keeps a Lease that it cannot renew."""


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


@contextmanager
def served(replica_set: ReplicaSet, scenario: str, injected: str) -> Iterator[Writer]:
    """Whatever happens meanwhile: every write is acknowledged and kept, and nobody is touched."""
    before = identities(replica_set)
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        writer.await_more()
        yield writer
        replica_set.await_ready()
    writer.check_every_member()
    assert identities(replica_set) == before
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 0, [])
    measured(scenario, injected, writer, seen)


def answers(kubectl: Kubectl) -> bool:
    return bool(kubectl("get", "--raw", "/readyz").returncode == 0)


def await_work(replica_set: ReplicaSet, kubectl: Kubectl) -> None:
    """The operator is at work: it makes a Service again that was deleted."""
    eventually(lambda: answers(kubectl), 60, "the API server answers")
    replica_set.run("delete", "service", "mongo-read", "--ignore-not-found")
    eventually(
        lambda: any(
            each["metadata"]["name"] == "mongo-read" for each in replica_set.all_of("services")
        ),
        90, "the operator is at work", replica_set.explain,
    )  # fmt: skip
    done = kubectl("rollout", "status", DEPLOYMENT, HOME, "--timeout=60s")
    assert done.returncode == 0, done.stderr


def restarts_of_operator(kubectl: Kubectl) -> int:
    """How often its container has begun anew, as it does when it has lost its Lease."""
    found = json.loads(kubectl("get", "pods", *OPERATOR, "-o", "json").stdout)
    states = [each["status"]["containerStatuses"][0] for each in found["items"]]
    return sum(each["restartCount"] for each in states)


def outlast(
    replica_set: ReplicaSet, kubectl: Kubectl, faults: Faults, scenario: str, seconds: int
) -> None:
    """Be without an API server for so long."""
    with served(replica_set, scenario, f"kube-apiserver halted for {seconds} s") as writer:
        faults.halt("kube-apiserver")
        writer.go_on(seconds)
        faults.resume_program("kube-apiserver")
        await_work(replica_set, kubectl)


def test_a_set_serves_while_the_api_server_is_away(
    running: ReplicaSet, kubectl: Kubectl, faults: Faults
) -> None:
    before = restarts_of_operator(kubectl)
    outlast(running, kubectl, faults, "API server away", OUTAGE_SECONDS)
    assert restarts_of_operator(kubectl) == before, "it has kept its Lease"


def test_a_set_serves_while_etcd_starts_again(
    running: ReplicaSet, kubectl: Kubectl, faults: Faults
) -> None:
    with served(running, "etcd restarted", "etcd halted") as writer:
        faults.halt("etcd")
        writer.await_more()
        faults.resume_program("etcd")
        await_work(running, kubectl)


def test_without_names_nobody_is_taken_for_lost(running: ReplicaSet, faults: Faults) -> None:
    """What is connected stays so; the operator asks pods by their addresses."""
    with served(running, "DNS away", "CoreDNS halted") as writer:
        faults.halt("coredns")
        writer.go_on(OUTAGE_SECONDS)
        assert running.is_ready()
        faults.resume_program("coredns")


def test_a_set_is_born_as_soon_as_there_are_names(replica_set: ReplicaSet, faults: Faults) -> None:
    """Pods start without DNS; nobody initiates before the members can find each other."""
    faults.halt("coredns")
    replica_set.apply(members=3)
    eventually(
        lambda: [pod["status"]["phase"] for pod in replica_set.pods()] == ["Running"] * 3,
        60, "the mongods run", replica_set.explain,
    )  # fmt: skip
    assert not replica_set.is_ready()
    faults.resume_program("coredns")
    replica_set.await_ready()
    config = replica_set.rs_config()
    assert (config["version"], config["term"]) == (1, 1)


def test_a_set_is_born_where_absent_names_are_remembered(
    replica_set: ReplicaSet, faults: Faults
) -> None:
    """Most clusters' CoreDNS: who asks for a member's name too early, has to wait for 30 s.

    So nobody may ask before the names are there, or the first configuration would take so long.
    """
    faults.use_stock_dns()
    replica_set.apply(members=3)
    replica_set.await_ready()
    assert len(replica_set.rs_config(0)["members"]) == 3
    assert seconds_from_running_to_ready(replica_set) < STOCK_CACHE_SECONDS
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        replica_set.scale(5)
        replica_set.await_ready(90)
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 0)
    measured("born and scaled to 5 with stock DNS caches", "CoreDNS caches for 30 s", writer, seen)


def seconds_from_running_to_ready(replica_set: ReplicaSet) -> float:
    """From the start of the last mongod to the set's first report that it is ready."""
    states = [pod["status"]["containerStatuses"][0]["state"] for pod in replica_set.pods()]
    last = max(datetime.fromisoformat(each["running"]["startedAt"]) for each in states)
    ready = datetime.fromisoformat(replica_set.condition("Ready")["lastTransitionTime"])
    return (ready - last).total_seconds()


def test_an_operator_that_cannot_keep_its_lease_ends_itself_and_the_set_serves_on(
    running: ReplicaSet, kubectl: Kubectl, faults: Faults
) -> None:
    """The last of these tests: the cluster's nodes and controllers need a while afterwards."""
    before = restarts_of_operator(kubectl)
    scenario = "API server away for longer than a Lease lasts"
    outlast(running, kubectl, faults, scenario, LONG_OUTAGE_SECONDS)
    eventually(lambda: restarts_of_operator(kubectl) > before, 60, "it has begun anew")
    back = datetime.now(UTC)
    eventually(
        lambda: all_nodes_are_there(kubectl, back), 150, "every node has reported again",
        lambda: kubectl("get", "nodes", "-o", "yaml").stdout,
    )  # fmt: skip


def all_nodes_are_there(kubectl: Kubectl, since: datetime) -> bool:
    """Whether each has renewed its Lease since, and pods may be placed on it.

    One that is late is taken for lost at first.
    """
    leases = json.loads(kubectl("-n", "kube-node-lease", "get", "leases", "-o", "json").stdout)
    nodes = json.loads(kubectl("get", "nodes", "-o", "json").stdout)
    renewed = [datetime.fromisoformat(each["spec"]["renewTime"]) for each in leases["items"]]
    all_ready = len(parse_ready(nodes)) == len(nodes["items"])
    tainted = [node for node in nodes["items"] if node["spec"].get("taints")]
    return min(renewed) > since and all_ready and not tainted
