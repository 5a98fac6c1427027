"""Pods, claims and nodes: their troubles, sizes and marks."""

from typing import Any

import pytest

from mongors.desired import labels
from mongors.desired.configuration import mongod_conf
from mongors.desired.names import Names
from mongors.observed.kubernetes import Claim, Node, Pod, claim_of, node_of, pod_of

NAMES = Names("default", "mongo")
META: dict[str, Any] = {
    "name": "mongo-1",
    "uid": "uid",
    "creationTimestamp": "2026-01-01T08:00:00Z",
}


def pod(annotations: dict[str, str] | None = None, **mongod: Any) -> Pod:
    """The view of a pod with this mongod in it."""
    raw = {
        "metadata": {**META, "annotations": annotations or {}},
        "status": {"containerStatuses": [{"name": "mongod", **mongod}]},
    }
    view = pod_of(raw, NAMES)
    assert view is not None
    return view


def claim(**fields: Any) -> Claim:
    """The view of a claim."""
    view = claim_of({"metadata": {**META, "name": "data-mongo-1"}, **fields}, NAMES)
    assert view is not None
    return view


def test_a_pod_tells_what_it_was_made_from() -> None:
    carried = {labels.CONFIGURATION: mongod_conf({"setParameter": {"a": 1}})}
    view = pod({**carried, labels.TEMPLATE: "digest"})
    assert (view.template, view.parameters) == ("digest", {"a": 1})
    assert (pod().template, pod().parameters) == (None, {})


@pytest.mark.parametrize(
    ("mongod", "expected"),
    [
        ({"state": {"terminated": {"exitCode": 77}}}, True),
        ({"state": {"waiting": {}}, "lastState": {"terminated": {"exitCode": 77}}}, True),
        ({"state": {"terminated": {"exitCode": 1}}}, False),
        (
            {
                "state": {"terminated": {"exitCode": 1}},
                "lastState": {"terminated": {"exitCode": 77}},
            },
            False,
        ),
        ({"state": {"waiting": {}}}, False),
        ({}, False),
    ],
)
def test_a_mongod_that_found_no_data_is_seen_by_its_exit(
    mongod: dict[str, Any], expected: bool
) -> None:
    """Rule 34: the last end counts."""
    assert pod(**mongod).found_no_data is expected


def test_a_crash_is_told_in_mongod_s_own_words() -> None:
    ended = {"exitCode": 62, "message": "Error: wrong version"}
    crashed: dict[str, Any] = {
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
        "lastState": {"terminated": ended},
    }
    assert pod(**crashed).trouble == "its mongod ended: exit code 62: Error: wrong version"


class TestClaims:
    """What was asked for, what there is, and why it does not grow."""

    def test_have_two_sizes(self) -> None:
        view = claim(
            spec={"resources": {"requests": {"storage": "5Gi"}}},
            status={"phase": "Bound", "capacity": {"storage": "2Gi"}},
        )
        assert (view.requested, view.capacity, view.trouble) == ("5Gi", "2Gi", None)
        assert (claim().requested, claim().capacity) == (None, None)

    @pytest.mark.parametrize("kind", ["ControllerResizeError", "NodeResizeError"])
    def test_tell_why_they_do_not_grow(self, kind: str) -> None:
        failed = {"type": kind, "status": "True", "message": "the pool is full"}
        assert claim(status={"conditions": [failed]}).trouble == "the pool is full"
        assert claim(status={"conditions": [{"type": kind, "status": "True"}]}).trouble == kind

    @pytest.mark.parametrize(
        "condition",
        [
            {"type": "FileSystemResizePending", "status": "True"},
            {"type": "ControllerResizeError", "status": "False"},
        ],
    )
    def test_have_no_trouble_while_they_grow(self, condition: dict[str, str]) -> None:
        assert claim(status={"conditions": [condition]}).trouble is None


class TestNodes:
    """Whether a machine reports, and whether it is about to be emptied."""

    @pytest.mark.parametrize(
        ("status", "ready"), [("True", True), ("False", False), ("Unknown", False)]
    )
    def test_are_ready_when_they_say_so(self, status: str, ready: bool) -> None:
        conditions = [{"type": "MemoryPressure", "status": "True"}]
        conditions.append({"type": "Ready", "status": status})
        assert node_of({"metadata": META, "status": {"conditions": conditions}}).ready is ready

    @pytest.mark.parametrize("status", [{}, {"conditions": None}, {"conditions": []}])
    def test_are_not_ready_before_they_say_anything(self, status: dict[str, Any]) -> None:
        """Rule 78: of what runs on them nothing is known."""
        assert not node_of({"metadata": META, "status": status}).ready

    def test_tell_of_their_zone_and_of_a_cordon(self) -> None:
        zone = {"topology.kubernetes.io/zone": "a"}
        raw = {"metadata": {**META, "labels": zone}, "spec": {"unschedulable": True}}
        assert node_of(raw) == Node("mongo-1", zone="a", ready=False, cordoned=True)
