"""The plan: all upkeep, the first step with something to say, and never an unsafe one."""

import copy
from dataclasses import replace

import pytest

from mongors.api.conditions import Reason
from mongors.desired.secrets import SecretKind
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import (
    Apply,
    Generate,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remove,
    StepDown,
    StepUp,
    WithdrawEmptyStart,
    told,
)
from mongors.planning.plan import Plan, plan
from mongors.planning.waits import QUICK_SECONDS, SLOW_SECONDS, STEADY_SECONDS, Wait
from unit.builders import (
    IDENTITY,
    NOW,
    OTHER_IDENTITY,
    config,
    entry,
    pending_pod,
    running,
    unborn,
    wanted,
    with_pod,
    without,
)

SET = wanted(3)


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5, 6, 7, 8, 50])
def test_a_set_that_is_as_wanted_has_an_empty_plan(members: int) -> None:
    """Rule 28."""
    desired = wanted(members)
    planned = plan(desired, running(desired))
    assert planned == Plan()
    assert planned.is_empty
    assert planned.sentence() is None


def test_a_paused_set_is_left_alone_whatever_it_needs() -> None:
    """Rule 86: pods, objects and members alike."""
    observed = without(running(wanted(5), config(range(5))), ("Service", "mongo"))
    planned = plan(wanted(3, paused=True), observed)
    assert planned.upkeep == ()
    assert planned.step is None
    assert [each.reason for each in planned.waits] == [Reason.PAUSED]


def test_upkeep_and_a_step_go_in_the_same_pass() -> None:
    observed = with_pod(running(SET, config(range(4))), 1, role="other")
    planned = plan(SET, observed)
    assert [str(each) for each in planned.upkeep] == [
        "apply Secret mongo-connection",  # the member that leaves is told of while it serves
        "show mongo-1 as secondary, in service",
    ]
    assert isinstance(planned.step, Reconfigure)
    assert planned.sentence() == str(planned.step)


def test_upkeep_alone_is_told_in_the_plan_s_sentence() -> None:
    planned = plan(SET, with_pod(running(SET), 1, role="other"))
    assert planned.sentence() == "show mongo-1 as secondary, in service"
    assert not planned.is_empty


def test_members_leave_before_others_join() -> None:
    live = config((0, 1, entry(7)))
    planned = plan(SET, running(SET, live))
    assert isinstance(planned.step, Reconfigure)
    assert planned.step.kind == "remove"


def test_users_come_before_members() -> None:
    observed = replace(running(SET, config((0, 1))), record=Record(IDENTITY, 1))
    assert isinstance(plan(SET, observed).step, MakeUsers)


def test_an_unsafe_step_becomes_a_wait() -> None:
    """Rule 37: whatever step asked for it."""
    observed = running(wanted(2), config(range(3)), down={1})
    planned = plan(wanted(2), observed)
    assert planned.step is None
    assert planned.waits_for_people
    assert planned.sentence() is not None
    assert planned.waits[0].reason is Reason.SCALE_REFUSED


def test_foreign_data_stops_every_step() -> None:
    """Rule 4."""
    observed = replace(running(SET, config(range(4))), record=Record(OTHER_IDENTITY, 3))
    planned = plan(SET, observed)
    assert planned.step is None
    assert [each.reason for each in planned.waits] == [Reason.FOREIGN_DATA]
    assert planned.waits_for_people


def test_conflicts_are_told_before_what_they_hold_up() -> None:
    observed = Observed(at=NOW, taken=frozenset({("Service", "mongo")}))
    planned = plan(SET, observed)
    assert [each.reason for each in planned.waits] == [Reason.NAME_CONFLICT, Reason.PROGRESSING]


def test_a_plan_is_the_same_for_the_same_snapshot_and_changes_nothing_in_it() -> None:
    """Rule 77: nothing is remembered between two passes."""
    observed = running(SET, config(range(4)))
    before = copy.deepcopy(observed)
    assert plan(SET, observed) == plan(SET, observed)
    assert observed == before


def test_a_lost_quorum_leads_to_no_step_at_all() -> None:
    """Rule 12: nothing is forced, not even when nothing else could help."""
    for down in ({1, 2}, {0, 1}, {0, 1, 2}):
        observed = running(SET, primary=None, down=down)
        assert plan(SET, observed).step is None


def test_a_birth_is_taken_up_wherever_it_was_cut_off() -> None:
    """Rule 77: each moment of a birth leads to the next one, with nothing written down."""
    assert isinstance(plan(SET, unborn(SET)).step, Initiate)
    newborn = running(SET, config(version=1, term=0), primary=None)
    assert isinstance(plan(SET, newborn).step, StepUp)
    led = replace(running(SET, config(version=1, term=1)), record=Record())
    assert isinstance(plan(SET, led).step, MakeUsers)


def test_gates_open_in_the_first_pass_that_sees_the_pods() -> None:
    observed = replace(unborn(SET), pods={0: pending_pod(0)}, answers={})
    assert [type(each) for each in plan(SET, observed).upkeep] == [PermitEmptyStart]


def test_waits_tell_how_soon_to_look_again() -> None:
    assert Wait(Reason.WAITING_FOR_ELECTION, "").look_again_seconds == QUICK_SECONDS
    assert Wait(Reason.NO_PRIMARY, "").look_again_seconds == STEADY_SECONDS
    assert Wait(Reason.WAITING_FOR_PODS, "").look_again_seconds == SLOW_SECONDS
    assert not Wait(Reason.WAITING_FOR_PODS, "").stalls
    assert Wait(Reason.KEY_FILE_MISSING, "").stalls


def test_actions_speak_for_themselves() -> None:
    one = config([0])
    assert [
        str(each)
        for each in (
            Apply("Service", "a", {}, None),
            Apply("Service", "a", {}, "uid"),
            Remove("RoleBinding", "a", "uid"),
            Generate(SecretKind.KEYFILE, "a-keyfile"),
            PermitEmptyStart("a-0", "uid", "birth of the set"),
            WithdrawEmptyStart("a-0", "uid"),
            Initiate(0, one),
            StepUp(2),
            MakeUsers(0, "mark"),
            Reconfigure(0, one.stamp, one, "add x", "add"),
            StepDown(1, "a-1", 3, "its member is to leave the set"),
        )
    ] == [
        "create Service a",
        "apply Service a",
        "remove RoleBinding a",
        "generate Secret a-keyfile",
        "permit a-0 to start over an empty volume (birth of the set)",
        "withdraw from a-0 the permission to start over an empty volume",
        "initiate rs0 with 1 members",
        "ask member 2 to stand for election",
        "make the operator's and the application's users",
        "add x",
        "step a-1 down: its member is to leave the set",
    ]


@pytest.mark.parametrize(
    ("change", "deed"),
    [
        ("take x out of the configuration", "Took x out of the configuration"),
        ("add x as member 3", "Added x as member 3"),
        ("give a vote to x", "Gave a vote to x"),
    ],
)
def test_deeds_are_told_in_the_past(change: str, deed: str) -> None:
    assert told(Reconfigure(0, (1, 1), config([0]), change, "add")) == deed
