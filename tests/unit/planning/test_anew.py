"""Beginning anew: only when the data are given up by name, and certainly gone (rule 2)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.mongodb import Answer, State
from mongors.observed.observed import Observed
from mongors.observed.record import Record, recorded
from mongors.planning.plan import plan
from mongors.planning.recorded import record_of
from mongors.planning.steps.anew import (
    held_copies,
    is_accepted,
    refuse_beginning,
    stop_copies,
)
from mongors.planning.steps.leaderless import await_primary
from unit.builders import (
    BORN,
    IDENTITY,
    NOW,
    OTHER_IDENTITY,
    USERS,
    asking,
    at_gate,
    changed,
    held,
    only,
    pod,
    running,
    wanted,
    with_pod,
)

SET = wanted(3)
ASKED = asking(SET, begin_anew=IDENTITY)
EMPTY = at_gate(running(SET, primary=None), 0, 1, 2)
SAID = f"to begin anew, giving up {IDENTITY}, is refused: "


def refused(observed: Observed) -> str:
    """Why the set does not begin anew; it goes on as it is."""
    assert not is_accepted(ASKED, observed)
    assert record_of(ASKED, observed).replica_set_id == IDENTITY
    wait = only(refuse_beginning(ASKED, observed))
    assert (wait.reason, wait.is_harmless) == (Reason.BEGIN_REFUSED, True)
    return wait.message.removeprefix(SAID)


def test_nothing_begins_anew_unless_it_is_asked_for() -> None:
    """Rule 2: people are told how, and nothing happens."""
    planned = plan(SET, EMPTY)
    assert (planned.upkeep, planned.step) == ((), None)
    assert f"mongors.io/begin-anew={IDENTITY}" in planned.waits[-1].message


def test_what_was_given_up_is_forgotten() -> None:
    """All but its name, and that something was forced once."""
    forced = replace(EMPTY, record=Record(IDENTITY, 7, USERS, forced="x"))
    assert record_of(ASKED, forced) == Record(forced="x", given_up=IDENTITY)


def test_a_recovery_that_was_never_seen_to_be_done_is_told_of_all_the_same() -> None:
    """Unknown is not absent: the survivor may have gone on alone before it lost its data."""
    begun = replace(EMPTY, record=Record(IDENTITY, 7, USERS, recovery=f"{IDENTITY}/mongo-0/3"))
    told = record_of(ASKED, begun)
    assert told.perhaps_forced is not None
    assert told.perhaps_forced.startswith("perhaps mongo-0 went on alone from configuration v")
    assert told.forced is None
    assert record_of(ASKED, EMPTY).perhaps_forced is None


def test_the_gates_open_only_after_that() -> None:
    """Rule 77: cut off between the two, the set would not know what it is."""
    planned = plan(ASKED, EMPTY)
    assert [str(each) for each in planned.upkeep] == ["apply Secret mongo-keyfile"]
    after = replace(EMPTY, record=Record(given_up=IDENTITY))
    opened = [str(each) for each in plan(ASKED, after).upkeep]
    assert [each for each in opened if each.startswith("permit")] == [
        f"permit mongo-{each} to start over an empty volume (birth of the set)" for each in range(3)
    ]


def test_a_request_that_was_followed_says_nothing_more() -> None:
    after = replace(running(SET), record=Record(OTHER_IDENTITY, given_up=IDENTITY))
    assert list(refuse_beginning(ASKED, after)) == []
    assert not is_accepted(ASKED, after)


def test_a_status_of_old_is_not_taken_for_the_record() -> None:
    """The status is written after the Secret: what was given up must not come back by it."""
    status = EMPTY.status
    assert recorded({"mongors.io/given-up": IDENTITY}, status) == Record(given_up=IDENTITY)
    assert recorded({"mongors.io/given-up": OTHER_IDENTITY}, status).replica_set_id == IDENTITY


def let_in(since: datetime) -> Observed:
    """One of them was let in, and runs over nothing since then."""
    runs = with_pod(
        EMPTY, 1, held_since=None, mongod_running=True, mongod_since=since, mongod_ever_ran=True
    )
    answer = Answer(1, State.UNINITIATED, version=(6, 0, 5))
    return replace(runs, answers={**runs.answers, 1: answer})


def test_who_was_let_in_and_knows_of_no_set_has_nothing_to_give_up() -> None:
    assert is_accepted(ASKED, let_in(NOW - timedelta(seconds=30)))
    said = "mongo-1 does not stand at the start gate with an empty volume"
    assert refused(let_in(NOW - timedelta(seconds=29))) == said, "it may be loading its data"


def copying() -> Observed:
    """One is empty; the others had not copied all when it lost what it had."""
    observed = running(SET, primary=None, states={1: State.STARTUP2, 2: State.STARTUP2})
    for each in (1, 2):
        observed = changed(observed, each, copying=True, views=())
    return at_gate(observed, 0)


class TestCopies:
    """What was copied in part is of no use when nobody has the rest."""

    def test_are_named_with_the_way_out(self) -> None:
        told = only(await_primary(SET, copying())).message
        assert "mongo-1, mongo-2 had copied a part when the rest was lost" in told
        assert told.endswith(f"annotate the set with mongors.io/begin-anew={IDENTITY}")

    def test_are_held_and_then_stopped_once_they_are_given_up(self) -> None:
        assert held_copies(SET, copying()) == []
        assert held_copies(ASKED, copying()) == ["mongo-1", "mongo-2"]
        assert list(stop_copies(ASKED, copying())) == [], "the Secret does not hold them yet"
        listed = held(copying(), "mongo-1", "mongo-2")
        assert only(stop_copies(ASKED, listed)).pod == "mongo-1"
        goes = with_pod(listed, 1, deleting=True)
        assert only(stop_copies(ASKED, goes)).pod == "mongo-2"
        assert held_copies(ASKED, goes) == ["mongo-1", "mongo-2"], "they may be back any moment"
        assert not is_accepted(ASKED, goes)

    def test_stay_held_until_they_have_begun_empty(self) -> None:
        at_gates = held(at_gate(copying(), 1, 2), "mongo-1", "mongo-2")
        assert is_accepted(ASKED, at_gates)
        after = replace(at_gates, record=Record(given_up=IDENTITY))
        assert held_copies(ASKED, after) == ["mongo-1", "mongo-2"]
        begun = with_pod(after, 1, held_since=None, may_start_empty=True, mongod_running=True)
        answer = Answer(1, State.UNINITIATED, version=(6, 0, 5))
        begun = replace(begun, answers={**begun.answers, 1: answer})
        assert held_copies(ASKED, begun) == ["mongo-2"]

    @pytest.mark.parametrize(
        "observed",
        [
            running(SET),
            with_pod(copying(), 0, held_since=None),
            with_pod(copying(), 0, deleting=True),
            changed(copying(), 2, copying=False),
            changed(copying(), 2, state=State.UNREACHABLE, copying=False),
        ],
    )
    def test_are_kept_while_anybody_may_have_all(self, observed: Observed) -> None:
        """Rule 78."""
        assert held_copies(ASKED, observed) == []
        assert list(stop_copies(ASKED, held(observed, "mongo-1"))) == []


class TestRefused:
    """As long as data may be there, they are not given up."""

    def test_by_another_name(self) -> None:
        desired = asking(SET, begin_anew=OTHER_IDENTITY)
        assert IDENTITY in only(refuse_beginning(desired, EMPTY)).message
        unborn = replace(EMPTY, record=Record())
        assert "none yet" in only(refuse_beginning(desired, unborn)).message

    @pytest.mark.parametrize(
        "fields",
        [
            {"held_since": None},
            {"held_since": NOW},
            {"deleting": True},
        ],
    )
    def test_while_a_member_is_not_at_the_gate(self, fields: dict[str, Any]) -> None:
        """Rules 34 and 78: not seen to be empty is not empty."""
        said = "mongo-1 does not stand at the start gate with an empty volume"
        assert refused(with_pod(EMPTY, 1, **fields)) == said

    def test_while_a_pod_is_missing(self) -> None:
        gone = replace(EMPTY, pods={each: EMPTY.pods[each] for each in (0, 2)})
        assert "mongo-1 does not stand" in refused(gone)

    def test_while_a_pod_beside_the_wanted_ones_may_have_data(self) -> None:
        more = replace(EMPTY, pods={**EMPTY.pods, 3: pod(3, mongod_running=False)})
        assert refused(more) == "mongo-3 may still have data"

    def test_while_members_are_held_with_their_data(self) -> None:
        """A recovery that was begun holds members that are anything but empty."""
        begun = replace(EMPTY, record=Record(IDENTITY, recovery=f"{IDENTITY}/mongo-7/5"))
        assert "take the recovery back first" in refused(begun)


def test_the_set_is_as_old_as_it_was() -> None:
    """The claims are from before; what counts is that each was seen to be empty."""
    assert all(claim.is_new(BORN) for claim in EMPTY.claims.values())
