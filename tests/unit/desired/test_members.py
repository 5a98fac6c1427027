"""How many members vote, and which."""

import pytest

from mongors.desired.members import MAX_VOTERS, voters_of
from unit.builders import host, wanted


@pytest.mark.parametrize(
    ("members", "voters"),
    [(1, 1), (2, 2), (3, 3), (4, 3), (5, 5), (6, 5), (7, 7), (8, 7), (9, 7), (50, 7)],
)
def test_an_odd_number_of_members_votes(members: int, voters: int) -> None:
    """Rule 24: a fourth vote raises the majority and bears no further loss."""
    assert voters_of(members) == voters


@pytest.mark.parametrize("members", range(1, 51))
def test_every_size_makes_a_configuration_that_servers_accept(members: int) -> None:
    """Rule 24: at most 7 votes of 50 members, an electable one, and no priority without a vote."""
    each = wanted(members).members
    assert [member.ordinal for member in each] == list(range(members))
    assert 1 <= sum(member.votes for member in each) <= MAX_VOTERS
    assert all(member.priority == member.votes for member in each)
    assert each[0].priority > 0


def test_hosts_are_in_ordinal_order() -> None:
    assert wanted(2).hosts == (host(0), host(1))
