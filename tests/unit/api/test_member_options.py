"""Options of members and settings of the set that are fine, and what they mean."""

from typing import Any

import pytest

from e2e.wrong import GOOD
from mongors.api.electorate import leaves_one_electable
from mongors.api.member_options import MemberOption
from mongors.api.spec import (
    DefaultWriteConcern,
    InvalidSpec,
    MongoReplicaSet,
    MongoReplicaSetSpec,
    Settings,
)


def spec_of(**fields: Any) -> MongoReplicaSetSpec:
    return MongoReplicaSet.parse(GOOD | {"spec": GOOD["spec"] | fields}).spec


def test_defaults_are_those_of_the_server() -> None:
    spec = spec_of()

    assert spec.member_options == ()
    assert spec.settings.to_wire() == {
        "electionTimeoutMillis": 10000,
        "heartbeatIntervalMillis": 2000,
        "heartbeatTimeoutSecs": 10,
        "catchUpTimeoutMillis": -1,
        "chainingAllowed": True,
    }
    assert spec.default_write_concern is DefaultWriteConcern.MAJORITY
    assert spec.configuration == {}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"electionTimeoutMillis": 6000},
        {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 333},
        {"electionTimeoutMillis": 600000, "heartbeatIntervalMillis": 60000},
        {"heartbeatTimeoutSecs": 1, "catchUpTimeoutMillis": 0, "chainingAllowed": False},
        {"heartbeatTimeoutSecs": 300, "catchUpTimeoutMillis": 3600000},
    ],
    ids=str,
)
def test_settings_are_accepted_up_to_their_bounds(settings: dict[str, Any]) -> None:
    assert spec_of(settings=settings).settings.to_wire() == Settings().to_wire() | settings


@pytest.mark.parametrize(
    "option",
    [
        {"member": 49},
        {"member": 1, "priority": 0},
        {"member": 1, "priority": 1000},
        {"member": 1, "votes": 0, "priority": 0},
        {"member": 1, "votes": 1, "hidden": True},
        {"member": 1, "delaySeconds": 31622400, "hidden": True, "priority": 0},
        {"member": 1, "tags": {"data-center": "", "rack_1": "a b:c"}},
    ],
    ids=str,
)
def test_option_is_accepted_up_to_its_bounds(option: dict[str, Any]) -> None:
    (read,) = spec_of(memberOptions=[option]).member_options

    assert read.to_wire() == {"hidden": False, "delaySeconds": 0, "tags": {}} | option


def test_write_concern_may_be_left_alone() -> None:
    spec = spec_of(defaultWriteConcern="Unmanaged")

    assert spec.default_write_concern is DefaultWriteConcern.UNMANAGED


@pytest.mark.parametrize(
    ("option", "demands", "refuses", "may_be_primary"),
    [
        ({}, False, False, True),
        ({"votes": 1}, True, False, True),
        ({"votes": 0}, False, True, False),
        ({"priority": 2}, True, False, True),
        ({"priority": 0}, False, False, False),
        ({"votes": 1, "priority": 0}, True, False, False),
        ({"hidden": True}, False, False, False),
        ({"delaySeconds": 1}, False, True, False),
        ({"delaySeconds": 1, "votes": 1}, True, False, False),
    ],
)
def test_option_means(
    option: dict[str, Any], demands: bool, refuses: bool, may_be_primary: bool
) -> None:
    read = MemberOption.model_validate({"member": 0, **option})

    assert (read.demands_vote, read.refuses_vote, read.may_be_primary) == (
        demands,
        refuses,
        may_be_primary,
    )


HIDDEN_VOTERS = [MemberOption(member=member, hidden=True, votes=1) for member in range(7)]


def test_seven_votes_that_elect_nobody_are_refused() -> None:
    assert leaves_one_electable(8, HIDDEN_VOTERS[:6])
    assert not leaves_one_electable(8, HIDDEN_VOTERS)
    with pytest.raises(InvalidSpec, match=r"spec\.memberOptions: at least one member"):
        spec_of(members=8, memberOptions=[each.to_wire() for each in HIDDEN_VOTERS])


def test_who_is_absent_cannot_be_elected() -> None:
    options = [MemberOption(member=0, votes=0), MemberOption(member=1, priority=5)]

    assert leaves_one_electable(2, options)
    assert not leaves_one_electable(1, options)
