"""Whether a live object already says what a manifest asks for."""

from typing import Any

import pytest

from mongors.desired.manifest import stamped
from mongors.observed.covering import covers, is_as_applied

SERVICE = stamped(
    {"kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 1, "name": "x"}]}}
)


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}),
        ({}, {"a": {}}),
        ({}, {"a": []}),
        ({}, {"a": None}),
        ({}, {"a": False}),
        ({}, {"a": 0}),
        ({"a": ["x", "y"]}, {"a": ["x", "y"]}),
        ({"a": [{"name": "x", "more": 1}, {"name": "y"}]}, {"a": [{"name": "x"}]}),
        ({"a": [{"name": "y"}, {"name": "x"}]}, {"a": [{"name": "x"}, {"name": "y"}]}),
        ({"a": [{"key": 1, "more": 2}]}, {"a": [{"key": 1}]}),
        ({"requests": {"cpu": "500m"}}, {"requests": {"cpu": "0.5"}}),
        ({"limits": {"memory": "1Gi", "cpu": "1"}}, {"limits": {"memory": "1024Mi"}}),
    ],
)
def test_what_else_is_there_does_not_matter(live: Any, wanted: Any) -> None:
    assert covers(live, wanted)


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        ({"a": 1}, {"a": 2}),
        ({}, {"a": 1}),
        ({}, {"a": True}),
        ({"a": 1}, {"a": {"b": 1}}),
        ({"a": "x"}, {"a": ["x"]}),
        ({"a": ["y", "x"]}, {"a": ["x", "y"]}),
        ({"a": ["x"]}, {"a": ["x", "y"]}),
        ({"a": [{"name": "x", "port": 1}]}, {"a": [{"name": "x", "port": 2}]}),
        ({"a": [{"name": "y"}]}, {"a": [{"name": "x"}]}),
        ({"a": ["x"]}, {"a": [{"name": "x"}]}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "0.5"}}),
        ({"requests": {}}, {"requests": {"cpu": "0.5"}}),
        ({"requests": "odd"}, {"requests": {"cpu": "1"}}),
    ],
)
def test_what_is_missing_or_different_does(live: Any, wanted: Any) -> None:
    assert not covers(live, wanted)


def test_an_object_as_applied_needs_no_apply() -> None:
    """Rule 28."""
    live = {**SERVICE, "status": {"loadBalancer": {}}}
    assert is_as_applied(live, SERVICE)


def test_an_object_that_was_changed_needs_one() -> None:
    assert not is_as_applied({**SERVICE, "spec": {"ports": []}}, SERVICE)


def test_a_field_that_was_given_up_is_seen_by_the_digest() -> None:
    """The object covers the manifest, and still holds what the manifest held before."""
    before = stamped(
        {
            "kind": "Service",
            "metadata": {"name": "a"},
            "spec": {"ports": [{"port": 1, "name": "x"}], "externalName": "gone"},
        }
    )
    assert covers(before["spec"], SERVICE["spec"])
    assert not is_as_applied(before, SERVICE)


def test_an_object_without_a_digest_needs_an_apply() -> None:
    assert not is_as_applied({"kind": "Service", "metadata": {"name": "a"}}, SERVICE)
