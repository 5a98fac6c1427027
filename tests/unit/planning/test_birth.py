"""Birth: one initiate in the life of a set, and never a second set."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import Initiate
from mongors.planning.steps.birth import (
    FOUNDING_GRACE,
    initiate,
    refuse_foreign_data,
)
from mongors.planning.waits import Wait
from unit.builders import (
    BORN,
    IDENTITY,
    NOW,
    OTHER_IDENTITY,
    changed,
    claim,
    config,
    entry,
    host,
    only,
    pending_pod,
    running,
    unborn,
    wanted,
    with_pod,
)

SET = wanted(3)


def test_all_founders_are_initiated_in_one_configuration_of_version_1() -> None:
    """Rule 3: the server checks every founding member of a configuration of version 1."""
    action = only(initiate(SET, unborn(SET)))
    assert isinstance(action, Initiate)
    assert action.ordinal == 0
    assert (action.config.version, action.config.term) == (1, 0)
    assert action.config.members == (entry(0), entry(1), entry(2))


def test_founding_name_is_that_of_the_spec() -> None:
    """Rule 6: mongod refuses a configuration under another name than its --replSet."""
    desired = wanted(3, replicaSetName="shop")
    action = only(initiate(desired, unborn(desired)))
    assert isinstance(action, Initiate)
    assert action.config.name == "shop"


def test_founding_hosts_are_stable_names() -> None:
    """Rule 7: a pod's address changes with every restart, its name never."""
    action = only(initiate(SET, unborn(SET)))
    assert isinstance(action, Initiate)
    assert [each.host for each in action.config.members] == [host(0), host(1), host(2)]


@pytest.mark.parametrize("silent", [{0}, {1}, {2}, {1, 2}, {0, 1, 2}])
def test_nothing_is_initiated_while_a_member_that_ran_is_silent(silent: set[int]) -> None:
    """Rules 1 and 78: a member that does not answer may hold the set's data."""
    said = only(initiate(SET, unborn(SET, silent=silent)))
    assert isinstance(said, Wait)
    assert said.reason is Reason.WAITING_FOR_ANSWERS
    assert "(no answer)" in said.message


def test_a_silent_member_without_a_known_problem_is_named_alone() -> None:
    observed = changed(unborn(SET, silent={1}), 1, problem=None)
    said = only(initiate(SET, observed))
    assert isinstance(said, Wait)
    assert said.message == "waiting for an answer of mongo-1"


def test_nothing_is_initiated_while_a_member_cannot_be_asked_for_lack_of_a_login() -> None:
    """Rule 78: a refused login does not mean that there is no configuration."""
    observed = changed(unborn(SET), 2, state=State.UNKNOWN, problem="login refused")
    said = only(initiate(SET, observed))
    assert isinstance(said, Wait)
    assert "login refused" in said.message


def test_nothing_is_initiated_while_a_pod_is_missing() -> None:
    observed = unborn(SET)
    observed = replace(
        observed,
        pods={each: observed.pods[each] for each in (0, 1)},
        answers={each: observed.answers[each] for each in (0, 1)},
    )
    said = only(initiate(SET, observed))
    assert said == Wait(Reason.WAITING_FOR_PODS, "waiting for mongo-2 to start")


def test_nothing_is_initiated_before_dns_can_know_the_founders() -> None:
    observed = replace(unborn(SET), named=frozenset({"mongo-0"}))
    said = only(initiate(SET, observed))
    assert said == Wait(Reason.WAITING_FOR_NAMES, "waiting until DNS can know mongo-1, mongo-2")


def test_a_set_with_a_recorded_identity_is_never_initiated_again() -> None:
    """Rules 2 and 5: whatever the members say now, there was a set once."""
    observed = replace(unborn(SET), record=Record(IDENTITY))
    assert list(initiate(SET, observed)) == []


@pytest.mark.parametrize("holder", [0, 1, 2])
def test_a_set_is_not_initiated_while_any_member_holds_a_configuration(holder: int) -> None:
    """Rules 1 and 2: after a crash in mid-birth the members themselves tell of it."""
    observed = changed(unborn(SET), holder, state=State.STARTUP2, config=config(version=1))
    assert list(initiate(SET, observed)) == []


def test_nothing_is_initiated_while_a_member_that_was_not_let_in_empty_says_so() -> None:
    """Rule 1: a mongod that still loads its data knows of no set either."""
    said = only(initiate(SET, with_pod(unborn(SET), 1, may_start_empty=False)))
    assert isinstance(said, Wait)
    assert said.reason is Reason.WAITING_FOR_ANSWERS


@pytest.mark.parametrize(("seconds", "is_born"), [(29, False), (30, True)])
def test_mongods_over_files_of_an_interrupted_birth_are_believed_after_a_while(
    seconds: int, is_born: bool
) -> None:
    observed = unborn(SET)
    since = observed.at - timedelta(seconds=seconds)
    for ordinal in range(3):
        observed = with_pod(observed, ordinal, may_start_empty=False, mongod_since=since)
    assert isinstance(only(initiate(SET, observed)), Initiate) is is_born


class TestAPodThatCannotStart:
    """It holds the others back for a while only, and only if it cannot hold data."""

    LATE = NOW - FOUNDING_GRACE

    def without_2(self, **fields: Any) -> Observed:
        observed = unborn(SET)
        pods = {**observed.pods, 2: pending_pod(2, **{"created": self.LATE, **fields})}
        return replace(
            observed, pods=pods, answers={each: observed.answers[each] for each in (0, 1)}
        )

    def test_is_left_out_after_the_grace_period(self) -> None:
        action = only(initiate(SET, self.without_2()))
        assert isinstance(action, Initiate)
        assert action.config.members == (entry(0), entry(1))

    def test_is_waited_for_while_its_claim_cannot_be_seen(self) -> None:
        """Rule 78."""
        observed = replace(self.without_2(), claims={})
        assert isinstance(only(initiate(SET, observed)), Wait)

    def test_is_waited_for_when_its_claim_was_made_from_a_snapshot(self) -> None:
        """Rule 1: such a volume is new, and holds data all the same."""
        claims = {2: replace(claim(2), prefilled=True)}
        observed = replace(self.without_2(), claims=claims)
        assert isinstance(only(initiate(SET, observed)), Wait)

    def test_is_waited_for_during_the_grace_period(self) -> None:
        young = self.without_2(created=self.LATE + timedelta(seconds=1), trouble="no node fits")
        said = only(initiate(SET, young))
        assert said == Wait(Reason.PODS_PENDING, "waiting for 1 pod; mongo-2: no node fits")

    def test_what_several_have_in_common_is_said_once(self) -> None:
        young = self.without_2(created=self.LATE + timedelta(seconds=1), trouble="no node fits")
        other = replace(young.pods[2], name="mongo-1", ordinal=1)
        answers = {each: answer for each, answer in young.answers.items() if each != 1}
        both = replace(young, pods={**young.pods, 1: other}, answers=answers)
        said = only(initiate(SET, both))
        assert isinstance(said, Wait)
        assert said.message == "waiting for 2 pods; mongo-1, mongo-2: no node fits"

    def test_is_waited_for_when_its_mongod_ever_ran(self) -> None:
        """Rule 1: a mongod that ran may hold data."""
        ran = self.without_2(mongod_ever_ran=True)
        assert isinstance(only(initiate(SET, ran)), Wait)

    def test_is_waited_for_when_its_claim_is_older_than_the_resource(self) -> None:
        """Rules 1 and 43: a claim from before may hold the data of an earlier set."""
        claims = {2: claim(2, created=BORN - timedelta(seconds=1))}
        old = replace(self.without_2(), claims=claims)
        assert isinstance(only(initiate(SET, old)), Wait)

    def test_is_waited_for_when_no_majority_is_there_without_it(self) -> None:
        desired = wanted(2)
        observed = unborn(desired)
        observed = replace(
            observed,
            pods={0: observed.pods[0], 1: pending_pod(1, created=self.LATE)},
            answers={0: observed.answers[0]},
        )
        said = only(initiate(desired, observed))
        assert said == Wait(Reason.WAITING_FOR_PODS, "waiting for mongo-1 to start")


def test_founders_hold_a_majority_of_the_votes_wanted() -> None:
    """Of 16 members seven vote; nine others alone could not elect anybody."""
    desired = wanted(16)
    observed = unborn(desired)
    late = NOW - FOUNDING_GRACE
    pods = {each: pending_pod(each, created=late) for each in range(7)}
    observed = replace(
        observed,
        pods={**observed.pods, **pods},
        answers={each: observed.answers[each] for each in range(7, 16)},
    )
    assert isinstance(only(initiate(desired, observed)), Wait)


class TestForeignData:
    """Rule 4: data of another set is left alone, and nothing else is begun."""

    def test_of_another_set_than_recorded_stops_everything(self) -> None:
        observed = replace(running(SET), record=Record(OTHER_IDENTITY))
        said = only(refuse_foreign_data(SET, observed))
        assert isinstance(said, Wait)
        assert said.reason is Reason.FOREIGN_DATA
        assert f"mongo-0: {IDENTITY}" in said.message

    def test_of_two_sets_stops_everything_when_nothing_is_recorded(self) -> None:
        alien = config(identity=OTHER_IDENTITY)
        observed = replace(changed(running(SET), 2, config=alien), record=Record())
        said = only(refuse_foreign_data(SET, observed))
        assert isinstance(said, Wait)
        assert "not known yet" in said.message

    def test_of_one_set_is_adopted_when_nothing_is_recorded(self) -> None:
        """Rule 43: a resource made again over kept volumes finds its set."""
        observed = replace(running(SET), record=Record())
        assert list(refuse_foreign_data(SET, observed)) == []

    def test_is_not_suspected_while_nobody_answers(self) -> None:
        observed = replace(running(SET), answers={})
        assert list(refuse_foreign_data(SET, observed)) == []
