"""Whose data a volume holds: a member with the data of another set is refused, and named."""

import json
from collections.abc import Iterable
from dataclasses import replace

from e2e.history import Watched
from e2e.invariants import ALWAYS, Invariant, claims_stay
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

OURS = {
    "app.kubernetes.io/name": "mongodb",
    "app.kubernetes.io/instance": "mongo",
    "app.kubernetes.io/managed-by": "mongors",
}


def stranger(replica_set: ReplicaSet, claim: str) -> str:
    """Give a claim the volume that another set has left behind; by its name."""
    other = ReplicaSet(replica_set.kubectl, replica_set.namespace, "other")
    other.apply(members=1)
    other.await_ready()
    volume = str(other.get("pvc", "data-other-0")["spec"]["volumeName"])
    keep = {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}
    other.run("patch", "pv", volume, "--type=merge", "-p", json.dumps(keep))
    other.delete()
    other.run("delete", "pvc", "data-other-0")
    ours = {"namespace": other.namespace, "name": claim, "uid": None, "resourceVersion": None}
    given = {"spec": {"claimRef": ours}}  # to this claim alone: others wait for volumes as well
    other.run("patch", "pv", volume, "--type=merge", "-p", json.dumps(given))
    wish = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": claim, "labels": OURS},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "volumeName": volume,
        },
    }
    replica_set.run("apply", "-f", "-", stdin=json.dumps(wish))
    return volume


def identities_seen(seen: Watched) -> set[str]:
    """The identities of all data that members held at any time."""
    looks = (look for one in seen.rounds for look in one.looks)
    return {look.config.set_id for look in looks if look.config}


def violations_of(seen: Watched, identity: str, without: Iterable[Invariant] = ()) -> list[str]:
    """What should never have been seen of the set with this identity, whatever others hold."""
    rounds = [
        replace(
            one,
            looks=[look for look in one.looks if not look.config or look.config.set_id == identity],
        )
        for one in seen.rounds
    ]
    return [said for each in ALWAYS if each not in without for said in each(rounds)]


def test_no_set_is_born_over_data_of_another(replica_set: ReplicaSet) -> None:
    """Rule 4: nothing is recorded of data whose members are none of this set's."""
    volume = stranger(replica_set, "data-mongo-0")
    replica_set.apply(members=1)
    stalled = replica_set.await_condition("Stalled", "True", "ForeignData", 90)
    assert "mongo-0: " in stalled["message"]
    assert "replicaSetId" not in replica_set.status()
    replica_set.run("delete", "pvc", "data-mongo-0", "--wait=false")
    replica_set.delete_pods("mongo-0")
    replica_set.await_ready(90)
    replica_set.run("delete", "pv", volume, "--wait=false")


def test_data_of_another_set_are_refused_by_name(replica_set: ReplicaSet) -> None:
    """Rules 4 and 88: nothing is changed until the volume is another one."""
    replica_set.apply(members=1)
    replica_set.await_ready()
    identity = replica_set.status()["replicaSetId"]
    volume = stranger(replica_set, "data-mongo-1")
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        replica_set.scale(2)
        stalled = replica_set.await_condition("Stalled", "True", "ForeignData", 90)
        assert "mongo-1: " in stalled["message"]
        assert identity in stalled["message"]
        config = replica_set.rs_config(0)
        assert [each["host"].partition(".")[0] for each in config["members"]] == ["mongo-0"]
        writer.await_more()
        replica_set.run("delete", "pvc", "data-mongo-1", "--wait=false")
        replica_set.delete_pods("mongo-1")
        replica_set.await_ready(90)
    members = replica_set.rs_config(0)["members"]
    assert [each["_id"] for each in members] == [0, 1]
    eventually(lambda: len(replica_set.pods()) == 2, 10, "both run")
    writer.check_every_member()
    assert len(identities_seen(seen)) == 2, "the other set's data were there"
    assert violations_of(seen, identity, without=(claims_stay,)) == []
    assert writer.errors == []
    replica_set.run("delete", "pv", volume, "--wait=false")
