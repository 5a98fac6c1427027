"""What only the running set can tell: a condition says it, and what to do; nothing is lost."""

import json

from e2e.faults import Faults, frozen
from e2e.sets import ReplicaSet, eventually
from e2e.test_scale import make_primary


def change(replica_set: ReplicaSet, **spec: object) -> None:
    """Change fields of the spec as `kubectl patch` does."""
    patch = json.dumps({"spec": spec})
    replica_set.run("patch", "mrs", replica_set.name, "--type=merge", "-p", patch)


def test_unknown_storage_class_is_named_and_making_it_heals(replica_set: ReplicaSet) -> None:
    name = f"later-{replica_set.namespace}"
    replica_set.apply(members=1, storage={"size": "1Gi", "className": name})
    condition = replica_set.await_condition("Stalled", "True", "StorageClassMissing")
    assert name in condition["message"]
    standard = replica_set.get("storageclass", "standard")
    manifest = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": standard["provisioner"],
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    replica_set.run("create", "-f", "-", stdin=json.dumps(manifest))
    replica_set.await_ready()
    replica_set.run("delete", "storageclass", name)


def test_unschedulable_pods_tell_the_schedulers_reason_and_editing_heals(
    replica_set: ReplicaSet,
) -> None:
    replica_set.apply(members=1, nodeSelector={"example.com/nowhere": "true"})
    condition = replica_set.await_condition("Ready", "False", "PodsPending")
    assert "node" in condition["message"]
    change(replica_set, nodeSelector=None)
    replica_set.await_ready()
    replica_set.await_event("PodReplaced")


def test_missing_image_tells_the_kubelets_reason_and_editing_heals(
    replica_set: ReplicaSet,
) -> None:
    replica_set.apply(members=1, image="example.invalid/mongo:6.0.5", imagePullPolicy="Never")
    condition = replica_set.await_condition("Ready", "False", "PodsPending")
    assert "ErrImageNeverPull" in condition["message"]
    change(replica_set, image=None, imagePullPolicy="IfNotPresent")
    replica_set.await_ready()


def test_image_of_another_version_is_told(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1, image="mongo:6.0.27")
    condition = replica_set.await_condition("UpToDate", "False", "VersionDiffers", 120)
    assert "mongo-0 runs 6.0.27" in condition["message"]


def test_wrong_cluster_domain_shows_the_name_that_was_tried(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1, clusterDomain="wrong.example")
    condition = replica_set.await_condition("Stalled", "True", "ApiRefused", 90)
    assert "initiate" in condition["message"]
    host = f"mongo-0.mongo.{replica_set.namespace}.svc.wrong.example"
    assert host in condition["message"] or "maps to this node" in condition["message"]


def test_role_that_may_not_be_bound_is_named(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1, rbac={"clusterRole": "cluster-admin"})
    condition = replica_set.await_condition("Stalled", "True", "PermissionMissing")
    wanted = "bind clusterroles.rbac.authorization.k8s.io cluster-admin"
    assert f"the operator may not {wanted}: grant it that right" in condition["message"]
    change(replica_set, rbac={"clusterRole": "view"})
    replica_set.await_ready()


def test_two_members_are_no_safer_than_one_and_the_set_says_so(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=2)
    replica_set.await_ready()
    condition = replica_set.condition("FaultTolerant")
    assert (condition["status"], condition["reason"]) == ("False", "TwoMembers")


def test_three_members_on_three_nodes_bear_any_loss(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    assert replica_set.condition("FaultTolerant")["status"] == "True"
    nodes = {pod["spec"]["nodeName"] for pod in replica_set.pods()}
    assert len(nodes) == 3, "members are spread over the nodes by themselves"


def test_scale_down_to_a_member_that_is_down_stops_before_the_majority_is_lost(
    replica_set: ReplicaSet, faults: Faults
) -> None:
    replica_set.apply(members=5)
    replica_set.await_ready(180)
    if replica_set.primary_ordinal() == 0:
        make_primary(replica_set, 1)
    with frozen(faults, replica_set, 0):
        eventually(
            lambda: replica_set.status().get("readyMembers") == 4,
            60, "one is down", replica_set.explain,
        )  # fmt: skip
        replica_set.scale(1)
        condition = replica_set.await_condition("Stalled", "True", "ScaleRefused", 90)
        assert "majority" in condition["message"]
        assert len(replica_set.rs_config(replica_set.primary_ordinal())["members"]) == 3
        with replica_set.application() as client:
            client.app.things.insert_one({"still": "serving"})
    change(replica_set, members=3)
    replica_set.await_ready(180)


def test_paused_set_is_looked_at_and_left_alone(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    change(replica_set, paused=True, members=3)
    eventually(lambda: replica_set.status().get("phase") == "Paused", 15, "it says so")
    replica_set.run("delete", "service", "mongo-read")
    assert replica_set.get("statefulset")["spec"]["replicas"] == 1
    change(replica_set, paused=False)
    replica_set.await_ready()
    assert replica_set.status()["ready"] == "3/3"
    replica_set.run("get", "service", "mongo-read")
