"""Approving: what waits is shown, and only that can be let run."""

from dataclasses import replace

import pytest

from mongors.cli.app import ERROR, READY
from mongors.cli.foreseeing import foresee
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.planning.approval import removal_id, restart_id
from unit.builders import OLD_TEMPLATE, asking, config, running, wanted, with_pod
from unit.cli import looks
from unit.cli.worlds import Fake, world_of, world_with

SEEN = looks.unapproved()


@pytest.fixture
def fake() -> Fake:
    """A set whose restarts wait for approval."""
    return world_of(SEEN)


def id_of(desired: Desired | None = SEEN.desired) -> str:
    assert desired is not None
    return restart_id(desired)


def approval(fake: Fake) -> object:
    """What was written; one annotation of this very resource, and nothing else."""
    (write,) = fake.api.writes()
    assert write.body is not None
    assert set(write.body) == {"metadata"}
    assert write.body["metadata"]["uid"] == "uid-set"
    (key,) = write.body["metadata"]["annotations"]
    assert key == labels.APPROVED
    return write.body["metadata"]["annotations"][key]


def annotated(fake: Fake, approved: str) -> None:
    set_ = fake.api.objects["MongoReplicaSet", "mongo"]
    set_["metadata"]["annotations"] = {labels.APPROVED: approved}


def test_what_waits_is_approved_by_its_id(fake: Fake) -> None:
    result = fake.run("approve", "mongo", id_of())
    assert result.exit_code == READY, result.output
    assert approval(fake) == id_of()


def test_without_an_id_it_is_shown_and_asked_for(fake: Fake) -> None:
    result = fake.run("approve", "mongo", typed="y\n")
    assert result.exit_code == READY, result.output
    assert "restart mongo-2, mongo-1, mongo-0 one by one" in " ".join(result.output.split())
    assert approval(fake) == id_of()


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_nothing_is_approved_that_is_not_meant(fake: Fake, typed: str) -> None:
    assert fake.run("approve", "mongo", typed=typed).exit_code == ERROR
    assert fake.api.writes() == []


def test_nothing_can_be_approved_that_does_not_wait(fake: Fake) -> None:
    result = fake.run("approve", "mongo", "restart-00000000")
    assert result.exit_code == ERROR
    assert f"restart-00000000 does not wait for approval; {id_of()} waits for it" in result.stderr
    assert fake.api.writes() == []


def test_where_nothing_waits_it_says_so() -> None:
    desired = wanted(3, approval="Manual")
    fake = world_with(desired, running(desired))
    result = fake.run("approve", "mongo")
    assert (result.exit_code, result.output) == (READY, "Nothing of mongo waits for approval.\n")
    assert fake.run("approve", "mongo", "x").exit_code == ERROR
    assert fake.api.writes() == []


def test_nothing_is_approved_that_the_operator_has_not_planned_yet(fake: Fake) -> None:
    fake.api.objects["MongoReplicaSet", "mongo"]["metadata"]["generation"] = 9
    result = fake.run("approve", "mongo", id_of())
    assert result.exit_code == ERROR
    assert "has not seen the present spec yet" in result.stderr


def test_an_approval_under_way_is_not_replaced(fake: Fake) -> None:
    annotated(fake, "remove-00000000")
    result = fake.run("approve", "mongo", id_of())
    assert result.exit_code == ERROR
    assert "remove-00000000 is approved and under way" in result.stderr
    assert fake.api.writes() == []


def test_a_spent_approval_is_replaced_by_one_with_a_number(fake: Fake) -> None:
    assert SEEN.desired is not None
    assert SEEN.observed is not None
    asked = replace(SEEN.desired.asked, approved=id_of())
    spent = SEEN.status.model_validate({"spentApproval": {"approved": id_of(), "void": True}})
    seen = replace(SEEN.observed, status=spent)
    fake = world_with(replace(SEEN.desired, asked=asked), seen)
    annotated(fake, id_of())
    assert fake.run("approve", "mongo", id_of()).exit_code == READY
    assert approval(fake) == f"{id_of()}@2"


def test_of_several_one_has_to_be_named() -> None:
    desired = wanted(3, approval="Manual")
    observed = with_pod(running(desired, config(range(4))), 0, template=OLD_TEMPLATE)
    fake = world_with(desired, observed)
    result = fake.run("approve", "mongo", typed="y\n")
    assert result.exit_code == ERROR
    assert f"{removal_id(desired)}, {restart_id(desired)} wait for approval" in result.stderr
    assert fake.run("approve", "mongo", removal_id(desired)).exit_code == READY


@pytest.mark.parametrize("wish", [("restart", "mongo"), ("resync", "mongo", "2", "-y")])
def test_whoever_asks_for_a_restart_or_a_copy_is_told_that_it_waits(
    fake: Fake, wish: tuple[str, ...]
) -> None:
    told = "waits for approval: kubectl mongors approve mongo"
    assert told in fake.run(*wish).output
    freely = wanted(3)
    assert told not in world_with(freely, running(freely)).run(*wish).output


def test_a_forecast_goes_on_as_if_approved() -> None:
    assert SEEN.desired is not None
    assert SEEN.observed is not None
    forecast = foresee(SEEN.desired, SEEN.observed)
    assert "restart mongo-2" not in " ".join(forecast.steps)
    assert [each.split(":")[0] for each in forecast.steps_once_approved] == [
        "restart mongo-2",
        "restart mongo-1",
        "hand over from mongo-0 to mongo-1",
        "restart mongo-0",
    ]
    approved = asking(SEEN.desired, approved=id_of())
    assert foresee(approved, SEEN.observed).is_settled


def test_programs_are_told_what_waits(fake: Fake) -> None:
    assert f'"id": "{id_of()}"' in fake.run("status", "mongo", "-o", "json").output
    assert '"stepsOnceApproved"' in fake.run("plan", "mongo", "-o", "json").output
