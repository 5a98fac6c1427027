"""Configurations as values."""

import pytest

from mongors.observed.mongodb import Answer, State, voter_changes
from unit.builders import config, entry, host

LIVE = config((0, 1, entry(2, votes=0)))


@pytest.mark.parametrize(("voters", "majority"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (7, 4)])
def test_a_majority_is_more_than_half_of_the_votes(voters: int, majority: int) -> None:
    assert config(range(voters)).majority == majority


def test_voters_are_those_with_a_vote() -> None:
    assert LIVE.voters == (entry(0), entry(1))


def test_a_change_gives_the_next_version_and_leaves_the_live_one_alone() -> None:
    added = LIVE.adding(entry(3))
    assert (added.version, added.members[-1]) == (6, entry(3))
    removed = LIVE.removing(host(1))
    assert (removed.version, removed.members) == (6, (entry(0), entry(2, votes=0)))
    given = LIVE.changing(entry(2))
    assert (given.version, given.members[2]) == (6, entry(2))
    assert LIVE.version == 5
    assert LIVE.member(host(2)) == entry(2, votes=0)
    assert LIVE.member(host(9)) is None


def test_configurations_are_ordered_by_term_first() -> None:
    assert config(version=9, term=1).stamp < config(version=2, term=2).stamp


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (LIVE, 0),
        (config((0,)), 1),
        (config((0, 1, 2)), 1),
        (config((0, 2)), 2),
        (config((0, entry(1, id=7))), 2),
    ],
)
def test_changes_of_votes_are_counted_by_id(after: object, changes: int) -> None:
    """Rules 11 and 19: the same host under another `_id` is another voter."""
    assert voter_changes(LIVE, after) == changes  # type: ignore[arg-type]


def test_a_silent_mongod_did_not_answer() -> None:
    assert not Answer(0, State.UNREACHABLE).answered
    assert Answer(0, State.UNINITIATED).answered


def test_only_primaries_and_secondaries_serve() -> None:
    assert {state for state in State if state.serves} == {State.PRIMARY, State.SECONDARY}
