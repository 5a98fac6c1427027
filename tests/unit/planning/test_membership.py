"""Membership: the live configuration is brought to the wanted one, one vote at a time."""

from dataclasses import replace

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import Answer, State
from mongors.observed.record import Record
from mongors.planning.actions import Reconfigure, StepDown
from mongors.planning.plan import plan
from mongors.planning.steps.membership import (
    add_members,
    remove_members,
    settle_options,
    settle_votes,
)
from mongors.planning.waits import Wait
from unit.builders import (
    IDENTITY,
    OTHER_IDENTITY,
    changed,
    config,
    entry,
    host,
    only,
    running,
    wanted,
)

STEPS = (remove_members, add_members, settle_options, settle_votes)
UNSETTLED = Wait(
    Reason.WAITING_FOR_SYNC,
    "waiting until configuration version 5 is committed on every member",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("members", [1, 3, 5])
def test_nothing_is_decided_without_a_primary(step: type, members: int) -> None:
    """Rule 13: only a primary's own configuration is worth a decision."""
    assert list(step(wanted(members), running(wanted(3), primary=None))) == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("members", [1, 2, 3, 4, 5, 8, 50])
def test_nothing_is_said_of_a_set_that_is_as_wanted(step: type, members: int) -> None:
    """Rule 28: no difference, no reconfig."""
    assert list(step(wanted(members), running(wanted(members)))) == []


class TestRemoval:
    """Members leave before their pods, the primary last and after a step-down."""

    def test_takes_the_highest_ordinal_first(self) -> None:
        observed = running(wanted(3), config(range(5)))
        action = only(remove_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members == (entry(0), entry(1), entry(2), entry(3))
        assert (action.ordinal, action.based_on, action.kind) == (0, (3, 5), "remove")
        assert action.change == f"take {host(4)} out of the configuration"

    def test_takes_one_member_in_a_pass(self) -> None:
        """Rules 11 and 39: neighbouring configurations share a majority."""
        observed = running(wanted(3), config(range(7)))
        action = only(remove_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert len(action.config.members) == 6

    def test_takes_dead_members_before_living_ones(self) -> None:
        observed = running(wanted(3), config(range(6)), down={3})
        action = only(remove_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.member(host(3)) is None

    def test_bases_itself_on_the_primary_s_configuration(self) -> None:
        """Rule 14: read, change, write; on anything else the server's own check is lost."""
        observed = running(wanted(2), config(range(3), version=9, term=7))
        action = only(remove_members(wanted(2), observed))
        assert isinstance(action, Reconfigure)
        assert action.based_on == (7, 9)
        assert action.config.version == 10

    def test_keeps_what_is_not_ours(self) -> None:
        """Rules 23 and 26: horizons and whatever else is set by others survive a change."""
        tagged = replace(entry(1), foreign={"horizons": {"out": "x:1"}})
        current = replace(config((0, tagged, 2)), foreign={"protocolVersion": 1})
        action = only(remove_members(wanted(2), running(wanted(2), current)))
        assert isinstance(action, Reconfigure)
        assert action.config.member(host(1)) == tagged
        assert action.config.member(host(1)).foreign == {"horizons": {"out": "x:1"}}  # type: ignore[union-attr]
        assert action.config.foreign == {"protocolVersion": 1}

    def test_primary_is_never_removed_before_it_stepped_down(self) -> None:
        """Rules 25 and 40: the server refuses it, and clients would wait for a time-out."""
        observed = running(wanted(3), config(range(4)), primary=3)
        assert only(remove_members(wanted(3), observed)) == StepDown(
            3, "mongo-3", 3, "its member is to leave the set"
        )

    def test_keeps_the_last_copies_until_those_who_stay_have_joined(self) -> None:
        """Rule 37: two of the three that stay lost their volumes, and are yet to come back."""
        few, observed = wanted(3), running(wanted(3), config((0, 3, 4)))
        assert list(remove_members(few, observed)) == []
        assert isinstance(plan(few, observed).step, Reconfigure)
        joins = only(add_members(few, observed))
        assert isinstance(joins, Reconfigure)
        assert host(1) in {each.host for each in joins.config.members}
        enough = running(few, config((0, 1, 3, 4)))
        assert isinstance(only(remove_members(few, enough)), Reconfigure)

    def test_primary_leaves_last(self) -> None:
        observed = running(wanted(2), config(range(4)), primary=3)
        action = only(remove_members(wanted(2), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.member(host(2)) is None
        assert action.config.member(host(3)) is not None

    @pytest.mark.parametrize("unsettled", [{"committed": False}, {"outdated": {1}}])
    def test_waits_until_the_configuration_is_committed_everywhere(
        self, unsettled: dict[str, object]
    ) -> None:
        """Rule 15: two changes in flight at once may have no majority in common."""
        observed = running(wanted(2), config(range(3)), **unsettled)  # type: ignore[arg-type]
        assert only(remove_members(wanted(2), observed)) == UNSETTLED

    def test_leaves_members_alone_that_are_no_pods_of_the_set(self) -> None:
        """Rule 88: a host of another namespace or cluster is not ours to remove."""
        guests = [
            replace(entry(9), host="mongo-9.mongo.other.svc.cluster.local:27017"),
            replace(entry(10), host="mongo.example.com:27017"),
        ]
        observed = running(wanted(3), config([0, 1, 2, *guests]))
        assert list(remove_members(wanted(3), observed)) == []


class TestJoining:
    """Members join in ordinal order, one in a pass, each under a fresh `_id`."""

    def test_adds_the_lowest_ordinal_that_is_up(self) -> None:
        observed = running(wanted(5), config(range(3)))
        action = only(add_members(wanted(5), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members == (entry(0), entry(1), entry(2), entry(3))
        assert (action.ordinal, action.based_on, action.kind) == (0, (3, 5), "add")
        assert action.change == f"add {host(3)} as member 3"

    def test_passes_over_a_member_that_is_not_up(self) -> None:
        observed = running(wanted(5), config(range(3)), down={3})
        action = only(add_members(wanted(5), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1].host == host(4)

    def test_passes_over_a_member_that_dns_cannot_know_yet(self) -> None:
        """The server resolves the name at once; a failure would be cached for half a minute."""
        observed = running(wanted(4), config(range(3)))
        observed = replace(observed, named=frozenset({"mongo-0", "mongo-1", "mongo-2"}))
        assert list(add_members(wanted(4), observed)) == []

    def test_never_uses_an_id_twice(self) -> None:
        """Rule 21: the highest one was removed, and still stays used."""
        observed = running(wanted(3), config(range(2)))
        observed = replace(observed, record=replace(observed.record, highest_member_id=7))
        action = only(add_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1].id == 8

    def test_counts_ids_that_are_in_use_and_not_recorded(self) -> None:
        observed = running(wanted(3), config((0, entry(1, id=6))))
        observed = replace(observed, record=Record(IDENTITY, 3))
        action = only(add_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1].id == 7

    def test_counts_from_the_only_id_there_is(self) -> None:
        action = only(add_members(wanted(3), running(wanted(3), config([0]))))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1].id == 1

    def test_a_new_voter_has_its_vote_from_5_0_on(self) -> None:
        """Rule 17: the server keeps it from counting until it has synced."""
        observed = changed(running(wanted(3), config(range(2))), 0, fcv="5.0")
        action = only(add_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1] == entry(2)

    @pytest.mark.parametrize("fcv", ["4.4", None])
    def test_a_new_voter_comes_without_a_vote_before_5_0(self, fcv: str | None) -> None:
        """Rule 17: there it would count at once, empty as it is; doubt counts as before."""
        observed = changed(running(wanted(3), config(range(2))), 0, fcv=fcv)
        action = only(add_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1] == entry(2, votes=0)

    def test_a_member_beyond_the_voters_joins_without_a_vote(self) -> None:
        action = only(add_members(wanted(4), running(wanted(4), config(range(3)))))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1] == entry(3, votes=0)

    def test_a_member_of_this_set_that_was_removed_joins_again_under_a_new_id(self) -> None:
        """Rules 17, 19 and 22: its data is the set's own, its old `_id` stays used.

        It would count at once on any server, because it is not empty: so it has no vote yet.
        """
        observed = running(wanted(3), config(range(2)))
        observed = replace(observed, record=replace(observed.record, highest_member_id=2))
        observed = changed(observed, 2, state=State.REMOVED, config=config(range(3), version=4))
        action = only(add_members(wanted(3), observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[-1] == entry(2, id=3, votes=0)

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": State.REMOVED, "config": config(identity=OTHER_IDENTITY)},
            {"state": State.REMOVED, "config": None},
            {"state": State.UNREACHABLE},
            {"state": State.UNKNOWN},
            {"state": State.STARTUP2},
        ],
    )
    def test_a_member_of_unknown_data_is_not_added(self, fields: dict[str, object]) -> None:
        """Rules 4, 19 and 78: only an empty member, or one that proves the set's own data."""
        observed = changed(running(wanted(3), config(range(2))), 2, **fields)
        assert list(add_members(wanted(3), observed)) == []

    @pytest.mark.parametrize("state", [State.UNINITIATED, State.REMOVED])
    def test_a_member_of_the_configuration_is_never_added_again(self, state: State) -> None:
        """Rules 19 and 22: one that lost its data is taken out first."""
        observed = changed(running(wanted(3)), 2, state=state)
        assert list(add_members(wanted(3), observed)) == []

    @pytest.mark.parametrize("unsettled", [{"committed": False}, {"outdated": {1}}])
    def test_waits_until_the_configuration_is_committed_everywhere(
        self, unsettled: dict[str, object]
    ) -> None:
        """Rule 15."""
        observed = running(wanted(3), config(range(2)), **unsettled)  # type: ignore[arg-type]
        assert only(add_members(wanted(3), observed)) == UNSETTLED


def test_a_wanted_member_without_a_pod_cannot_join() -> None:
    observed = running(wanted(4), config(range(3)), pods=3)
    assert list(add_members(wanted(4), observed)) == []
    asked: dict[int, Answer] = dict(observed.answers)
    assert sorted(asked) == [0, 1, 2]
