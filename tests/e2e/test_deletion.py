"""Deletion needs no operator; what is kept comes back with its data, keys and identity."""

from e2e.sets import ReplicaSet, eventually


def test_kept_set_comes_back_with_its_data_keys_and_identity(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3, deletionPolicy="Retain")
    replica_set.await_ready()
    identity = replica_set.status()["replicaSetId"]
    secrets = {kind: replica_set.secret(kind) for kind in ("keyfile", "operator", "connection")}
    with replica_set.application() as client:
        client.app.things.insert_one({"_id": "kept"})
    replica_set.delete()
    assert len(replica_set.all_of("pvc")) == 3
    replica_set.apply(members=3, deletionPolicy="Retain")
    replica_set.await_ready()
    assert replica_set.status()["replicaSetId"] == identity
    assert secrets == {kind: replica_set.secret(kind) for kind in secrets}
    with replica_set.application() as client:
        assert client.app.things.find_one({"_id": "kept"})


def test_nothing_is_left_of_a_set_that_asked_for_it(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=2, deletionPolicy="Delete")
    replica_set.await_ready()
    replica_set.delete()
    kinds = "pvc,secret,service,serviceaccount,statefulset,pdb,rolebinding,pod"
    ours = "app.kubernetes.io/managed-by=mongors"
    eventually(lambda: not replica_set.all_of(kinds, ours), 60, "all is gone", replica_set.explain)


def test_set_is_made_anew_while_the_old_one_is_still_going(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1, deletionPolicy="Delete")
    replica_set.await_ready()
    identity = replica_set.status()["replicaSetId"]
    replica_set.run("delete", "mrs/mongo", "--wait=false")
    eventually(lambda: not replica_set.all_of("mrs"), 30, "the resource is gone")
    replica_set.apply(members=1, deletionPolicy="Delete")
    replica_set.await_ready()
    assert replica_set.status()["replicaSetId"] != identity


def test_set_comes_back_without_its_secrets(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    identity = replica_set.status()["replicaSetId"]
    with replica_set.application() as client:
        client.app.things.insert_one({"_id": "kept"})
    replica_set.delete()
    replica_set.run("delete", "secret", "mongo-keyfile", "mongo-operator", "mongo-connection")
    replica_set.apply(members=3)
    replica_set.await_ready()
    assert replica_set.status()["replicaSetId"] == identity
    with replica_set.application() as client:
        assert client.app.things.find_one({"_id": "kept"})


def test_namespace_goes_with_a_set_in_it(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    replica_set.kubectl("delete", "namespace", replica_set.namespace, "--wait=false")
    eventually(
        lambda: replica_set.kubectl("get", "namespace", replica_set.namespace).returncode != 0,
        120,
        "the namespace is gone",
    )
