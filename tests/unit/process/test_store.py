"""The store: newest wins, tombstones, who belongs to which set, listings."""

from typing import Any

from mongors.store import SetRef, Store, ref_of

REF = SetRef("default", "mongo")
LABELS = {"app.kubernetes.io/instance": "mongo", "app.kubernetes.io/managed-by": "mongors"}


def make(
    name: str,
    version: int,
    *,
    kind: str = "Pod",
    namespace: str = "default",
    labels: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-{name}",
        "resourceVersion": str(version),
        "labels": LABELS if labels is None else labels,
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}


def test_put_keeps_the_newer_of_two_states_whatever_their_order() -> None:
    store = Store()
    assert store.put(make("a", 10, status={"phase": "Running"}))
    assert not store.put(make("a", 9, status={"phase": "Pending"}))
    assert not store.put(make("a", 10))
    found = store.get("Pod", "default", "a")
    assert found is not None
    assert found["status"] == {"phase": "Running"}


def test_versions_are_compared_as_numbers() -> None:
    store = Store()
    store.put(make("a", 9))
    assert store.put(make("a", 10))


def test_put_drops_managed_fields_and_leaves_the_given_object_alone() -> None:
    obj = make("a", 1)
    obj["metadata"]["managedFields"] = [{"manager": "kubelet"}]
    store = Store()
    store.put(obj)
    found = store.get("Pod", "default", "a")
    assert found is not None
    assert "managedFields" not in found["metadata"]
    assert "managedFields" in obj["metadata"]


def test_of_a_pods_spec_only_its_node_is_kept() -> None:
    store = Store()
    spec = {"nodeName": "node-1", "containers": [{"command": ["a" * 4000]}]}
    store.put({**make("a", 1), "spec": spec, "status": {"podIP": "10.0.0.1"}})
    found = store.get("Pod", "default", "a")
    assert found is not None
    assert (found["spec"], found["status"]) == ({"nodeName": "node-1"}, {"podIP": "10.0.0.1"})


def test_a_late_answer_does_not_bring_back_a_removed_object() -> None:
    store = Store()
    store.put(make("a", 5))
    assert store.remove(make("a", 8))
    assert not store.put(make("a", 7))
    assert store.get("Pod", "default", "a") is None
    assert store.put(make("a", 9)), "made again under the same name"


def test_a_removal_of_the_old_object_spares_the_new_one_of_that_name() -> None:
    store = Store()
    store.put(make("a", 12))
    assert not store.remove(make("a", 11))
    assert store.get("Pod", "default", "a") is not None


def test_objects_belong_by_their_labels_and_the_resource_by_its_name() -> None:
    assert ref_of(make("mongo-0", 1)) == REF
    assert ref_of(make("mongo", 1, kind="MongoReplicaSet", labels={})) == REF
    assert ref_of(make("x", 1, labels={})) is None
    assert ref_of(make("x", 1, labels={"app.kubernetes.io/instance": "mongo"})) is None
    assert ref_of({"kind": "Pod", "metadata": {"name": "x", "labels": None}}) is None


def test_of_set_lists_what_the_set_owns_in_its_namespace_only() -> None:
    store = Store()
    store.put(make("mongo-1", 1))
    store.put(make("mongo-0", 2))
    store.put(make("mongo-0", 3, namespace="other"))
    store.put(make("mongo", 4, kind="MongoReplicaSet"))
    names = [obj["metadata"]["name"] for obj in store.of_set(REF)]
    assert names == ["mongo-0", "mongo-1"]
    assert store.of_set(SetRef("default", "nobody")) == ()


def test_an_object_that_changes_its_labels_changes_its_set() -> None:
    store = Store()
    store.put(make("a", 1))
    store.put(make("a", 2, labels={**LABELS, "app.kubernetes.io/instance": "other"}))
    assert store.of_set(REF) == ()
    assert len(store.of_set(SetRef("default", "other"))) == 1


def test_sets_are_the_known_custom_resources() -> None:
    store = Store()
    store.put(make("b", 1, kind="MongoReplicaSet"))
    store.put(make("a", 2, kind="MongoReplicaSet"))
    store.put(make("pod", 3))
    assert store.sets() == (SetRef("default", "a"), SetRef("default", "b"))
    found = store.set(SetRef("default", "a"))
    assert found is not None
    assert found["metadata"]["name"] == "a"


def test_a_listing_forgets_what_vanished_unseen_and_tells_whose_it_was() -> None:
    store = Store()
    store.put(make("mongo-0", 3))
    store.put(make("mongo-1", 4))
    changed = store.replace("Pod", None, [make("mongo-0", 3)], 10)
    assert changed == {REF}
    assert store.get("Pod", "default", "mongo-1") is None
    assert not store.put(make("mongo-1", 9)), "the listing at 10 did not hold it"


def test_a_listing_spares_what_is_newer_than_itself() -> None:
    store = Store()
    store.put(make("mongo-2", 12))
    assert store.replace("Pod", None, [], 10) == frozenset()
    assert store.get("Pod", "default", "mongo-2") is not None


def test_a_listing_spares_other_kinds_and_other_namespaces() -> None:
    store = Store()
    store.put(make("mongo", 1, kind="Service"))
    store.put(make("mongo-0", 2, namespace="other"))
    assert store.replace("Pod", "default", [], 10) == frozenset()
    assert store.get("Service", "default", "mongo") is not None
    assert store.get("Pod", "other", "mongo-0") is not None


def test_a_listing_that_shows_nothing_new_changes_nothing() -> None:
    store = Store()
    store.put(make("mongo-0", 3))
    assert store.replace("Pod", None, [make("mongo-0", 3)], 10) == frozenset()


def node(version: int, *, heartbeat: int = 0, **spec: Any) -> dict[str, Any]:
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "kubelet is posting ready status",
        "lastHeartbeatTime": heartbeat,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": "node-1",
            "uid": "uid-node-1",
            "resourceVersion": str(version),
            "labels": {"topology.kubernetes.io/zone": "a", "kubernetes.io/os": "linux", **LABELS},
            "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
        },
        "spec": {"podCIDR": "10.0.0.0/24", **spec},
        "status": {
            "conditions": [{"type": "DiskPressure", "status": "False"}, ready],
            "images": [{"names": ["mongo:6"]}],
        },
    }


def test_of_a_node_only_what_matters_is_kept() -> None:
    store = Store()
    taints = [{"key": "k", "effect": "NoExecute"}]
    assert store.put(node(1, unschedulable=True, taints=taints))
    assert store.node("node-1") == {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": "node-1",
            "uid": "uid-node-1",
            "resourceVersion": "1",
            "labels": {"topology.kubernetes.io/zone": "a"},
        },
        "spec": {"unschedulable": True, "taints": taints},
        "status": {
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        },
    }
    assert store.node("node-2") is None


def test_a_heartbeat_of_a_node_is_no_news_but_moves_it_forward() -> None:
    store = Store()
    store.put(node(1))
    assert not store.put(node(3, heartbeat=1))
    assert not store.put(node(2, unschedulable=True)), "an older state, seen late"
    assert store.put(node(4, unschedulable=True))
    assert store.put(node(5)), "it may be scheduled to again"
    assert store.remove(node(6))
    assert store.node("node-1") is None


def test_news_of_a_node_concerns_the_sets_that_have_a_pod_on_it() -> None:
    store = Store()
    others = {**LABELS, "app.kubernetes.io/instance": "other"}
    store.put(make("mongo-0", 1, spec={"nodeName": "node-1"}))
    store.put(make("mongo-1", 2, spec={"nodeName": "node-1"}))
    store.put(make("other-0", 3, labels=others, spec={"nodeName": "node-2"}))
    store.put(make("other-1", 4, labels=others))
    assert store.concerned(node(9)) == {REF}, "whatever labels the node carries"
    assert store.concerned(make("other-0", 3, labels=others), None) == {SetRef("default", "other")}


def test_a_listing_of_nodes_tells_of_those_that_changed_or_vanished() -> None:
    store = Store()
    store.put(make("mongo-0", 1, spec={"nodeName": "node-1"}))
    assert store.replace("Node", None, [node(2)], 5) == {REF}
    assert store.replace("Node", None, [node(6, heartbeat=1)], 7) == frozenset()
    assert store.replace("Node", None, [], 9) == {REF}
    assert store.node("node-1") is None


def test_the_members_of_all_sets_are_counted_as_they_come_change_and_go() -> None:
    def resource(name: str, version: int, members: object = None) -> dict[str, Any]:
        spec = {} if members is None else {"members": members}
        return {**make(name, version, kind="MongoReplicaSet"), "spec": spec}

    store = Store()
    store.put(resource("a", 1, 5))
    store.put(resource("b", 2))
    store.put(make("a-0", 3))
    assert store.members == 5 + 3
    store.put(resource("a", 4, 7))
    store.put(resource("a", 3, 50))
    assert store.members == 7 + 3
    store.remove(resource("b", 5))
    store.put(resource("c", 6, "many"))
    assert store.members == 7 + 3
    store.replace("MongoReplicaSet", None, [], 7)
    assert store.members == 0
