"""A node that is lost: reported by name, nothing removed by force, and its member comes back."""

import pytest

from e2e.faults import Faults, node_of
from e2e.history import Watched
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.test_scale import make_primary
from e2e.writer import Writer

pytestmark = pytest.mark.alone


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


def uid_of(replica_set: ReplicaSet, ordinal: int) -> str:
    """The UID of a pod that nobody has deleted."""
    pod = replica_set.get("pod", f"mongo-{ordinal}")["metadata"]
    assert "deletionTimestamp" not in pod
    return str(pod["uid"])


def await_named(replica_set: ReplicaSet, node: str) -> None:
    """Wait until the set says which node is gone."""
    eventually(
        lambda: f"its node {node} does not report" in (replica_set.status().get("plan") or ""),
        120, "the node is named", replica_set.explain,
    )  # fmt: skip


def test_a_lost_node_is_named_and_its_member_comes_back(
    running: ReplicaSet, faults: Faults
) -> None:
    """Rules 43 and 59: two of three go on; the pod of the third is left as it is."""
    homes = operator_nodes(running)
    secondaries = {0, 1, 2} - {running.primary_ordinal()}
    away = next(each for each in secondaries if node_of(running, each) not in homes)
    node, before = node_of(running, away), uid_of(running, away)
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        faults.stop(node)
        await_named(running, node)
        assert running.condition("Ready")["reason"] == "NodeLost"
        writer.await_more()
        assert uid_of(running, away) == before
        faults.start(node)
        running.await_ready(120)
        writer.await_more()
    writer.check_every_member()
    assert seen.violations == []
    assert (seen.elections, seen.reconfigs) == (0, [])
    measured("a secondary's node switched off and on", "power of a node", writer, seen)


def test_the_primarys_node_is_cut_off_and_another_member_takes_over(
    running: ReplicaSet, faults: Faults
) -> None:
    """Rules 29, 43 and 59: its mongod may live on, so nothing is removed, and nothing forced."""
    homes = operator_nodes(running)
    away = next(each for each in range(3) if node_of(running, each) not in homes)
    make_primary(running, away)
    running.await_ready()
    node, before = node_of(running, away), uid_of(running, away)
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        faults.cut(node)
        eventually(
            lambda: running.status().get("primary") not in (None, f"mongo-{away}"),
            40, "another one is primary", running.explain,
        )  # fmt: skip
        writer.await_more()
        await_named(running, node)
        assert uid_of(running, away) == before
        faults.heal(node)
        running.await_ready(120)
        writer.await_more()
    writer.check_every_member()
    assert (uid_of(running, away), seen.violations) == (before, [])
    assert len({config.version for config in seen.configs}) == 1, "no reconfig but of an election"
    assert seen.elections >= 1
    measured("the primary's node cut off and plugged in", "cable of a node", writer, seen)
