"""Server replies to values, and configurations back to documents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Timestamp

from mongors.mongo.replies import (
    applied_in_hello,
    config_of,
    document_of,
    is_any_behind,
    oplog_seconds_of,
    optime_of,
    parameters_of,
    state_in_hello,
    state_of,
    version_of,
    views_of,
    write_concern_of,
)
from mongors.observed.mongodb import MemberView, Optime, Parameter, State

DOCUMENT: dict[str, Any] = {
    "_id": "rs0",
    "version": 5,
    "term": 3,
    "members": [
        {
            "_id": 0,
            "host": "a:27017",
            "votes": 1,
            "priority": 1.0,
            "arbiterOnly": False,
            "hidden": False,
            "tags": {"dc": "east"},
            "horizons": {"outside": "x:1"},
            "secondaryDelaySecs": 30,
        },
        {"_id": 4, "host": "b:27017"},
    ],
    "protocolVersion": 1,
    "writeConcernMajorityJournalDefault": True,
    "settings": {"chainingAllowed": False, "replicaSetId": 0xABC},
}


def test_a_configuration_is_read() -> None:
    config = config_of(DOCUMENT)
    assert (config.name, config.version, config.term) == ("rs0", 5, 3)
    assert config.replica_set_id == str(0xABC)
    first, second = config.members
    assert (first.id, first.host, first.votes, first.priority) == (0, "a:27017", 1, 1.0)
    assert (second.id, second.votes, second.priority) == (4, 1, 1.0)


def test_a_configuration_of_an_old_server_has_no_term_and_no_identity() -> None:
    config = config_of({"_id": "rs0", "version": 1, "members": []})
    assert (config.term, config.replica_set_id) == (-1, None)


def test_what_is_not_ours_is_kept_to_the_letter() -> None:
    """Rules 23, 26 and 27: a reconfig replaces the whole document."""
    document = document_of(config_of(DOCUMENT))
    expected = {key: value for key, value in DOCUMENT.items() if key not in ("term", "members")}
    assert {key: value for key, value in document.items() if key != "members"} == expected
    assert document["members"][0] == DOCUMENT["members"][0]
    assert document["members"][1] == {
        "_id": 4,
        "host": "b:27017",
        "votes": 1,
        "priority": 1.0,
        "hidden": False,
        "tags": {},
    }, "no delay is no field: its name depends on the feature compatibility version"


def test_our_fields_replace_what_was_there() -> None:
    live = config_of(DOCUMENT)
    without_vote = replace(live.members[0], votes=0, priority=0)
    document = document_of(live.changing(without_vote))
    assert document["version"] == 6
    assert document["members"][0] == {**DOCUMENT["members"][0], "votes": 0, "priority": 0}


def test_views_of_all_members_are_read() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    status = {
        "members": [
            {"name": "a:1", "stateStr": "PRIMARY", "health": 1.0, "optimeDate": at},
            {
                "name": "b:1",
                "stateStr": "(not reachable/healthy)",
                "health": 0.0,
                "syncSourceHost": "",
                "optimeDate": datetime(1970, 1, 1, tzinfo=UTC),
                "lastAppliedWallTime": at - timedelta(seconds=30),
            },
            {"name": "c:1", "stateStr": "SECONDARY", "health": 1, "syncSourceHost": "a:1"},
        ]
    }
    assert views_of(status) == (
        MemberView("a:1", State.PRIMARY, True, at.timestamp(), None),
        MemberView("b:1", State.DOWN, False, at.timestamp() - 30, None),
        MemberView("c:1", State.SECONDARY, True, None, "a:1"),
    )
    assert views_of({}) == ()


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("STARTUP2", State.STARTUP2),
        ("(not reachable/healthy)", State.DOWN),
        ("something new", State.UNKNOWN),
        ("", State.UNKNOWN),
    ],
)
def test_states_are_read_and_strange_ones_are_unknown(text: str, state: State) -> None:
    """Rule 78."""
    assert state_of(text) is state


@pytest.mark.parametrize(
    ("hello", "state"),
    [
        ({"isWritablePrimary": True}, State.PRIMARY),
        ({"isWritablePrimary": False, "secondary": True}, State.SECONDARY),
        ({}, State.UNKNOWN),
    ],
)
def test_a_greeting_tells_who_serves(hello: dict[str, Any], state: State) -> None:
    assert state_in_hello(hello) is state


@pytest.mark.parametrize("text", ["6.0.5", "6.0.5-rc1", "6.0.5.7"])
def test_a_version_is_three_numbers(text: str) -> None:
    assert version_of(text) == (6, 0, 5)


class TestMemberOptions:
    """Delays, tags and all else that a member has."""

    @pytest.mark.parametrize("word", ["secondaryDelaySecs", "slaveDelay"])
    def test_a_delay_is_read_in_either_word_and_written_in_one(self, word: str) -> None:
        raw = {"_id": 0, "host": "a:1", word: 60, "hidden": True, "tags": {"dc": "east"}}
        config = config_of({"_id": "rs0", "version": 1, "members": [raw]})
        (member,) = config.members
        assert (member.delay_seconds, member.hidden, member.tags) == (60, True, {"dc": "east"})
        assert member.foreign == {}
        (new,) = document_of(config)["members"]
        (old,) = document_of(config, old_words=True)["members"]
        assert (new["secondaryDelaySecs"], old["slaveDelay"]) == (60, 60)
        assert "slaveDelay" not in new
        assert "secondaryDelaySecs" not in old

    def test_what_is_not_ours_survives_a_change(self) -> None:
        """Rules 23 and 26."""
        live = config_of(DOCUMENT)
        changed = replace(live.members[0], tags={"dc": "west"}, hidden=True)
        document = document_of(live.changing(changed).with_settings({"chainingAllowed": True}))
        member = document["members"][0]
        assert (member["horizons"], member["arbiterOnly"]) == ({"outside": "x:1"}, False)
        assert (member["tags"], member["hidden"]) == ({"dc": "west"}, True)
        assert document["settings"] == {"chainingAllowed": True, "replicaSetId": 0xABC}
        assert document["writeConcernMajorityJournalDefault"] is True
        assert live.settings["chainingAllowed"] is False


class TestOptimes:
    """How far a member is; of two, the later term wins."""

    def test_are_read_with_their_term(self) -> None:
        assert optime_of({"ts": Timestamp(7, 2), "t": 3}) == Optime(3, 7, 2)
        assert optime_of({"ts": Timestamp(7, 2)}) == Optime(-1, 7, 2)

    @pytest.mark.parametrize("document", [None, {}, {"t": 3}])
    def test_are_unknown_where_nothing_is_told(self, document: dict[str, Any] | None) -> None:
        """Rule 78."""
        assert optime_of(document) is None

    def test_are_ordered_by_term_first(self) -> None:
        assert Optime(3, 9, 9) < Optime(4, 1, 1)
        assert Optime(4, 1, 1) < Optime(4, 1, 2) < Optime(4, 2, 0)
        assert str(Optime(3, 7, 2)) == "7:2 of term 3"


@pytest.mark.parametrize(("seconds", "behind"), [(None, False), (10, False), (11, True)])
def test_the_oplog_is_looked_at_while_somebody_is_behind(
    seconds: float | None, behind: bool
) -> None:
    """Rule 44: whether in service or not; one that has nothing yet copies all in any case."""
    other = None if seconds is None else 1000.0 - seconds
    views = (
        MemberView("a:1", State.PRIMARY, True, 1000.0),
        MemberView("b:1", State.DOWN, False, other),
    )
    assert is_any_behind(views) is behind
    assert not is_any_behind(())


@pytest.mark.parametrize(
    ("ends", "stats", "seconds"),
    [
        ((1000, 1600), {"size": 12, "maxSize": 10}, 600),
        ((1000, 1600), {"size": 5, "maxSize": 10}, 1200),
        ((1000, 1600), {"size": 0, "maxSize": 10}, None),
        (None, {"size": 5, "maxSize": 10}, None),
    ],
)
def test_an_oplog_reaches_back_as_far_as_when_it_is_full(
    ends: tuple[int, int] | None, stats: dict[str, int], seconds: float | None
) -> None:
    """Rule 44: that of a young set is not short, it is not full yet."""
    words = ("earliestOptime", "latestOptime")
    told = dict(zip(words, (Timestamp(each, 1) for each in ends or ()), strict=False))
    assert oplog_seconds_of(told, stats) == seconds


def test_parameters_are_read_with_what_can_be_set() -> None:
    reply = {
        "a": {"value": 1, "settableAtRuntime": True, "settableAtStartup": True},
        "b": {"value": {"x": 1}, "settableAtRuntime": False},
        "c": 5,
        "ok": 1.0,
        "$clusterTime": {"clusterTime": 1},
    }
    assert parameters_of(reply) == {"a": Parameter(1, True), "b": Parameter({"x": 1}, False)}


@pytest.mark.parametrize(
    ("reply", "w"),
    [
        ({}, 1),
        ({"defaultWriteConcern": {}}, 1),
        ({"defaultWriteConcern": {"w": 2, "wtimeout": 0}}, 2),
        ({"defaultWriteConcern": {"w": "majority"}}, "majority"),
    ],
)
def test_a_default_write_concern_that_is_not_set_is_1(reply: dict[str, Any], w: str | int) -> None:
    assert write_concern_of(reply) == w


@pytest.mark.parametrize(
    ("hello", "applied"),
    [
        ({"lastWrite": {"opTime": {"ts": Timestamp(1700000000, 3), "t": 2}}}, 1700000000.0),
        ({"lastWrite": {"opTime": {"ts": Timestamp(0, 0), "t": -1}}}, None),
        ({"lastWrite": {}}, None),
        ({}, None),
    ],
)
def test_a_greeting_tells_how_far_a_member_is(hello: dict[str, Any], applied: float | None) -> None:
    assert applied_in_hello(hello) == applied
