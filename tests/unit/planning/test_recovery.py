"""Recovery: nothing is forced but what a person confirmed, and that only once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import Answer, Optime, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Force, StopForGood
from mongors.planning.plan import plan
from mongors.planning.steps.confirming import offer, parsed, refusal
from mongors.planning.steps.leaderless import await_primary
from mongors.planning.steps.recovery import recover, refuse_recovery
from mongors.planning.waits import Wait
from unit.builders import (
    IDENTITY,
    NOW,
    OTHER_IDENTITY,
    asking,
    at_gate,
    changed,
    config,
    entry,
    held,
    host,
    only,
    pod,
    running,
    statefulset,
    wanted,
    with_pod,
)

SET = wanted(3)
CONFIRMED = f"{IDENTITY}/mongo-0/5"
ASKED = asking(SET, recover=CONFIRMED)


def lost(*down: int, **fields: Any) -> Observed:
    """A set whose members in `down` are gone with their machines."""
    observed = running(SET, primary=None, down=down or (1, 2), **fields)
    for ordinal in down or (1, 2):
        observed = with_pod(observed, ordinal, node=None, mongod_ever_ran=False)
    return changed(observed, 0, views=())


def recorded(observed: Observed, text: str = CONFIRMED, forced: str | None = None) -> Observed:
    """The same, with what was confirmed on the keyFile Secret."""
    listed = held(observed, "mongo-1", "mongo-2", "mongo-3")
    return replace(listed, record=replace(observed.record, recovery=text, forced=forced))


def refused(desired: Desired, observed: Observed) -> str:
    """Why a confirmation is not followed, as people are told."""
    wait = only(refuse_recovery(desired, observed))
    assert wait.reason is Reason.RECOVERY_REFUSED
    assert plan(desired, observed).step is None
    return wait.message


@pytest.mark.parametrize("text", [None, "", "a/b", "a/b/c", "a/b/1/2", "a/b/-1"])
def test_what_does_not_name_all_three_confirms_nothing(text: str | None) -> None:
    assert parsed(text) is None


def test_what_names_all_three_is_read() -> None:
    assert str(parsed("a/b/17")) == "a/b/17"


def test_nothing_is_forced_unless_it_is_confirmed() -> None:
    """Rule 12: people are told how; and nothing happens."""
    planned = plan(SET, lost())
    assert planned.step is None
    assert f"mongors.io/recover={CONFIRMED}" in planned.waits[-1].message


class TestOffer:
    """The most advanced survivor is offered, never another."""

    def test_goes_by_what_was_applied_and_then_by_the_configuration(self) -> None:
        observed = lost(2)
        assert str(offer(SET, observed)) == CONFIRMED
        ahead = changed(observed, 1, applied=Optime(3, 1000, 2))
        assert str(offer(SET, ahead)) == f"{IDENTITY}/mongo-1/5"
        later_term = changed(ahead, 0, applied=Optime(4, 1, 1))
        assert str(offer(SET, later_term)) == CONFIRMED
        newer = changed(observed, 1, config=config(version=6))
        assert str(offer(SET, newer)) == f"{IDENTITY}/mongo-1/6"

    @pytest.mark.parametrize(
        "fields",
        [
            {"config": None},
            {"applied": None},
            {"state": State.STARTUP2},
            {"state": State.REMOVED},
            {"config": config(identity=OTHER_IDENTITY)},
            {"config": config((1, 2))},
        ],
    )
    def test_is_of_no_member_without_proof_of_this_set_s_data(self, fields: dict[str, Any]) -> None:
        """Rules 4 and 78."""
        assert offer(SET, changed(lost(), 0, **fields)) is None

    def test_is_none_of_a_set_without_a_known_identity(self) -> None:
        observed = lost()
        assert (
            offer(SET, replace(observed, record=replace(observed.record, replica_set_id=None)))
            is None
        )


class TestRefusal:
    """Rule 29: refused unless it names what is there, and unless nobody else can be alive."""

    def test_of_what_cannot_be_read(self) -> None:
        assert "must name" in refused(asking(SET, recover="please"), lost())

    def test_of_another_set(self) -> None:
        desired = asking(SET, recover=f"{OTHER_IDENTITY}/mongo-0/5")
        assert refused(desired, lost()).endswith(f"this set's replicaSetId is {IDENTITY}")

    @pytest.mark.parametrize("name", ["mongo-1/5", "mongo-0/4", "mongo-0/50", "mongo-00/5"])
    def test_of_another_member_or_version(self, name: str) -> None:
        desired = asking(SET, recover=f"{IDENTITY}/{name}")
        assert f"confirm {CONFIRMED}" in refused(desired, lost())

    def test_while_there_is_a_primary(self) -> None:
        assert refusal(ASKED, running(SET)) == "there is a primary, so nothing has to be forced"

    def test_while_others_see_a_primary(self) -> None:
        """Rules 13 and 78: that the operator cannot reach it proves nothing."""
        views = running(SET, primary=1).answers[1].views
        assert "there is a primary" in refused(ASKED, changed(lost(), 0, views=views))

    def test_while_a_majority_serves(self) -> None:
        assert "they elect a primary" in refused(ASKED, lost(2))

    def test_while_no_survivor_answers(self) -> None:
        assert "nothing can go on" in refused(ASKED, replace(lost(), answers={}))

    def test_while_a_member_may_run_on_a_node_that_is_silent(self) -> None:
        """Rule 59: a machine that nobody sees may still run the other half."""
        observed = with_pod(lost(), 1, node="node-1")
        observed = replace(observed, nodes={"node-1": Node("node-1", ready=False)})
        assert "delete the Node node-1" in refused(ASKED, observed)

    def test_while_a_member_runs_and_does_not_say_what_it_has(self) -> None:
        """Rule 78: it may be the one that is ahead."""
        assert "mongo-1 runs" in refused(ASKED, with_pod(lost(), 1, mongod_running=True))

    def test_but_not_for_one_that_has_nothing_or_a_part_alone(self) -> None:
        """It was let in empty, and had not joined or copied all when the majority was lost."""
        runs = with_pod(lost(), 1, mongod_running=True, mongod_since=NOW - timedelta(seconds=30))
        told = {**runs.answers, 1: Answer(1, State.UNINITIATED, version=(6, 0, 5))}
        assert refusal(ASKED, replace(runs, answers=told)) is None
        copies = Answer(1, State.STARTUP2, config=config(), copying=True)
        assert refusal(ASKED, replace(runs, answers={**told, 1: copies})) is None
        just = with_pod(runs, 1, mongod_since=NOW - timedelta(seconds=29))
        assert "mongo-1 runs" in refused(ASKED, replace(just, answers=told))

    def test_but_not_for_one_that_shows_that_it_has_left(self) -> None:
        """It elects nobody, and is stopped before anything is forced."""
        alone = lost()
        out = replace(alone.answers[0], ordinal=1, state=State.REMOVED, config=config((0, 2)))
        runs = with_pod(replace(alone, answers={**alone.answers, 1: out}), 1, mongod_running=True)
        assert refusal(ASKED, runs) is None
        assert "mongo-1 left" not in only(await_primary(SET, runs)).message, "it has no more"
        for applied in (None, Optime(99, 1, 1)):
            told = only(await_primary(SET, changed(runs, 1, applied=applied))).message
            assert "; mongo-1 left the set, still runs, and may have later ones" in told
        newer = config((0, 2), version=6)
        for doubtful in (None, config((0, 2), identity=OTHER_IDENTITY), config((0, 1, 2)), newer):
            assert "mongo-1 runs" in refused(ASKED, changed(runs, 1, config=doubtful))

    def test_while_a_voter_is_no_pod_of_the_set(self) -> None:
        """Rule 29: it cannot be stopped, and may form a majority with others of its kind."""
        guest = replace(entry(9), host="mongo.example.com:27017")
        observed = changed(lost(), 0, config=config((0, 1, guest)))
        assert "mongo.example.com:27017 is no pod" in refused(ASKED, observed)


class TestCourse:
    """First it is recorded, then all others are stopped, and only then something is forced."""

    def test_begins_with_the_record(self) -> None:
        """Rule 29: a pod that comes back meanwhile finds that it must not start."""
        wait = only(recover(ASKED, lost()))
        assert wait == Wait(Reason.RECOVERING, "the confirmed recovery is being recorded")

    def test_stops_a_member_that_serves(self) -> None:
        """Rule 29: with its old configuration it could elect a second primary."""
        observed = recorded(running(SET, primary=None, down={2}, states={1: State.STARTUP2}))
        said = "mongo-0 goes on without it, as confirmed"
        assert only(recover(ASKED, observed)) == StopForGood("mongo-1", "uid-pod-1", said)

    @pytest.mark.parametrize(
        "fields",
        [
            {"deleting": True, "mongod_ever_ran": True},
            {"node": "node-2", "mongod_ever_ran": False},
        ],
    )
    def test_waits_for_one_that_is_on_its_way_to_the_gate(self, fields: dict[str, Any]) -> None:
        observed = with_pod(recorded(lost()), 2, **fields)
        wait = only(recover(ASKED, observed))
        assert isinstance(wait, Wait)
        assert wait.message == "the recovery waits for mongo-2 to stop at the gate"

    def test_ends_with_the_survivor_alone(self) -> None:
        survivor = replace(entry(0), priority=0, hidden=True, delay_seconds=60, tags={"a": "b"})
        live = config((survivor, 1, 2))
        observed = at_gate(changed(recorded(lost()), 0, config=live), 1)
        action = only(recover(ASKED, observed))
        assert isinstance(action, Force)
        assert (action.pod, action.based_on) == ("mongo-0", live.stamp)
        (alone,) = action.config.members
        assert alone == replace(survivor, priority=1, hidden=False, delay_seconds=0)
        assert alone.tags == {"a": "b"}
        assert action.config.settings == live.settings

    @pytest.mark.parametrize("replicas", [3, 5])
    def test_waits_until_nobody_else_can_start(self, replicas: int) -> None:
        """Rule 29: a pod that is yet to be made anew, and is not wanted, would vote as well."""
        observed = recorded(lost())
        observed = replace(observed, statefulset=statefulset(ASKED, replicas))
        listed = [f"mongo-{each}" for each in range(1, replicas - 1)]
        wait = only(recover(ASKED, held(observed, *listed)))
        assert isinstance(wait, Wait)
        assert f"mongo-{replicas - 1} cannot start" in wait.message

    def test_waits_for_a_survivor_that_is_silent_again(self) -> None:
        """What was confirmed stays, for nobody knows whether it was forced already."""
        wait = only(recover(ASKED, recorded(replace(lost(), answers={}))))
        assert isinstance(wait, Wait)
        assert wait.message == "the recovery waits for mongo-0 to answer"

    def test_says_when_the_survivor_has_lost_its_data_as_well(self) -> None:
        wait = only(recover(ASKED, at_gate(recorded(lost()), 0)))
        assert isinstance(wait, Wait)
        assert wait.message == "mongo-0 has lost its data as well: take mongors.io/recover back"

    def test_stops_when_a_primary_appears(self) -> None:
        """Rule 29."""
        assert list(recover(ASKED, recorded(running(SET)))) == []
        assert plan(ASKED, recorded(running(SET))).step is None

    def test_stops_when_it_is_taken_back(self) -> None:
        assert list(recover(SET, recorded(lost()))) == []

    def test_is_not_repeated(self) -> None:
        """Rule 12: what was confirmed once holds for one version, and for one time."""
        after = changed(recorded(lost()), 0, config=config((0,), version=70005))
        assert list(recover(ASKED, after)) == []
        done = recorded(lost(), forced="mongo-0 went on alone from configuration version 5")
        assert list(recover(ASKED, done)) == []

    def test_begins_again_for_another_loss(self) -> None:
        """A set that was recovered once can be recovered once more."""
        old, said = f"{IDENTITY}/mongo-1/2", "mongo-1 went on alone from configuration version 2"
        observed = recorded(lost(), old, said)
        assert only(recover(ASKED, observed)).reason is Reason.RECOVERING  # type: ignore[union-attr]
        observed = recorded(lost(), CONFIRMED, said)
        assert isinstance(only(recover(ASKED, observed)), Force)


def test_a_pod_of_a_member_that_answers_from_another_host_is_stopped_as_well() -> None:
    """All pods but the survivor's, whether they stand in the configuration or not."""
    observed = recorded(lost())
    observed = replace(observed, pods={**observed.pods, 3: pod(3)})
    assert only(recover(ASKED, observed)) == StopForGood(
        "mongo-3", "uid-pod-3", "mongo-0 goes on without it, as confirmed"
    )
    assert host(3) not in {each.host for each in config().members}
