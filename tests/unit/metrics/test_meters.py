"""What is counted as it happens: passes by outcome, actions, waits and requests."""

from typing import Any

import pytest
from prometheus_client import generate_latest

from mongors.api.conditions import Reason
from mongors.errors import Refused, Retry
from mongors.metrics.meters import Meters
from mongors.metrics.of_operator import OF_OPERATOR
from mongors.metrics.of_sets import OF_CANARIES
from mongors.metrics.outcomes import ACTIONS
from mongors.next import Next
from mongors.planning.actions import StepUp
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.planning.waits import Wait
from mongors.store import SetRef
from unit.builders import running, wanted
from unit.metrics.pages import found

REF = SetRef("default", "mongo")
SET = wanted(3)
STEP = StepUp(0)


class Clock:
    """Moves on by two seconds whenever it is asked."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2.0
        return self.now


def page(meters: Meters) -> str:
    return generate_latest(meters.registry).decode()


async def after_a_pass(
    *outcomes: Outcome, planned: Plan | None = None, error: Exception | None = None
) -> Meters:
    """Meters that have looked on at one whole pass, or at one that raised."""
    meters = Meters(Clock())

    async def reconcile(ref: SetRef, woken: bool) -> Next:
        if error is not None:
            raise error
        meters.passed(SET, running(SET), planned or Plan(), outcomes)
        return Next(5.0)

    if error is None:
        assert await meters.measured(reconcile)(REF, True) == Next(5.0)
    else:
        with pytest.raises(type(error)):
            await meters.measured(reconcile)(REF, True)
    return meters


WAITS = Plan(waits=(Wait(Reason.WAITING_FOR_PODS, "waiting for pods"),))


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({}, "settled"),
        ({"planned": WAITS}, "waiting"),
        ({"error": Refused("conflict")}, "refused"),
        ({"error": Retry("no answer")}, "failed"),
        ({"error": KeyError("bug")}, "error"),
    ],
)
async def test_a_pass_is_counted_by_its_outcome(given: dict[str, Any], outcome: str) -> None:
    assert found(page(await after_a_pass(**given)), "mongors_passes_total") == {outcome: 1}


@pytest.mark.parametrize(
    ("outcome", "of_pass", "of_action"),
    [
        (Outcome(STEP), "acted", "done"),
        (Outcome(STEP, "x", was_refused=True), "refused", "refused"),
        (Outcome(STEP, "x"), "failed", "failed"),
        (Outcome(STEP, "x", is_final=True), "failed", "rejected"),
        (Outcome(STEP, "x", missing_permission=("get", "pods")), "failed", "denied"),
    ],
)
async def test_an_action_is_counted_by_its_outcome(
    outcome: Outcome, of_pass: str, of_action: str
) -> None:
    told = page(await after_a_pass(outcome))
    assert found(told, "mongors_passes_total") == {of_pass: 1}
    assert found(told, "mongors_actions_total") == {f"StepUp/{of_action}": 1}


def test_every_kind_of_action_is_on_the_list() -> None:
    assert "StepUp" in ACTIONS
    assert len(ACTIONS) == 21


async def test_a_check_at_rest_that_finds_nothing_new_is_checked() -> None:
    meters = Meters()

    async def check(ref: SetRef, woken: bool) -> Next:
        meters.greeted(ref, {0: 5.0, 1: 3.0})
        return Next(5.0)

    await meters.measured(check)(REF, False)
    assert found(page(meters), "mongors_passes_total") == {"checked": 1}
    assert meters.figures(REF).lags == {0: 0.0, 1: 2.0}


async def test_a_pass_that_looked_at_nothing_is_skipped() -> None:
    meters = Meters()

    async def skip(ref: SetRef, woken: bool) -> Next:
        return Next()

    await meters.measured(skip)(REF, True)
    assert found(page(meters), "mongors_passes_total") == {"skipped": 1}


async def test_passes_are_timed() -> None:
    told = page(await after_a_pass())
    assert found(told, "mongors_pass_duration_seconds_sum") == {"": 2.0}
    assert found(told, "mongors_pass_duration_seconds_bucket", le="1.0") == {"": 0}
    assert found(told, "mongors_pass_duration_seconds_bucket", le="2.5") == {"": 1}


def test_a_set_that_is_gone_is_forgotten() -> None:
    meters = Meters()
    meters.greeted(REF, {0: 5.0})
    meters.gone(REF)
    assert meters.figures(REF).lags is None


def test_requests_are_counted_by_verb_resource_and_code() -> None:
    meters = Meters()
    meters.answered("patch", "pods", 200, 0.02)
    meters.answered("patch", "pods", None, 30.0)
    told = page(meters)
    counts = found(told, "mongors_api_requests_total")
    assert counts == {"200/pods/patch": 1, "none/pods/patch": 1}
    assert found(told, "mongors_api_request_duration_seconds_count") == {"pods/patch": 2}


def test_waits_are_counted() -> None:
    meters = Meters()
    meters.waited(0.3)
    assert found(page(meters), "mongors_queue_wait_seconds_sum") == {"": 0.3}


async def test_everything_that_is_counted_is_described() -> None:
    meters = await after_a_pass(Outcome(STEP))
    meters.answered("get", "pods", 200, 0.1)
    names = {each.name for each in meters.registry.collect() if each.name.startswith("mongors")}
    known = (*OF_CANARIES, *OF_OPERATOR)
    assert names <= {metric.name.removesuffix("_total") for metric in known}
    assert "_created" not in page(meters)


def test_a_canary_is_told_of_until_it_ends() -> None:
    meters = Meters()
    name = 'name="mongo",namespace="default"'
    meters.attempted(REF, 0.02)
    meters.attempted(REF, None)
    told = page(meters)
    assert f"mongors_canary_failures_total{{{name}}} 1.0" in told
    assert f"mongors_canary_write_duration_seconds_count{{{name}}} 1.0" in told
    meters.silenced(REF)
    meters.silenced(REF)
    assert name not in page(meters)
