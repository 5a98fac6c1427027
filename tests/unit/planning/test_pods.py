"""Pods in which no mongod runs: a corrected template reaches them only if they are made anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mongors.observed.kubernetes import Node
from mongors.observed.observed import Observed
from mongors.planning.actions import ReplacePod
from mongors.planning.steps.pods import replace_stuck_pods
from unit.builders import (
    NOW,
    OLD_TEMPLATE,
    at_gate,
    claim,
    only,
    pending_pod,
    running,
    statefulset,
    unborn,
    wanted,
    with_pod,
)

SET = wanted(3)
NEVER: dict[str, Any] = {
    "template": OLD_TEMPLATE,
    "trouble": "ImagePullBackOff",
    "mongod_running": False,
    "mongod_ever_ran": False,
}
CRASHED: dict[str, Any] = {**NEVER, "trouble": "CrashLoopBackOff", "mongod_ever_ran": True}


def replaced(observed: Observed) -> list[str]:
    """The pods that are made anew."""
    return [each.pod for each in replace_stuck_pods(SET, observed)]


def bound_too_early(seconds: float = 60, bound: bool = False, **fields: Any) -> Observed:
    """A pod of the present template that was given a node, and whose claim has no volume."""
    created = NOW - timedelta(seconds=seconds)
    never: dict[str, Any] = {"created": created, "held_since": None, "node": "node-1"}
    early = pending_pod(1, **{**never, **fields})
    observed = running(SET)
    return replace(
        observed,
        pods={**observed.pods, 1: early},
        claims={**observed.claims, 1: replace(claim(1), bound=bound)},
    )


def test_a_pod_that_has_a_node_before_its_claim_has_a_volume_is_made_anew() -> None:
    (made,) = replace_stuck_pods(SET, bound_too_early())
    assert (made.pod, made.uid) == ("mongo-1", "uid-pod-1")
    assert "before its claim had a volume" in made.reason


@pytest.mark.parametrize(
    "fields",
    [
        {"seconds": 5},
        {"bound": True},
        {"node": None},
        {"deleting": True},
        {"held_since": NOW},
        {"mongod_ever_ran": True},
    ],
)
def test_but_not_one_that_may_come_up_yet(fields: dict[str, Any]) -> None:
    assert replaced(bound_too_early(**fields)) == []


def test_nor_one_on_a_node_that_does_not_report() -> None:
    """Rule 59: nothing is removed there."""
    lost = {"node-1": Node("node-1", ready=False)}
    assert replaced(replace(bound_too_early(), nodes=lost)) == []


def test_members_at_the_gate_do_not_keep_the_last_one_with_data_from_coming_back() -> None:
    """They wait for a person; it crashes on a template that was corrected, and holds the data."""
    silent = replace(at_gate(running(SET, primary=None), 0, 1), answers={})
    observed = with_pod(silent, 2, **CRASHED)
    assert replaced(observed) == ["mongo-2"]
    young = {each: replace(observed.pods[each], held_since=observed.at) for each in (0, 1)}
    assert replaced(replace(observed, pods={**observed.pods, **young})) == [], "nobody knows yet"


def test_a_stuck_pod_of_an_older_template_is_made_anew() -> None:
    """Rules 57 and 82: this very pod, by its uid."""
    observed = with_pod(running(SET), 1, **NEVER)
    assert only(replace_stuck_pods(SET, observed)) == ReplacePod(
        "mongo-1", "uid-pod-1", "ImagePullBackOff"
    )


@pytest.mark.parametrize("stuck", [NEVER, CRASHED])
@pytest.mark.parametrize(
    "fields",
    [
        {"template": SET.template},
        {"trouble": None},
        {"mongod_running": True},
        {"deleting": True},
    ],
)
def test_any_other_pod_is_left_alone(stuck: dict[str, Any], fields: dict[str, Any]) -> None:
    """Rules 55 and 57: what runs is not taken down by the way, nor what may come up yet."""
    assert replaced(with_pod(running(SET), 1, **{**stuck, **fields})) == []


@pytest.mark.parametrize(
    "fields", [{"template": OLD_TEMPLATE}, {"template": None}, {"is_followed": False}]
)
def test_no_pod_is_made_anew_from_the_old_template(fields: dict[str, Any]) -> None:
    """Rule 57: it would only be as stuck as before."""
    observed = replace(running(SET), statefulset=statefulset(SET, 3, **fields))
    assert replaced(with_pod(observed, 1, **NEVER)) == []
    assert replaced(with_pod(replace(observed, statefulset=None), 1, **NEVER)) == []


def test_pods_that_never_served_are_made_anew_at_once() -> None:
    """Nothing of the set hangs on them."""
    observed = unborn(SET)
    for ordinal in range(3):
        observed = with_pod(observed, ordinal, **CRASHED)
    assert replaced(observed) == ["mongo-0", "mongo-1", "mongo-2"]


def test_members_that_crash_are_made_anew_one_at_a_time() -> None:
    """Rules 37 and 57: the correction may be wrong as well."""
    observed = running(SET, primary=None, down={0, 1, 2})
    for ordinal in range(3):
        observed = with_pod(observed, ordinal, **CRASHED)
    assert replaced(observed) == ["mongo-2"]
    tried = with_pod(observed, 2, template=SET.template)
    assert replaced(tried) == [], "the first of the new template does not run yet"
    runs = with_pod(tried, 2, mongod_running=True, trouble=None)
    assert replaced(runs) == ["mongo-1"]


def test_a_member_that_crashes_over_its_parameters_is_made_anew() -> None:
    """They are no part of the template, and yet only a new pod has others."""
    desired = wanted(3, configuration={"setParameter": {"cursorTimeoutMillis": 5}})
    crashed = {**CRASHED, "template": desired.template, "parameters": {"unknown": 1}}
    observed = with_pod(running(desired, down={2}), 2, **crashed)
    assert [each.pod for each in replace_stuck_pods(desired, observed)] == ["mongo-2"]
    same = with_pod(observed, 2, parameters=desired.parameters)
    assert list(replace_stuck_pods(desired, same)) == []


def test_a_pod_whose_volume_was_emptied_goes_back_to_the_gate() -> None:
    """Rule 34: its mongod refuses to start, and only a new pod passes the gate."""
    emptied = {"found_no_data": True, "mongod_running": False, "template": SET.template}
    observed = with_pod(running(SET, down={1}), 1, **emptied)
    assert only(replace_stuck_pods(SET, observed)).reason == "its volume was emptied"
    for other in ({"mongod_running": True}, {"deleting": True}):
        assert replaced(with_pod(observed, 1, **other)) == []
