"""Volumes that grow online, then a StatefulSet made anew over pods that nobody touched.

The storage of the test cluster cannot grow a volume: what is tested is the API's side of it, with
a small resizer in the place of the real one.
"""

import json

import pytest

from e2e.history import Watched
from e2e.measured import measured
from e2e.resizer import GROWING, Resizer
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    with Resizer(replica_set_of_module):
        replica_set_of_module.apply(storage={"size": "1Gi", "className": GROWING})
        replica_set_of_module.await_ready()
    return replica_set_of_module


def resize(replica_set: ReplicaSet, size: str) -> None:
    body = json.dumps({"spec": {"storage": {"size": size}}})
    replica_set.run("patch", f"mrs/{replica_set.name}", "--type=merge", "-p", body)


def template_size(replica_set: ReplicaSet) -> str:
    found = replica_set.all_of("statefulset", f"app.kubernetes.io/instance={replica_set.name}")
    if not found:  # it is being made anew
        return ""
    templates = found[0]["spec"]["volumeClaimTemplates"]
    return str(templates[0]["spec"]["resources"]["requests"]["storage"])


def sizes(replica_set: ReplicaSet) -> set[str]:
    claims = replica_set.all_of("pvc", f"app.kubernetes.io/instance={replica_set.name}")
    return {each["spec"]["resources"]["requests"]["storage"] for each in claims}


def test_volumes_grow_and_no_pod_is_touched(running: ReplicaSet) -> None:
    """Rule 62."""
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in running.pods()}
    old = running.get("statefulset")
    with Writer(running) as writer, Watched(running) as seen, Resizer(running) as resizer:
        resizer.pause()
        resize(running, "2Gi")
        eventually(
            lambda: "has 1Gi of 2Gi" in (running.status().get("plan") or ""),
            30, "progress is told", running.explain,
        )  # fmt: skip
        assert running.condition("Ready")["status"] == "True"
        assert {each["storageRequested"] for each in running.status()["memberStatus"]} == {"2Gi"}
        assert template_size(running) == "1Gi"
        resizer.resume()
        eventually(lambda: template_size(running) == "2Gi", 60, "it is made anew", running.explain)
        running.await_ready()
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.elections, seen.reconfigs, seen.violations) == ([], 0, [], [])
    assert {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in running.pods()} == before
    new = running.get("statefulset")
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    eventually(
        lambda: running.get("statefulset")["status"].get("updateRevision")
        == old["status"]["updateRevision"],
        20, "the revision is the same", running.explain,
    )  # fmt: skip
    assert {each["storage"] for each in running.status()["memberStatus"]} == {"2Gi"}
    measured("volumes grow from 1Gi to 2Gi", "storage.size", writer, seen)


def test_what_fails_is_told_and_holds_nothing_up(running: ReplicaSet) -> None:
    with Resizer(running) as resizer:
        resizer.fail("the disk is full")
        resize(running, "3Gi")
        eventually(
            lambda: "the disk is full" in (running.status().get("plan") or ""),
            30, "the cause is told", running.explain,
        )  # fmt: skip
        assert running.condition("Ready")["status"] == "True"
        resizer.resume()
        eventually(lambda: template_size(running) == "3Gi", 60, "it healed", running.explain)
        running.await_ready()


def test_a_quota_is_told_and_nothing_changed(running: ReplicaSet) -> None:
    """F47: the set stays ready."""
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small"},
        "spec": {"hard": {"requests.storage": "9Gi"}},
    }
    running.run("apply", "-f", "-", stdin=json.dumps(quota))
    resize(running, "4Gi")
    eventually(
        lambda: "exceeded quota" in running.condition("Stalled").get("message", ""),
        30, "the quota is told", running.explain,
    )  # fmt: skip
    assert running.condition("Ready")["status"] == "True"
    assert sizes(running) == {"3Gi"}
    running.run("delete", "resourcequota", "small")
    with Resizer(running):
        eventually(lambda: template_size(running) == "4Gi", 60, "it healed", running.explain)
        running.await_ready()


def test_a_class_that_cannot_grow_is_told_and_nothing_changed(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    resize(replica_set, "2Gi")
    stalled = replica_set.await_condition("Stalled", "True", "GrowthRefused", 30)
    assert "allowVolumeExpansion" in stalled["message"]
    assert replica_set.condition("Ready")["status"] == "True"
    assert sizes(replica_set) == {"1Gi"}
    done = replica_set.kubectl(
        "-n", replica_set.namespace, "patch", "mrs/mongo", "--type=merge",
        "-p", '{"spec":{"storage":{"size":"1Gi"}}}',
    )  # fmt: skip
    assert "cannot shrink" in done.stderr
