"""What belongs to the set is kept as it should be; what belongs to others is not touched."""

import json

from e2e.sets import ReplicaSet, eventually


def test_hand_made_change_to_an_owned_field_is_put_back(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    patch = json.dumps({"spec": {"selector": {"mongors.io/role": "other"}}})
    replica_set.run("patch", "service", "mongo-primary", "--type=merge", "-p", patch)
    eventually(
        lambda: (
            replica_set.get("service", "mongo-primary")["spec"]["selector"]["mongors.io/role"]
            == "primary"
        ),
        15,
        "the selector is put back",
        replica_set.explain,
    )
    replica_set.await_event("ObjectUpdated")
    replica_set.run("delete", "service", "mongo")
    eventually(
        lambda: replica_set.all_of("service", "app.kubernetes.io/instance=mongo")[2:], 15, "back"
    )


def test_fields_of_others_are_left_alone(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    replica_set.run("annotate", "service", "mongo-primary", "example.com/mine=kept")
    replica_set.run(
        "patch", "mrs", "mongo", "--type=merge", "-p", '{"spec":{"podLabels":{"a":"b"}}}'
    )
    eventually(
        lambda: replica_set.get("statefulset")["spec"]["template"]["metadata"]["labels"].get("a"),
        15,
        "the change arrives",
        replica_set.explain,
    )
    annotations = replica_set.get("service", "mongo-primary")["metadata"]["annotations"]
    assert annotations["example.com/mine"] == "kept"
    condition = replica_set.await_condition("UpToDate", "False", "TemplateOutdated")
    assert "mongo-0" in condition["message"]


def test_object_of_somebody_else_is_not_touched_and_named(replica_set: ReplicaSet) -> None:
    replica_set.run("create", "service", "clusterip", "mongo-primary", "--tcp=1234")
    before = replica_set.get("service", "mongo-primary")
    replica_set.apply(members=1)
    condition = replica_set.await_condition("Stalled", "True", "NameConflict")
    assert "Service mongo-primary" in condition["message"]
    after = replica_set.get("service", "mongo-primary")
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    replica_set.await_event("NameConflict")
    replica_set.run("delete", "service", "mongo-primary")
    replica_set.await_ready()


def test_lost_keyfile_is_reported_and_never_made_anew(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    kept = replica_set.run("get", "secret", "mongo-keyfile", "-o", "json")
    uid = replica_set.get("pod", "mongo-0")["metadata"]["uid"]
    replica_set.run("delete", "secret", "mongo-keyfile")
    condition = replica_set.await_condition("Stalled", "True", "KeyFileMissing")
    assert "Restore" in condition["message"]
    manifest = json.loads(kept)
    for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        manifest["metadata"].pop(field, None)
    replica_set.run("create", "-f", "-", stdin=json.dumps(manifest))
    replica_set.await_ready()
    assert replica_set.get("pod", "mongo-0")["metadata"]["uid"] == uid


def test_binding_goes_when_it_is_not_asked_for_any_more(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1, rbac={"clusterRole": "view"})
    replica_set.await_ready()
    assert replica_set.get("rolebinding")["roleRef"]["name"] == "view"
    replica_set.run(
        "patch", "mrs", "mongo", "--type=json", "-p", '[{"op":"remove","path":"/spec/rbac"}]'
    )
    eventually(lambda: not replica_set.all_of("rolebinding"), 15, "the binding is gone")
