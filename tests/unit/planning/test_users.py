"""Users: made once for this data and these Secrets, and mended when a login fails."""

from dataclasses import replace
from itertools import combinations

import pytest

from mongors.api.conditions import Reason
from mongors.desired.secrets import OPTIONAL, encoded
from mongors.observed.record import Record
from mongors.planning.actions import MakeUsers
from mongors.planning.steps.users import make_users, users_mark
from mongors.planning.waits import Wait
from unit.builders import (
    IDENTITY,
    USERS,
    changed,
    only,
    running,
    unborn,
    wanted,
    without,
)

SET = wanted(3)


def test_users_are_made_on_the_first_primary() -> None:
    observed = replace(running(SET, primary=1), record=Record(IDENTITY, 2))
    assert only(make_users(SET, observed)) == MakeUsers(1, USERS)


def test_users_that_are_made_are_left_alone() -> None:
    assert list(make_users(SET, running(SET))) == []


def test_users_are_made_again_when_their_login_is_refused() -> None:
    observed = changed(running(SET), 0, login_refused=True)
    assert only(make_users(SET, observed)) == MakeUsers(0, USERS)


def test_users_are_made_again_when_a_secret_was_made_anew() -> None:
    observed = replace(running(SET), record=Record(IDENTITY, 2, f"{IDENTITY}/older/older"))
    assert only(make_users(SET, observed)) == MakeUsers(0, USERS)


def test_users_wait_for_their_secrets() -> None:
    observed = without(running(SET), ("Secret", "mongo-connection"))
    said = only(make_users(SET, observed))
    assert isinstance(said, Wait)
    assert said.reason is Reason.PROGRESSING


def test_users_wait_for_a_primary() -> None:
    assert list(make_users(SET, running(SET, primary=None))) == []


def test_users_stay_as_they_are_without_the_key_to_make_them_with() -> None:
    """A set whose keyFile Secret is lost still scales; only its users cannot be mended."""
    observed = without(running(SET), ("Secret", "mongo-keyfile"))
    assert list(make_users(SET, changed(observed, 0, login_refused=True))) == []
    assert users_mark(SET, observed) is None


def test_mark_names_the_data_and_changes_with_every_password() -> None:
    observed = running(SET)
    marks = {users_mark(SET, observed), users_mark(SET, unborn(SET))}
    for name, value in (("operator", "clusterPassword"), ("connection", "password")):
        key = ("Secret", f"mongo-{name}")
        raw = observed.objects[key]
        other = {**raw, "data": {**raw["data"], value: encoded("another")}}
        marks.add(users_mark(SET, replace(observed, objects={**observed.objects, key: other})))
    assert len(marks) == 4
    assert users_mark(SET, observed) == USERS


@pytest.mark.parametrize("who", ["canary", "exporter"])
def test_whoever_monitors_asks_for_a_user_more(who: str) -> None:
    monitored = wanted(3, monitoring={who: {"enabled": True}})
    observed = running(SET)
    assert list(make_users(SET, observed)) == []
    (made,) = make_users(monitored, observed)
    assert made == MakeUsers(0, str(users_mark(monitored, observed)))
    assert made.mark != users_mark(SET, observed)


def test_whoever_is_wanted_shows_in_the_mark() -> None:
    """Who monitors by another user than before needs that one made, and the other dropped."""
    subsets = [each for n in range(len(OPTIONAL) + 1) for each in combinations(OPTIONAL, n)]
    marks = {users_mark(SET, running(SET), each) for each in subsets}
    assert len(marks) == len(subsets) == 4


def test_mark_shows_no_password() -> None:
    assert all(value not in USERS for value in ("value", encoded("password-value")))
