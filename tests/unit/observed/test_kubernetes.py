"""Narrow views of raw Kubernetes objects."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mongors.desired import labels
from mongors.desired.names import Names
from mongors.observed.kubernetes import (
    Claim,
    Pod,
    StatefulSet,
    claim_of,
    moment,
    named_endpoints,
    pod_of,
    runs_mongod,
    statefulset_of,
)

NAMES = Names("default", "mongo")
THEN = "2026-01-01T08:00:00Z"
MADE = datetime(2026, 1, 1, 8, tzinfo=UTC)

RAW: dict[str, Any] = {
    "metadata": {
        "name": "mongo-1",
        "uid": "uid",
        "creationTimestamp": THEN,
        "labels": {labels.ROLE: "primary"},
        "annotations": {
            labels.EMPTY_START: "uid",
            labels.PERMITTED_AT: THEN,
            labels.TEMPLATE: "0123",
        },
    },
    "spec": {"nodeName": "node-a"},
    "status": {
        "podIP": "10.0.0.1",
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": labels.IN_SERVICE, "status": "True"},
        ],
        "initContainerStatuses": [{"name": "prepare", "state": {"terminated": {}}}],
        "containerStatuses": [{"name": "mongod", "state": {"running": {}}, "restartCount": 2}],
    },
}


def pod(**status: Any) -> Pod:
    """The view of a pod with another status."""
    view = pod_of({**RAW, "status": status}, NAMES)
    assert view is not None
    return view


def test_a_running_pod_is_seen_in_full() -> None:
    view = pod_of(RAW, NAMES)
    assert view == Pod(
        name="mongo-1",
        uid="uid",
        ordinal=1,
        created=MADE,
        ip="10.0.0.1",
        node="node-a",
        mongod_running=True,
        mongod_ever_ran=True,
        mongod_restarts=2,
        role="primary",
        in_service=True,
        may_start_empty=True,
        permitted_at=MADE,
        template="0123",
    )
    assert view.can_answer


@pytest.mark.parametrize("text", ["", "soon", "2026-01-01", "2026-01-01T08:00:00"])
def test_what_is_no_moment_is_not_read_as_one(text: str) -> None:
    """People may write anything into an annotation."""
    metadata = {**RAW["metadata"], "annotations": {labels.PERMITTED_AT: text}}
    view = pod_of({**RAW, "metadata": metadata}, NAMES)
    assert view is not None
    assert view.permitted_at is None


def test_a_new_pod_is_seen_with_nothing_in_it() -> None:
    raw = {"metadata": {"name": "mongo-0", "uid": "uid", "creationTimestamp": THEN}}
    view = pod_of(raw, NAMES)
    assert view == Pod(name="mongo-0", uid="uid", ordinal=0, created=MADE)
    assert not view.can_answer


def test_a_pod_that_is_no_member_is_not_seen() -> None:
    """Rule 88."""
    raw = {"metadata": {"name": "mongo2-0", "uid": "uid", "creationTimestamp": THEN}}
    assert pod_of(raw, NAMES) is None


def test_a_pod_that_goes_is_seen_as_such() -> None:
    view = pod_of({**RAW, "metadata": {**RAW["metadata"], "deletionTimestamp": THEN}}, NAMES)
    assert view is not None
    assert view.deleting


@pytest.mark.parametrize(
    ("mongod", "running", "ever"),
    [
        ({}, False, False),
        ({"state": {"waiting": {}}}, False, False),
        ({"state": {"running": {}}}, True, True),
        ({"state": {"terminated": {}}}, False, True),
        ({"state": {"waiting": {}}, "lastState": {"terminated": {}}}, False, True),
    ],
)
def test_whether_mongod_runs_or_ever_ran_is_told_apart(
    mongod: dict[str, Any], running: bool, ever: bool
) -> None:
    """Rule 1: a mongod that ran may hold data, also when it does not run now."""
    view = pod(containerStatuses=[{"name": "mongod", **mongod}])
    assert (view.mongod_running, view.mongod_ever_ran) == (running, ever)
    assert runs_mongod({"status": {"containerStatuses": [{"name": "mongod", **mongod}]}}) is running


def test_a_pod_at_the_gate_is_seen_with_its_time() -> None:
    prepare = {"name": "prepare", "state": {"running": {"startedAt": THEN}}}
    assert pod(initContainerStatuses=[prepare]).held_since == MADE


@pytest.mark.parametrize(
    ("conditions", "in_service"),
    [
        (None, None),
        ([], None),
        ([{"type": labels.IN_SERVICE, "status": "False"}], False),
        ([{"type": labels.IN_SERVICE, "status": "True"}], True),
    ],
)
def test_service_is_unknown_before_it_is_told(conditions: Any, in_service: bool | None) -> None:
    assert pod(conditions=conditions).in_service is in_service


class TestTrouble:
    """Why a pod does not run, in the words of those who know."""

    @pytest.mark.parametrize("name", ["mongod", "prepare"])
    def test_of_a_container_is_told(self, name: str) -> None:
        waiting = {"reason": "ImagePullBackOff", "message": "no such image"}
        statuses = [{"name": name, "state": {"waiting": waiting}}]
        said = "ImagePullBackOff: no such image"
        assert pod(containerStatuses=statuses, initContainerStatuses=statuses).trouble == said

    def test_of_a_container_may_come_without_a_message(self) -> None:
        statuses = [{"name": "mongod", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]
        assert pod(containerStatuses=statuses).trouble == "CrashLoopBackOff"

    @pytest.mark.parametrize("reason", ["PodInitializing", "ContainerCreating"])
    def test_is_not_what_every_pod_goes_through(self, reason: str) -> None:
        statuses = [{"name": "mongod", "state": {"waiting": {"reason": reason}}}]
        assert pod(containerStatuses=statuses).trouble is None

    def test_of_the_scheduler_is_told(self) -> None:
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        assert pod(conditions=[condition]).trouble == "Unschedulable"
        told = {**condition, "message": "0/3 nodes fit"}
        assert pod(conditions=[told]).trouble == "0/3 nodes fit"


def test_a_claim_is_seen_with_its_age() -> None:
    raw = {
        "metadata": {"name": "data-mongo-1", "uid": "uid", "creationTimestamp": THEN},
        "status": {"phase": "Bound"},
    }
    assert claim_of(raw, NAMES) == Claim(1, "uid", MADE, bound=True)
    pending = claim_of({**raw, "status": {"phase": "Pending"}}, NAMES)
    assert pending is not None
    assert not pending.bound
    other = {**raw, "metadata": {**raw["metadata"], "name": "logs-mongo-1"}}
    assert claim_of(other, NAMES) is None


@pytest.mark.parametrize("source", ["dataSource", "dataSourceRef"])
def test_a_claim_with_a_source_is_never_new(source: str) -> None:
    """It was made lately, and out of older data."""
    metadata = {"name": "data-mongo-1", "uid": "uid", "creationTimestamp": THEN}
    view = claim_of({"metadata": metadata, "spec": {source: {"name": "snapshot"}}}, NAMES)
    assert view is not None
    assert not view.is_new(MADE)
    empty = claim_of({"metadata": metadata}, NAMES)
    assert empty is not None
    assert empty.is_new(MADE)
    assert not empty.is_new(datetime(2026, 1, 2, tzinfo=UTC))


def test_a_statefulset_is_seen_with_its_defaults() -> None:
    raw: dict[str, Any] = {"metadata": {"uid": "uid"}, "spec": {}}
    view = statefulset_of(raw)
    assert view == StatefulSet("uid", 1, ())
    template = {"metadata": {"annotations": {labels.TEMPLATE: "0123"}}}
    raw = {
        "metadata": {"uid": "uid", "annotations": {labels.KEY_DIGEST: "4567"}, "generation": 2},
        "spec": {"replicas": 3, "volumeClaimTemplates": [{"a": "b"}], "template": template},
        "status": {"observedGeneration": 2},
    }
    seen = StatefulSet("uid", 3, ({"a": "b"},), "0123", is_followed=True, key_digest="4567")
    assert statefulset_of(raw) == seen
    late = {**raw, "status": {"observedGeneration": 1}}
    assert statefulset_of(late) == replace(seen, is_followed=False)
    gone = {**raw, "metadata": {**raw["metadata"], "deletionTimestamp": THEN}}
    assert statefulset_of(gone) == replace(seen, deleting=True)


def test_names_are_known_once_the_service_publishes_them() -> None:
    def piece(service: str, *endpoints: dict[str, Any]) -> dict[str, Any]:
        marks = {"kubernetes.io/service-name": service}
        return {"metadata": {"labels": marks}, "endpoints": list(endpoints)}

    slices: tuple[dict[str, Any], ...] = (
        piece("mongo", {"hostname": "mongo-0", "addresses": ["10.0.0.1"]}),
        piece("mongo", {"hostname": "mongo-1", "addresses": []}, {"addresses": ["10.0.0.9"]}),
        piece("mongo-primary", {"hostname": "mongo-2", "addresses": ["10.0.0.3"]}),
        {"metadata": {}, "endpoints": None},
        {"metadata": {"labels": {"kubernetes.io/service-name": "mongo"}}, "endpoints": None},
    )
    assert named_endpoints(slices, "mongo") == {"mongo-0"}


def test_a_moment_that_is_not_told_is_none() -> None:
    assert moment(None) is None
    assert moment(THEN) == MADE
