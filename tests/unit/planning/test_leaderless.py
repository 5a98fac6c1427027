"""Without a primary: nothing is done but to say why, and what a person can do."""

from dataclasses import replace

from mongors.api.conditions import Reason
from mongors.observed.mongodb import State
from mongors.observed.record import Record
from mongors.planning.steps.confirming import offer, refusal
from mongors.planning.steps.leaderless import await_primary
from mongors.planning.waits import Wait
from unit.builders import (
    BORN,
    IDENTITY,
    asking,
    changed,
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


def test_nothing_is_said_beside_a_primary() -> None:
    assert list(await_primary(SET, running(SET))) == []


def test_an_election_is_waited_for_while_a_majority_serves() -> None:
    said = only(await_primary(SET, running(SET, primary=None, down={2})))
    assert said == Wait(Reason.WAITING_FOR_ELECTION, "the members are electing a primary")


def test_a_set_without_users_is_still_electing_its_first_one() -> None:
    observed = running(SET, primary=None, states={1: State.STARTUP2, 2: State.STARTUP2})
    observed = replace(observed, record=Record(IDENTITY, 2))
    assert only(await_primary(SET, observed)) == Wait(
        Reason.WAITING_FOR_ELECTION, "the founding members elect their first primary"
    )


def test_a_lost_majority_is_named_and_nothing_is_forced() -> None:
    """Rule 12: what a person may decide, the operator never decides."""
    said = only(await_primary(SET, running(SET, primary=None, down={1, 2})))
    assert isinstance(said, Wait)
    assert said.reason is Reason.NO_PRIMARY
    assert f"{host(1)}, {host(2)}. 2 are needed; nothing is forced" in said.message


def test_voters_that_lost_their_data_are_told_from_voters_that_are_down() -> None:
    """Rule 34: they wait for a person, for no restart brings back what is gone."""
    observed = running(SET, primary=None, down={1, 2})
    both = {each: pending_pod(each, held_since=BORN) for each in (1, 2)}
    said = only(await_primary(SET, replace(observed, pods={**observed.pods, **both})))
    assert said.reason is Reason.VOLUME_LOST
    assert "mongo-1, mongo-2 lost their data" in said.message
    one = replace(observed, pods={**observed.pods, 1: both[1]})
    assert only(await_primary(SET, one)).reason is Reason.NO_PRIMARY


def test_a_voter_that_is_no_pod_of_ours_counts_as_lost() -> None:
    strange = replace(entry(0, id=9), host="elsewhere.example.com:27017")
    current = config((0, strange))
    said = only(await_primary(SET, running(SET, current, primary=None)))
    assert isinstance(said, Wait)
    assert "elsewhere.example.com" in said.message


def test_a_silent_set_is_waited_for() -> None:
    """Rule 78: silence does not mean that the data is gone."""
    said = only(await_primary(SET, replace(running(SET), answers={})))
    assert said == Wait(Reason.WAITING_FOR_ANSWERS, "waiting for a member of the set to answer")


def test_empty_members_of_a_born_set_are_reported_as_lost_volumes() -> None:
    observed = replace(unborn(SET), record=Record(IDENTITY))
    said = only(await_primary(SET, observed))
    assert isinstance(said, Wait)
    assert said.reason is Reason.VOLUME_LOST


def test_members_at_the_gate_of_a_born_set_are_reported_as_lost_volumes() -> None:
    observed = replace(with_pod(unborn(SET), 0, held_since=BORN), answers={})
    said = only(await_primary(SET, replace(observed, record=Record(IDENTITY))))
    assert isinstance(said, Wait)
    assert said.reason is Reason.VOLUME_LOST


def test_voters_that_do_not_count_yet_elect_nobody() -> None:
    """The last one to join had no vote yet when the first one was lost."""
    observed = running(SET, primary=None, down={0})
    for ordinal in (1, 2):
        observed = changed(observed, ordinal, voting_members=2, views=())
    said = only(await_primary(SET, observed))
    assert said.reason is Reason.NO_PRIMARY
    assert f"{host(0)}, and 1 who joined last had no vote yet. 2 are needed" in said.message
    assert "mongors.io/recover=" in said.message
    confirmed = asking(SET, recover=str(offer(SET, observed)))
    assert refusal(confirmed, with_pod(observed, 0, mongod_running=False)) is None
