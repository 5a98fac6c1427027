"""The status is written without gaps and read without complaint."""

from mongors.api.approval import SpentApproval, WaitingPlan
from mongors.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from mongors.api.status import Binding, MemberStatus, Status

READY = {"type": "Ready", "status": "True", "reason": "AllMembersHealthy"}


def test_what_is_not_known_is_not_written() -> None:
    status = Status(
        ready="1/3",
        feature_compatibility_version="6.0",
        binding=Binding(name="mongo-connection"),
        member_status=(MemberStatus(name="mongo-0", ordinal=0, lag_seconds=0),),
    )

    assert status.to_wire() == {
        "ready": "1/3",
        "featureCompatibilityVersion": "6.0",
        "binding": {"name": "mongo-connection"},
        "conditions": [],
        "memberStatus": [{"name": "mongo-0", "ordinal": 0, "lagSeconds": 0}],
    }


def test_status_goes_over_the_wire_and_back() -> None:
    condition = Condition(
        type=ConditionType.READY, status=ConditionStatus.TRUE, reason=Reason.ALL_MEMBERS_HEALTHY
    )
    status = Status(
        conditions=(condition,),
        config_term=3,
        last_switchover="mongo-1",
        waiting_for_approval=(WaitingPlan(id="restart-3f9c01ab", plan="waiting"),),
        spent_approval=SpentApproval(approved="remove-00112233", void=True),
        member_status=(
            MemberStatus(
                name="mongo-0",
                ordinal=0,
                priority=0.5,
                hidden=True,
                delay_seconds=60,
                storage="2Gi",
                storage_requested="4Gi",
            ),
        ),
    )

    assert Status.read(status.to_wire()) == status


def test_nothing_reads_as_nothing_known() -> None:
    assert Status.read({}) == Status()


def test_unknown_fields_are_passed_over() -> None:
    assert Status.read({"ready": "3/3", "weather": "fine"}) == Status(ready="3/3")


def test_field_that_cannot_be_understood_is_left_out() -> None:
    assert Status.read({"ready": "3/3", "members": [], "binding": 7}) == Status(ready="3/3")


def test_entry_that_cannot_be_understood_is_left_out_alone() -> None:
    raw = {
        "conditions": [{"type": "FromTheFuture", "status": "True", "reason": "X"}, READY],
        "memberStatus": [{"name": "mongo-0", "ordinal": 0}, {"name": "mongo-1"}],
    }

    status = Status.read(raw)

    assert [condition.type for condition in status.conditions] == [ConditionType.READY]
    assert [member.name for member in status.member_status] == ["mongo-0"]


def test_list_of_the_wrong_kind_is_left_out() -> None:
    assert Status.read({"conditions": "none", "memberStatus": None, "plan": "rest"}) == Status(
        plan="rest"
    )
