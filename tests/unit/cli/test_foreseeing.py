"""Forecasts: the operator's own planner, let run ahead on assumptions."""

from dataclasses import replace

import pytest

from mongors.cli.foreseeing import Forecast, foresee
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from unit.builders import IDENTITY, NOW, asking, claim, running, unborn, wanted


def told(forecast: Forecast) -> str:
    return "\n".join(forecast.steps).replace(".mongo.default.svc.cluster.local:27017", "")


def with_sizes(observed: Observed) -> Observed:
    claims = {at: replace(claim(at), requested="2Gi", capacity="2Gi") for at in observed.claims}
    return replace(observed, claims=claims, volumes_can_grow=True)


def test_nothing_is_foreseen_for_a_set_as_wanted() -> None:
    forecast = foresee(wanted(3), running(wanted(3)))
    assert (forecast.actions, forecast.waits, forecast.is_settled) == ((), (), True)


def test_two_members_more_join_in_order() -> None:
    forecast = foresee(wanted(5, generation=2), running(wanted(3)))
    assert told(forecast).splitlines()[1:] == [
        "apply StatefulSet mongo with 5 pods",
        "permit mongo-3 to start over an empty volume (not a member of configuration version 5)",
        "permit mongo-4 to start over an empty volume (not a member of configuration version 5)",
        "add mongo-3 as member 3",
        "add mongo-4 as member 4",
    ]
    assert forecast.after.config is not None
    assert len(forecast.after.config.voters) == 5
    assert forecast.is_settled


def test_members_leave_the_configuration_before_their_pods_go() -> None:
    steps = told(foresee(wanted(3, generation=2), running(wanted(5))))
    assert steps.index("take mongo-4 out") < steps.index("StatefulSet mongo with 4 pods")
    assert steps.index("take mongo-3 out") < steps.index("StatefulSet mongo with 3 pods")


def test_the_primary_restarts_last_after_handing_over() -> None:
    limits = {"limits": {"memory": "1Gi"}}
    forecast = foresee(wanted(3, generation=2, resources=limits), running(wanted(3)))
    order = [each.split(":")[0] for each in forecast.steps]
    assert order == [
        "apply StatefulSet mongo with 3 pods",
        "restart mongo-2",
        "restart mongo-1",
        "hand over from mongo-0 to mongo-1",
        "restart mongo-0",
    ]


WISHES: dict[str, tuple[Desired, Observed, str]] = {
    "birth": (wanted(3), unborn(wanted(3)), "initiate rs0 with 3 members"),
    "nothing but a resource": (wanted(3), Observed(at=NOW), "make the operator's"),
    "another primary": (
        asking(wanted(3), primary="mongo-2"),
        running(wanted(3)),
        "hand over from mongo-0 to mongo-2",
    ),
    "a copy anew": (
        asking(wanted(3), resync="mongo-2/2"),
        running(wanted(3)),
        "add mongo-2 as member 3",
    ),
    "larger volumes": (
        wanted(3, generation=2, storage={"size": "3Gi"}),
        with_sizes(running(wanted(3))),
        "remake StatefulSet mongo",
    ),
    "a member without a vote": (
        wanted(3, generation=2, memberOptions=[{"member": 2, "priority": 0}]),
        running(wanted(3)),
        "change options of mongo-2",
    ),
    "a recovery": (
        asking(wanted(3), recover=f"{IDENTITY}/mongo-0/5"),
        replace(
            lost := running(wanted(3), primary=None, down=(1, 2)),
            pods={at: replace(pod, mongod_running=at == 0) for at, pod in lost.pods.items()},
        ),
        "force a configuration onto mongo-0 alone",
    ),
}


@pytest.mark.parametrize(("desired", "observed", "step"), WISHES.values(), ids=WISHES)
def test_a_wish_is_foreseen_to_its_end(desired: Desired, observed: Observed, step: str) -> None:
    forecast = foresee(desired, observed)
    assert step in told(forecast)
    assert forecast.is_settled, forecast.last


def test_the_forecast_ends_where_nobody_knows() -> None:
    forecast = foresee(wanted(3), running(wanted(3), down=(2,)))
    assert not forecast.is_settled
    assert "mongo-2" in forecast.waits[0].message


def test_the_snapshot_itself_is_left_as_it_was() -> None:
    before, same = running(wanted(3)), running(wanted(3))
    foresee(wanted(5, generation=2), before)
    assert before == same
