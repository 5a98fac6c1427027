"""Settings, and options of members that are no votes: one reconfig, and nobody left out."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.planning.actions import Reconfigure, StepDown, SwitchOver
from mongors.planning.plan import plan
from mongors.planning.steps.membership import add_members, settle_options, settle_votes
from unit.builders import config, config_of, entry, host, only, running, wanted

SET = wanted(3)
OPTIONS = [
    {"member": 1, "tags": {"dc": "east"}},
    {"member": 2, "votes": 0, "priority": 0, "hidden": True, "delaySeconds": 3600},
]


def reconfigured(members: int = 3, live: Any = None, **spec: Any) -> Reconfigure:
    """The one reconfig that is planned."""
    desired = wanted(members, **spec)
    action = only(settle_options(desired, running(desired, live or config(range(members)))))
    assert isinstance(action, Reconfigure)
    return action


def test_nothing_is_changed_that_is_as_wanted() -> None:
    """Rule 28: each edit of a priority may cause an election."""
    desired = wanted(3, memberOptions=OPTIONS, settings={"chainingAllowed": False})
    assert list(settle_options(desired, running(desired))) == []


def test_options_of_all_members_change_at_once() -> None:
    """Rule 11: none of them is a vote."""
    options = [{"member": 0, "priority": 3}, {"member": 1, "tags": {"dc": "east"}}]
    action = reconfigured(memberOptions=options)
    first, second, third = action.config.members
    assert (first.priority, dict(second.tags), third) == (3.0, {"dc": "east"}, entry(2))
    assert (action.kind, action.based_on, action.config.version) == ("change", (3, 5), 6)
    assert action.change == f"change options of {host(0)}, {host(1)}"


def test_settings_change_with_them() -> None:
    action = reconfigured(settings={"electionTimeoutMillis": 8000})
    assert action.config.settings["electionTimeoutMillis"] == 8000
    assert action.change == "change the settings of the set"


def test_what_others_set_stays() -> None:
    """Rules 26 and 27: the document is replaced as a whole."""
    live = config((replace(entry(0), foreign={"horizons": {"out": "x:1"}}), 1, 2))
    modes = {"getLastErrorModes": {"both": {"dc": 2}}}
    live = replace(live, settings={**live.settings, **modes}, foreign={"protocolVersion": 1})
    action = reconfigured(live=live, settings={"chainingAllowed": False})
    assert action.config.members[0].foreign == {"horizons": {"out": "x:1"}}
    assert action.config.settings.items() >= modes.items()
    assert action.config.settings["replicaSetId"] == live.settings["replicaSetId"]
    assert action.config.foreign == {"protocolVersion": 1}


def test_tags_that_are_given_up_go() -> None:
    live = config((0, replace(entry(1), tags={"dc": "east"}), 2))
    assert dict(reconfigured(live=live).config.members[1].tags) == {}


def test_a_changed_priority_is_put_right() -> None:
    action = reconfigured(live=config((0, 1, replace(entry(2), priority=5))))
    assert action.config.members[2] == entry(2)


@pytest.mark.parametrize("unsettled", [{"committed": False}, {"outdated": {1}}])
def test_waits_until_the_configuration_is_committed_everywhere(unsettled: dict[str, Any]) -> None:
    """Rule 15."""
    desired = wanted(3, settings={"chainingAllowed": False})
    observed = running(desired, config(), **unsettled)
    assert "is committed on every member" in str(only(settle_options(desired, observed)))


def test_a_vote_is_not_changed_by_the_way() -> None:
    """Rule 11: a member that gives up its vote does so alone."""
    desired = wanted(3, memberOptions=OPTIONS)
    action = only(settle_options(desired, running(desired, config())))
    assert isinstance(action, Reconfigure)
    assert action.config.members[2] == entry(2)
    vote = only(settle_votes(desired, running(desired, config())))
    assert isinstance(vote, Reconfigure)
    assert (vote.kind, vote.config.members[1]) == ("take_vote", entry(1))
    given_up = vote.config.members[2]
    assert (given_up.votes, given_up.hidden, given_up.delay_seconds) == (0, True, 3600)


def test_a_member_joins_with_its_options() -> None:
    desired = wanted(3, memberOptions=OPTIONS)
    action = only(add_members(desired, running(desired, config((0, 1)))))
    assert isinstance(action, Reconfigure)
    joined = action.config.members[-1]
    assert (joined.votes, joined.priority) == (0, 0)
    assert (joined.hidden, joined.delay_seconds) == (True, 3600)


class TestThePrimary:
    """It steps down before it becomes unelectable; and not before another can be primary."""

    LAST = wanted(3, memberOptions=[{"member": 0, "priority": 0}])

    def test_steps_down_first(self) -> None:
        """Rule 25."""
        assert only(settle_options(self.LAST, running(self.LAST, config()))) == StepDown(
            0, "mongo-0", 3, "its member is not to be primary any more"
        )

    def test_is_changed_once_it_is_primary_no_more(self) -> None:
        observed = running(self.LAST, config(), primary=1)
        action = only(settle_options(self.LAST, observed))
        assert isinstance(action, Reconfigure)
        assert action.config.members[0].priority == 0

    def test_steps_down_only_when_its_successor_may_be_elected(self) -> None:
        """Rule 25: else neither the one nor the other could ever happen."""
        each = [{"member": 1, "priority": 0}, {"member": 2, "priority": 0}]
        was = wanted(3, memberOptions=[{"member": 0, "priority": 1}, *each])
        desired = wanted(3, memberOptions=[{"member": 0, "priority": 0}, each[1]])
        observed = running(desired, config_of(was))
        action = plan(desired, observed).step
        assert isinstance(action, Reconfigure)
        assert [member.priority for member in action.config.members] == [1, 1, 0]
        after = running(desired, action.config)
        assert isinstance(plan(desired, after).step, SwitchOver)

    def test_keeps_a_vote_until_it_stepped_down(self) -> None:
        """Rule 25."""
        desired = wanted(4, memberOptions=[{"member": 0, "votes": 0, "priority": 0}])
        live = config((0, 1, 2, entry(3, votes=0)))
        given = only(settle_votes(desired, running(desired, live)))
        assert isinstance(given, Reconfigure)
        assert given.kind == "give_vote", "first the one, so that there are never too few"
        assert isinstance(only(settle_votes(desired, running(desired, given.config))), StepDown)
