"""How many members vote, and which."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mongors.api.electorate import leaves_one_electable
from mongors.api.member_options import MemberOption
from mongors.desired.members import MAX_VOTERS, WantedMember, voters_of, wanted_members
from mongors.desired.names import Names
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


def shape(members: int, *options: dict[str, Any]) -> list[tuple[int, float]]:
    """Votes and priority of each member."""
    each = wanted(members, memberOptions=list(options)).members
    return [(member.votes, member.priority) for member in each]


VOTER, SILENT, MUTE_VOTER = (1, 1.0), (0, 0.0), (1, 0.0)


def test_options_that_say_nothing_change_nothing() -> None:
    assert wanted(4, memberOptions=[{"member": 3}]).members == wanted(4).members


def test_what_is_written_is_wanted() -> None:
    option = {"member": 2, "votes": 1, "hidden": True, "delaySeconds": 60, "tags": {"use": "x"}}

    assert wanted(3, memberOptions=[option]).members[2] == WantedMember(
        2, host(2), votes=1, priority=0.0, hidden=True, delay_seconds=60, tags={"use": "x"}
    )


def test_member_can_be_a_key_though_it_has_tags() -> None:
    tagged = wanted(3, memberOptions=[{"member": 0, "tags": {"a": "b"}}]).members

    assert len({*tagged}) == 3


def test_written_priorities_are_kept() -> None:
    options = {"member": 0, "priority": 2.5}, {"member": 1, "priority": 0}

    assert shape(3, *options) == [(1, 2.5), MUTE_VOTER, VOTER]


def test_vote_that_is_refused_goes_to_another() -> None:
    assert shape(4, {"member": 1, "votes": 0}) == [VOTER, SILENT, VOTER, VOTER]


def test_vote_that_is_written_takes_anothers() -> None:
    assert shape(4, {"member": 3, "votes": 1}) == [VOTER, VOTER, SILENT, VOTER]


def test_priority_above_zero_is_given_a_vote() -> None:
    """Without one mongod refuses the priority, and the wish would be dropped in silence."""
    assert shape(4, {"member": 3, "priority": 10}) == [VOTER, VOTER, SILENT, (1, 10.0)]


def test_hidden_member_votes_when_its_vote_is_needed() -> None:
    assert shape(3, {"member": 0, "hidden": True}) == [MUTE_VOTER, VOTER, VOTER]
    assert shape(4, {"member": 0, "hidden": True}) == [SILENT, VOTER, VOTER, VOTER]


def test_delayed_member_votes_only_when_that_is_written() -> None:
    """A majority that counts it would wait for its delay."""
    delayed = {"member": 2, "delaySeconds": 60}

    assert shape(3, delayed) == [VOTER, VOTER, SILENT]
    assert shape(3, {**delayed, "votes": 1}) == [VOTER, VOTER, MUTE_VOTER]
    assert shape(4, delayed) == [VOTER, VOTER, SILENT, VOTER]


def test_one_vote_is_left_for_a_member_that_may_be_primary() -> None:
    hidden = [{"member": member, "hidden": True} for member in range(7)]
    assert shape(9, *hidden)[7:] == [VOTER, VOTER]

    three = [{"member": member, "hidden": True, "votes": 1} for member in range(3)]
    assert shape(4, *three) == [MUTE_VOTER, MUTE_VOTER, MUTE_VOTER, VOTER]


def test_options_of_absent_members_have_no_effect() -> None:
    assert shape(3, {"member": 3, "votes": 1}, {"member": 49, "priority": 9}) == [VOTER] * 3


OPTIONS = st.lists(
    st.builds(
        MemberOption,
        member=st.integers(0, 11),
        votes=st.sampled_from([None, None, 0, 1]),
        hidden=st.booleans(),
        delay_seconds=st.sampled_from([0, 0, 60]),
    ).flatmap(
        lambda option: st.sampled_from(
            [None, 0.0, 1.0, 2.5] if option.may_be_primary else [None]
        ).map(lambda priority: option.model_copy(update={"priority": priority}))
    ),
    max_size=12,
    unique_by=lambda option: option.member,
).filter(lambda options: sum(option.demands_vote for option in options) <= MAX_VOTERS)


@given(members=st.integers(1, 12), options=OPTIONS)
def test_servers_accept_what_the_rules_let_through(
    members: int, options: list[MemberOption]
) -> None:
    """mongod's own checks, and that the rule about a primary is neither too strict nor too lax."""
    each = wanted_members(Names("default", "mongo"), members, options)
    votes = sum(member.votes for member in each)

    assert votes <= MAX_VOTERS
    assert all(not member.priority for member in each if not member.votes)
    assert all(not member.priority for member in each if member.hidden or member.delay_seconds)
    assert any(member.priority for member in each) == leaves_one_electable(members, options)
    for option in options:
        if option.member < members:
            member = each[option.member]
            assert option.votes in {None, member.votes}
            assert option.priority in {None, member.priority} or not member.votes


@given(members=st.integers(1, 12), options=OPTIONS)
def test_number_of_voters_is_odd_unless_the_options_leave_no_choice(
    members: int, options: list[MemberOption]
) -> None:
    each = wanted_members(Names("default", "mongo"), members, options)
    present = [option for option in options if option.member < members]
    demanded = sum(option.demands_vote for option in present)
    possible = members - sum(option.refuses_vote for option in present)
    has_candidate = any(option.demands_vote and option.may_be_primary for option in present)

    if demanded <= voters_of(possible) and (has_candidate or demanded < voters_of(possible)):
        assert sum(member.votes for member in each) == voters_of(possible)
