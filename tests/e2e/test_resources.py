"""F45, F46, F49: a member that runs out of disk or memory is named, and stays a member."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from e2e.faults import Faults
from e2e.history import Watched
from e2e.measured import measured
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.writer import Writer

DISKS = {"a": "node-1", "b": "node-2", "c": "node-3", "d": "node-1"}
"""Small disks of the nodes; the last is for a member that joins."""


def volume(name: str, node: str, storage_class: str) -> Raw:
    """A volume on such a disk."""
    host = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "600Mi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": storage_class,
            "local": {"path": f"/var/lib/local-path-provisioner/{name}"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [host]}]}},
        },
    }


@pytest.fixture
def small(replica_set: ReplicaSet, faults: Faults) -> Iterator[str]:
    """A class of four small volumes, each on a disk of its own; its name begins theirs."""
    name = f"small-{uuid4().hex[:6]}"
    made: list[Raw] = [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": "kubernetes.io/no-provisioner",
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    ]
    for disk, node in DISKS.items():
        faults.disk(node, f"{name}-{disk}", "700M")
        made.append(volume(f"{name}-{disk}", node, name))
    for each in made:
        replica_set.run("create", "-f", "-", stdin=json.dumps(each))
    yield name
    for each in made:
        replica_set.run("delete", each["kind"], each["metadata"]["name"], "--wait=false")


def disk_of(replica_set: ReplicaSet, ordinal: int) -> tuple[str, str]:
    """The node and the disk of a member."""
    name = str(replica_set.get("pvc", f"data-mongo-{ordinal}")["spec"]["volumeName"])
    return DISKS[name.rsplit("-", 1)[1]], name


def says(replica_set: ReplicaSet, *words: str) -> bool:
    """Whether the set is not Ready, and says all this of the reason."""
    told = replica_set.condition("Ready")
    said = f"{told.get('message')} {replica_set.status().get('plan')}"
    return told.get("status") == "False" and all(word in said for word in words)


def test_a_full_disk_is_named_and_its_member_comes_back_when_there_is_room(
    replica_set: ReplicaSet, faults: Faults, small: str
) -> None:
    """Under the primary first, then under one that joins: nobody leaves, nothing is wiped."""
    replica_set.apply(members=3, storage={"size": "500Mi", "className": small})
    replica_set.await_ready()
    before = replica_set.rs_config()["members"]
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        writer.await_more()
        full = replica_set.primary_ordinal()
        faults.fill(*disk_of(replica_set, full))
        eventually(
            lambda: says(replica_set, f"mongo-{full}", "its mongod ended", "No space left"),
            120, "the full disk is named", replica_set.explain,
        )  # fmt: skip
        writer.await_more()
        faults.spare(*disk_of(replica_set, full))
        replica_set.await_ready(180)
        writer.await_more()
    writer.check_every_member()
    assert replica_set.rs_config(full)["members"] == before
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 1, [])
    measured("the primary's disk full, and freed", "a small disk filled", writer, seen)
    joins_over_a_full_disk(replica_set, faults, small)


def joins_over_a_full_disk(replica_set: ReplicaSet, faults: Faults, small: str) -> None:
    free = f"{small}-{({*DISKS} - {disk_of(replica_set, each)[1][-1] for each in range(3)}).pop()}"
    node = DISKS[free[-1]]
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        faults.fill(node, free)
        replica_set.scale(4)
        eventually(
            lambda: says(replica_set, "mongo-3", "its mongod ended"),
            120, "the full disk is named", replica_set.explain,
        )  # fmt: skip
        writer.await_more()
        assert len(replica_set.rs_config()["members"]) == 3, "it is no member yet"
        faults.spare(node, free)
        replica_set.await_ready(180)
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 0)
    measured("a member joins over a full disk, then freed", "a small disk filled", writer, seen)


def test_a_member_that_runs_out_of_memory_is_told_so(replica_set: ReplicaSet) -> None:
    """The limit is too small to live with: the roll stops after one pod, and raising it heals."""
    replica_set.apply(members=3)
    replica_set.await_ready()
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        writer.await_more()
        replica_set.change(resources={"limits": {"memory": "64Mi"}, "requests": {"memory": "64Mi"}})
        eventually(
            lambda: says(replica_set, "out of memory", "resources.limits.memory"),
            120, "it is told", replica_set.explain,
        )  # fmt: skip
        writer.await_more()
        replica_set.change(resources=None)
        replica_set.await_ready(180)
    writer.check_every_member()
    assert (writer.errors, seen.violations) == ([], [])
    measured("a memory limit too small to live with", "resources.limits.memory", writer, seen)
