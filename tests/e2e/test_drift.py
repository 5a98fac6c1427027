"""What was deleted or edited by hand comes back; no pod is touched for it, and no write is lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from e2e.history import Watched
from e2e.invariants import majority_serves, one_down_at_a_time
from e2e.looking import identities
from e2e.measured import measured
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.writer import Writer

OBJECTS = {
    "service": ("mongo", "mongo-primary", "mongo-read"),
    "serviceaccount": ("mongo",),
    "rolebinding": ("mongo",),
    "poddisruptionbudget": ("mongo",),
}
EDITS: list[tuple[str, str, Raw]] = [
    ("service", "mongo", {"spec": {"publishNotReadyAddresses": False}}),
    ("service", "mongo-primary", {"spec": {"selector": {"mongors.io/role": "other"}}}),
    ("service", "mongo-read", {"spec": {"selector": {"app.kubernetes.io/instance": "x"}}}),
    ("serviceaccount", "mongo", {"automountServiceAccountToken": True}),
    ("rolebinding", "mongo", {"subjects": []}),
    ("poddisruptionbudget", "mongo", {"spec": {"maxUnavailable": 3}}),
    ("statefulset", "mongo", {"spec": {"updateStrategy": {"type": "RollingUpdate"}}}),
    ("statefulset", "mongo", {"spec": {"replicas": 2}}),
    ("secret", "mongo-connection", {"data": {"host": "d3Jvbmc="}}),
]


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3, rbac={"clusterRole": "view"})
    replica_set_of_module.await_ready()
    return replica_set_of_module


def patch(replica_set: ReplicaSet, kind: str, name: str, change: Raw) -> None:
    """Edit an object as a user would."""
    replica_set.run("patch", kind, name, "--type=merge", "-p", json.dumps(change))


def uid_of(replica_set: ReplicaSet, kind: str, name: str) -> str | None:
    """An object's UID; None when there is none."""
    found = replica_set.run("get", kind, name, "--ignore-not-found", "-o", "json")
    return str(json.loads(found)["metadata"]["uid"]) if found else None


def delete_and_await(replica_set: ReplicaSet, kind: str, name: str, *how: str) -> None:
    """Delete an object, and wait until there is another one of its name."""
    before = uid_of(replica_set, kind, name)
    assert before is not None
    replica_set.run("delete", kind, name, "--wait=false", *how)
    eventually(
        lambda: uid_of(replica_set, kind, name) not in (None, before),
        20,
        f"{kind} {name} is back",
        replica_set.explain,
    )


def covers(live: Any, wanted: Any) -> bool:
    """Whether everything that is wanted is there."""
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(
            covers(live.get(key), value) for key, value in wanted.items()
        )
    return bool(live == wanted)


@contextmanager
def unharmed(replica_set: ReplicaSet, scenario: str = "") -> Iterator[Writer]:
    """Nobody notices: no pod made anew, no reconfig, no election, no failed write."""
    before = identities(replica_set)
    with Writer(replica_set) as writer, Watched(replica_set, also=(one_down_at_a_time,)) as seen:
        yield writer
        replica_set.await_ready(60)
        writer.await_more()
    writer.check_every_member()
    assert identities(replica_set) == before
    assert seen.violations == []
    assert (seen.elections, seen.reconfigs) == (0, [])
    assert writer.errors == []
    if scenario:
        measured(scenario, "by hand", writer, seen)


@pytest.mark.parametrize("kind", OBJECTS)
def test_deleted_objects_come_back(running: ReplicaSet, kind: str) -> None:
    with unharmed(running):
        for name in OBJECTS[kind]:
            delete_and_await(running, kind, name)


def test_deleted_secrets_come_back_and_work(running: ReplicaSet) -> None:
    with unharmed(running):
        delete_and_await(running, "secret", "mongo-operator")
        delete_and_await(running, "secret", "mongo-connection")
        eventually(lambda: can_write(running), 30, "the new password works", running.explain)


def can_write(replica_set: ReplicaSet) -> bool:
    """Whether an application can log in and write with what the Secret says now."""
    try:
        with replica_set.application(serverSelectionTimeoutMS=5000) as client:
            return client.app.things.insert_one({}).acknowledged
    except PyMongoError:
        return False


def all_run(replica_set: ReplicaSet) -> bool:
    """Whether the last change of the StatefulSet is acted on, and every pod is there to stay."""
    found = replica_set.get("statefulset", "mongo")
    seen, wanted = found["status"], found["spec"]["replicas"]
    is_current = seen.get("observedGeneration") == found["metadata"]["generation"]
    stay = [pod for pod in replica_set.pods() if "deletionTimestamp" not in pod["metadata"]]
    return is_current and bool(seen.get("readyReplicas") == len(stay) == wanted)


@pytest.mark.parametrize(("kind", "name", "change"), EDITS)
def test_edited_fields_come_back(running: ReplicaSet, kind: str, name: str, change: Raw) -> None:
    before = running.get(kind, name)
    with Writer(running) as writer, Watched(running, also=(one_down_at_a_time,)) as seen:
        patch(running, kind, name, change)
        eventually(
            lambda: not covers(running.get(kind, name), change),
            20,
            "it is put back",
            running.explain,
        )
        eventually(lambda: all_run(running), 80, "no pod is going, all are ready", running.explain)
        running.await_ready(80)
    writer.check_every_member()
    after = running.get(kind, name)
    assert after.get("spec") == before.get("spec")
    assert after.get("data") == before.get("data")
    assert seen.violations == []
    assert seen.reconfigs == []
    assert writer.errors == []


def test_template_edited_by_hand_reaches_no_pod(running: ReplicaSet) -> None:
    image = {"name": "mongod", "image": "example.invalid/mongo:1"}
    change = {"spec": {"template": {"spec": {"containers": [image]}}}}
    with unharmed(running):
        running.run("patch", "statefulset", "mongo", "-p", json.dumps(change))
        eventually(
            lambda: image_of(running) != image["image"], 20, "it is put back", running.explain
        )


def image_of(replica_set: ReplicaSet) -> str:
    """The image in the StatefulSet's template."""
    template = replica_set.get("statefulset")["spec"]["template"]
    return str(template["spec"]["containers"][0]["image"])


def test_orphaned_pods_are_adopted_by_a_new_statefulset(running: ReplicaSet) -> None:
    with unharmed(running):
        delete_and_await(running, "statefulset", "mongo", "--cascade=orphan")
        uid = uid_of(running, "statefulset", "mongo")
        eventually(
            lambda: (
                {each["metadata"]["ownerReferences"][0]["uid"] for each in running.pods()} == {uid}
            ),
            20,
            "it owns the pods",
            running.explain,
        )


def test_statefulset_deleted_with_its_pods_comes_back_with_all_data(running: ReplicaSet) -> None:
    with Writer(running) as writer, Watched(running, without=(majority_serves,)) as seen:
        writer.await_more()
        delete_and_await(running, "statefulset", "mongo", "--cascade=background")
        eventually(lambda: not running.is_ready(), 30, "the status tells")
        running.await_ready(80)
        writer.await_more()
    writer.check_every_member()
    measured("StatefulSet deleted with all its pods", "kubectl delete", writer, seen)
    assert seen.violations == []
    assert seen.reconfigs in ([], [seen.configs[-1].version]), "of an election, at most"


def test_lost_keyfile_stops_nobody_and_its_copy_heals(running: ReplicaSet) -> None:
    kept = saved(running, "mongo-keyfile")
    with unharmed(running, "keyFile Secret deleted and restored") as writer:
        running.run("delete", "secret", "mongo-keyfile")
        condition = running.await_condition("Stalled", "True", "KeyFileMissing")
        assert "mongo-keyfile" in condition["message"]
        writer.await_more()
        running.run("create", "-f", "-", stdin=json.dumps(kept))


def saved(replica_set: ReplicaSet, name: str) -> Raw:
    """A copy of a Secret as a backup holds it."""
    manifest = replica_set.get("secret", name)
    for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        manifest["metadata"].pop(field, None)
    return manifest


def test_other_keyfile_is_refused_and_the_former_heals(running: ReplicaSet) -> None:
    kept = saved(running, "mongo-keyfile")
    other = {"data": {"keyfile": "b3RoZXJvdGhlcm90aGVy"}}
    with unharmed(running, "keyFile Secret replaced, and put back") as writer:
        patch(running, "secret", "mongo-keyfile", other)
        condition = running.await_condition("Stalled", "True", "KeyFileChanged")
        assert "mongo-keyfile" in condition["message"]
        writer.await_more()
        patch(running, "secret", "mongo-keyfile", {"data": kept["data"]})
