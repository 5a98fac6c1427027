"""A node that is lost: reported by name, nothing removed by force, and its member comes back."""

import pytest

from e2e.faults import Faults, node_of
from e2e.history import Watched
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def operator_nodes(replica_set: ReplicaSet) -> set[str]:
    """The nodes of the installed operator: this is not about its own loss."""
    done = replica_set.kubectl(
        "-n", "mongors", "get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}"
    )
    return set(done.stdout.split())


def test_a_lost_node_is_named_and_its_member_comes_back(
    running: ReplicaSet, faults: Faults
) -> None:
    """Rules 43 and 59: two of three go on; the pod of the third is left as it is."""
    homes = operator_nodes(running)
    secondaries = {0, 1, 2} - {running.primary_ordinal()}
    away = next(each for each in secondaries if node_of(running, each) not in homes)
    node, before = node_of(running, away), running.get("pod", f"mongo-{away}")["metadata"]["uid"]
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        faults.stop(node)
        eventually(
            lambda: f"its node {node} does not report" in (running.status().get("plan") or ""),
            120, "the node is named", running.explain,
        )  # fmt: skip
        writer.await_more()
        pod = running.get("pod", f"mongo-{away}")["metadata"]
        assert (pod["uid"], "deletionTimestamp" in pod) == (before, False)
        faults.start(node)
        running.await_ready(120)
        writer.await_more()
    writer.check_every_member()
    assert seen.violations == []
    assert (seen.elections, seen.reconfigs) == (0, [])
    measured("a secondary's node switched off and on", "power of a node", writer, seen)
