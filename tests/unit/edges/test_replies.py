"""Server replies to values, and configurations back to documents."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mongors.mongo.replies import (
    config_of,
    document_of,
    state_in_hello,
    state_of,
    version_of,
    views_of,
)
from mongors.observed.mongodb import MemberView, State

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
            "secondaryDelaySecs": 0,
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
        "secondaryDelaySecs": 0,
        "tags": {},
    }


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
            },
            {"name": "c:1", "stateStr": "SECONDARY", "health": 1, "syncSourceHost": "a:1"},
        ]
    }
    assert views_of(status) == (
        MemberView("a:1", State.PRIMARY, True, at.timestamp(), None),
        MemberView("b:1", State.DOWN, False, None, None),
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
