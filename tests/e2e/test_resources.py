"""F45, F46, F49: a member that runs out of disk or memory is named, and stays a member."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from pymongo.errors import PyMongoError
from pymongo.read_preferences import Nearest

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
            "capacity": {"storage": "1Gi"},
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
    replica_set.apply(members=3, storage={"className": small, "size": "1Gi"})
    replica_set.await_ready()
    before = replica_set.rs_config()["members"]
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        writer.await_more()
        full = replica_set.primary_ordinal()
        faults.fill(*disk_of(replica_set, full))
        eventually(
            lambda: says(replica_set, f"mongo-{full}: its mongod ended", "is full", "storage.size"),
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
            lambda: says(replica_set, "mongo-3", "its mongod ended", "is full"),
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


def fill_memory(replica_set: ReplicaSet, ordinal: int) -> None:
    """Have a member build documents of forty megabytes, several at the same time."""

    def ask(_: int) -> None:
        with suppress(PyMongoError), replica_set.member(ordinal) as client:
            every = {"$group": {"_id": None, "all": {"$push": "$$ROOT"}}}
            list(client.app.get_collection("big", read_preference=Nearest()).aggregate([every]))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))


def test_a_member_that_runs_out_of_memory_is_told_so(replica_set: ReplicaSet) -> None:
    """It is ended again and again: it stays a member, and what it is told to do heals it."""
    amount = {"memory": "256Mi"}
    replica_set.apply(members=3, resources={"limits": amount, "requests": amount})
    replica_set.await_ready()
    with replica_set.application() as client:
        for number in range(80):  # one by one: the primary has to live with little memory, too
            client.app.big.insert_one({"_id": number, "x": os.urandom(2**19)})
    victim = max({0, 1, 2} - {replica_set.primary_ordinal()})
    with Writer(replica_set) as writer, Watched(replica_set) as seen:

        def is_told() -> bool:
            fill_memory(replica_set, victim)
            return says(replica_set, f"mongo-{victim}", "out of memory", "resources.limits.memory")

        eventually(is_told, 120, "it is told", replica_set.explain)
        assert len(replica_set.rs_config(replica_set.primary_ordinal())["members"]) == 3
        replica_set.change(resources=None)
        replica_set.await_ready(180)
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 1, [])
    measured("a secondary out of memory, then its limit taken away", "large queries", writer, seen)
