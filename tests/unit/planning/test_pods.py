"""Pods that never came up: a corrected template reaches them only if they are made anew."""

from typing import Any

import pytest

from mongors.planning.actions import ReplacePod
from mongors.planning.steps.pods import replace_stuck_pods
from unit.builders import only, running, wanted, with_pod

SET = wanted(3)
STUCK: dict[str, Any] = {
    "revision": "mongo-0",
    "trouble": "ImagePullBackOff",
    "mongod_running": False,
    "mongod_ever_ran": False,
}


def test_a_stuck_pod_of_an_older_template_is_made_anew() -> None:
    """Rules 57 and 82: this very pod, by its uid."""
    observed = with_pod(running(SET), 1, **STUCK)
    assert only(replace_stuck_pods(SET, observed)) == ReplacePod(
        "mongo-1", "uid-pod-1", "ImagePullBackOff"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"revision": "mongo-1"},
        {"revision": None},
        {"trouble": None},
        {"mongod_ever_ran": True},
        {"deleting": True},
    ],
)
def test_any_other_pod_is_left_alone(fields: dict[str, Any]) -> None:
    """Rules 55 and 57: what ran is not taken down by the way, nor put on an untried template."""
    observed = with_pod(running(SET), 1, **{**STUCK, **fields})
    assert list(replace_stuck_pods(SET, observed)) == []
