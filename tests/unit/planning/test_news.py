"""Events: each act, each failure, each turn; nothing for a pass that changed nothing."""

import dataclasses
from typing import Any, get_args

import pytest

from mongors.api.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    EventReason,
    Reason,
)
from mongors.api.status import Status
from mongors.desired.labels import Role
from mongors.desired.secrets import SecretKind
from mongors.planning.actions import (
    Action,
    Apply,
    Evict,
    Force,
    Generate,
    GrowClaim,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remake,
    Remove,
    ReplacePod,
    SetParameters,
    SetWriteConcern,
    ShowRole,
    StepDown,
    StepUp,
    StopForGood,
    SwitchOver,
    WithdrawEmptyStart,
    told,
)
from mongors.planning.news import News, news
from mongors.planning.outcome import Outcome
from unit.builders import config, only

ONE = config([0])
NOTHING = Status()
SHOWN = ShowRole("a-0", "uid", Role.PRIMARY, True, Role.OTHER, relabel=True, regate=True)


def reconfigure(kind: str) -> Reconfigure:
    """A reconfig of some kind."""
    return Reconfigure(0, (1, 1), ONE, "add a member", kind)


def turn(
    kind: ConditionType, status: ConditionStatus, message: str, reason: Reason = Reason.UNKNOWN
) -> Status:
    """A status with one condition."""
    return Status(conditions=(Condition(type=kind, status=status, reason=reason, message=message),))


def stalled(message: str, reason: Reason = Reason.SCALE_REFUSED) -> Status:
    """A status of a set that waits for people."""
    return turn(ConditionType.STALLED, ConditionStatus.TRUE, message, reason)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (Apply("Service", "a", {}, None), EventReason.OBJECT_CREATED),
        (Apply("Service", "a", {}, "uid"), EventReason.OBJECT_UPDATED),
        (Remove("RoleBinding", "a", "uid"), EventReason.OBJECT_REMOVED),
        (Generate(SecretKind.KEYFILE, "a-keyfile"), EventReason.SECRET_GENERATED),
        (PermitEmptyStart("a-0", "uid", "why"), EventReason.EMPTY_START_PERMITTED),
        (SHOWN, EventReason.ROLE_CHANGED),
        (Initiate(0, ONE), EventReason.INITIATED),
        (MakeUsers(0, "mark"), EventReason.USERS_CREATED),
        (reconfigure("add"), EventReason.MEMBER_ADDED),
        (reconfigure("remove"), EventReason.MEMBER_REMOVED),
        (reconfigure("give_vote"), EventReason.VOTE_GIVEN),
        (reconfigure("take_vote"), EventReason.VOTE_TAKEN),
        (reconfigure("change"), EventReason.MEMBER_CHANGED),
        (StepDown(0, "a-0", 1, "why"), EventReason.STEPPED_DOWN),
        (SwitchOver(0, "a-0", 1, 2, "a-2", (1,), "why"), EventReason.SWITCHED_OVER),
        (Evict(0, "a-0", "uid", "why"), EventReason.POD_EVICTED),
        (ReplacePod("a-0", "uid", "why"), EventReason.POD_REPLACED),
        (StopForGood("a-0", "uid", "why"), EventReason.RECOVERY_PREPARED),
        (Force(0, "a-0", (1, 1), ONE), EventReason.FORCED),
        (GrowClaim("data-a-0", "uid", "5Gi"), EventReason.VOLUME_GROWN),
        (Remake("a", "uid", "why"), EventReason.STATEFUL_SET_REMADE),
        (SetParameters(0, "a-0", "uid", "{}", {"x": 1}), EventReason.PARAMETERS_SET),
        (SetWriteConcern(0), EventReason.DEFAULT_WRITE_CONCERN_SET),
    ],
)
def test_each_act_is_told(action: Action, reason: EventReason) -> None:
    assert only(news([Outcome(action)], NOTHING, NOTHING)) == News(reason, told(action))


@pytest.mark.parametrize(
    "action",
    [
        StepUp(0),
        WithdrawEmptyStart("a-0", "uid"),
        ShowRole("a-0", "uid", Role.PRIMARY, True, Role.PRIMARY, relabel=False, regate=True),
    ],
)
def test_small_acts_are_not_told(action: Action) -> None:
    assert list(news([Outcome(action)], NOTHING, NOTHING)) == []


@pytest.mark.parametrize(
    "change", ["add x", "take x out", "give a vote to x", "take the vote of x", "change options"]
)
def test_each_change_of_the_configuration_has_its_words(change: str) -> None:
    assert told(Reconfigure(0, (1, 1), ONE, change, "add")).split()[1:] == change.split()[1:]


def test_every_action_can_be_told() -> None:
    """No act fails because nobody thought of its words."""
    fields: dict[str, Any] = {
        "config": ONE,
        "values": {"x": 1},
        "secret": SecretKind.KEYFILE,
        "role": Role.PRIMARY,
        "based_on": (1, 1),
        "change": "add x",
        "kind": "add",
    }
    for kind in get_args(Action):
        made = kind(**{each.name: fields.get(each.name, "a") for each in dataclasses.fields(kind)})
        assert told(made)[0].isupper()
        assert len(list(news([Outcome(made)], NOTHING, NOTHING))) <= 1
        assert hash(made) == hash(dataclasses.replace(made))


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(StepUp(0), "no", is_final=True),
        Outcome(StepUp(0), "no", missing_permission=("get", "pods")),
    ],
)
def test_a_failure_that_will_not_pass_is_told(outcome: Outcome) -> None:
    said = only(news([outcome], NOTHING, NOTHING))
    assert said.reason is EventReason.FAILED
    assert said.is_warning
    assert said.note == "ask member 0 to stand for election: no"


def test_a_failure_that_may_pass_is_not_told() -> None:
    assert list(news([Outcome(StepUp(0), "no", was_refused=True)], NOTHING, NOTHING)) == []


def test_a_new_primary_is_told_once() -> None:
    before, after = Status(primary="a-0"), Status(primary="a-1")
    assert only(news([], before, after)) == News(EventReason.PRIMARY_ELECTED, "a-1 is primary")
    assert list(news([], after, after)) == []
    assert list(news([], before, NOTHING)) == []


def test_a_turn_to_ready_and_back_is_told() -> None:
    yes = turn(ConditionType.READY, ConditionStatus.TRUE, "all serve")
    no = turn(ConditionType.READY, ConditionStatus.FALSE, "one is down")
    assert only(news([], NOTHING, yes)) == News(EventReason.READY, "All serve")
    assert only(news([], no, yes)) == News(EventReason.READY, "All serve")
    assert only(news([], yes, no)) == News(EventReason.NOT_READY, "One is down", True)
    assert list(news([], yes, yes)) == list(news([], NOTHING, no)) == []


@pytest.mark.parametrize(
    ("reason", "event"),
    [
        (Reason.NAME_CONFLICT, EventReason.NAME_CONFLICT),
        (Reason.FOREIGN_DATA, EventReason.FOREIGN_DATA),
        (Reason.KEY_FILE_MISSING, EventReason.KEY_FILE_MISSING),
        (Reason.SPEC_INVALID, EventReason.SPEC_INVALID),
        (Reason.SCALE_REFUSED, EventReason.REFUSED),
    ],
)
def test_what_waits_for_people_is_told_with_its_reason(reason: Reason, event: EventReason) -> None:
    assert only(news([], NOTHING, stalled("do this", reason))) == News(event, "Do this", True)


def test_what_waits_for_people_is_told_again_only_when_it_changes() -> None:
    assert list(news([], stalled("do this"), stalled("do this"))) == []
    assert only(news([], stalled("do this"), stalled("do that"))).note == "Do that"
    calm = turn(ConditionType.STALLED, ConditionStatus.FALSE, "do this")
    assert only(news([], calm, stalled("do this"))).note == "Do this"
    assert list(news([], stalled("do this"), calm)) == []


def test_a_passing_act_and_a_turn_are_told_together() -> None:
    said = list(news([Outcome(SHOWN)], NOTHING, Status(primary="a-0")))
    assert [each.reason for each in said] == [
        EventReason.ROLE_CHANGED,
        EventReason.PRIMARY_ELECTED,
    ]


def test_acts_of_one_kind_are_one_event() -> None:
    """Each Event is a request to the API server, and a line that somebody has to read."""
    made = [Outcome(Apply("Service", name, {}, None)) for name in ("a", "a-read")]
    said = list(news([*made, Outcome(Remove("RoleBinding", "a", "uid"))], NOTHING, NOTHING))
    assert said == [
        News(EventReason.OBJECT_CREATED, "Created Service a; created Service a-read"),
        News(EventReason.OBJECT_REMOVED, "Removed RoleBinding a"),
    ]


def test_no_event_is_longer_than_the_api_server_takes_and_nothing_is_left_out() -> None:
    names = [f"{'a' * 200}-{number}" for number in range(20)]
    said = list(news([Outcome(Apply("Service", n, {}, None)) for n in names], NOTHING, NOTHING))
    assert 1 < len(said) < len(names)
    assert all(len(each.note) <= 1024 for each in said)
    assert [n for n in names if not any(n in each.note for each in said)] == []


def test_failures_are_told_one_by_one() -> None:
    failed = [
        Outcome(Apply("Service", name, {}, None), "no room", is_final=True) for name in ("a", "b")
    ]
    assert [each.is_warning for each in news(failed, NOTHING, NOTHING)] == [True, True]


def test_what_failed_stands_where_it_happened() -> None:
    made = [Outcome(Apply("Service", name, {}, None)) for name in ("a", "a-read")]
    failed = Outcome(Remove("RoleBinding", "a", "uid"), "no", is_final=True)
    said = list(news([made[0], failed, made[1]], NOTHING, NOTHING))
    assert [each.reason for each in said] == [EventReason.OBJECT_CREATED, EventReason.FAILED]
    assert said[0].note == "Created Service a; created Service a-read"


def test_a_long_silence_is_not_news() -> None:
    assert list(news([], NOTHING, NOTHING)) == []


def test_a_member_that_falls_behind_is_told_once() -> None:
    """Rule 44."""
    fact = Condition(
        type=ConditionType.FAULT_TOLERANT, status=ConditionStatus.FALSE,
        reason=Reason.FALLING_BEHIND, message="a-2 is far behind", observed_generation=1,
    )  # fmt: skip
    behind = Status(conditions=(fact,))
    said = only(news([], NOTHING, behind))
    assert said == News(EventReason.FALLING_BEHIND, "a-2 is far behind", is_warning=True)
    assert list(news([], behind, behind)) == []
    assert list(news([], behind, NOTHING)) == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (Reason.NODE_LOST, True),
        (Reason.PODS_PENDING, True),
        (Reason.ROLLING, True),
        (Reason.WAITING_FOR_ELECTION, False),
        (Reason.WAITING_FOR_PODS, False),
        (Reason.PROGRESSING, False),
    ],
)
def test_what_is_waited_for_is_told_once_if_it_may_last(reason: Reason, told: bool) -> None:
    fact = Condition(
        type=ConditionType.RECONCILING, status=ConditionStatus.TRUE,
        reason=reason, message="a-2 is away", observed_generation=1,
    )  # fmt: skip
    after = Status(conditions=(fact,))
    expected = [News(EventReason.WAITING, "A-2 is away")] if told else []
    assert list(news([], NOTHING, after)) == expected
    later = Status(conditions=(fact.model_copy(update={"message": "a-2 is still away"}),))
    assert list(news([], after, later)) == []
