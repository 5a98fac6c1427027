"""F11 to F16: answers that are lost, refusals by turns, and lists from the past."""

import time
from collections.abc import Callable, Iterator

import pytest
from aiohttp import web

from e2e.history import Watched
from e2e.invariants import one_down_at_a_time
from e2e.sets import ReplicaSet, eventually
from e2e.way import Way, a_way
from e2e.writer import Writer
from faults.flows import roll, uids
from faults.troubles import (
    Ask,
    Past,
    Seen,
    Trouble,
    answered,
    dumb,
    gone,
    is_listing,
    is_watch,
    only,
    reply_lost,
)

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

PAST_SECONDS = 8.0
CALM_BIRTH = 60
"""Requests that change something, of a birth of three without any trouble, at most."""


def the_first_of_each() -> Callable[[Seen], bool]:
    """The first write to each place."""
    known: set[tuple[str, str]] = set()

    def is_first(seen: Seen) -> bool:
        place = (seen.method, seen.path)
        is_new = seen.is_write and place not in known
        known.add(place)
        return is_new

    return is_first


def each(number: int) -> Callable[[Seen], bool]:
    """Each n-th write."""
    count = 0

    def is_chosen(seen: Seen) -> bool:
        nonlocal count
        count += seen.is_write
        return seen.is_write and count % number == 0

    return is_chosen


CONFLICT = answered(409, "Conflict", "the object has been modified")
BUSY = answered(429, "TooManyRequests", "please try again later", 1)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(only(reply_lost, the_first_of_each()), id="replies to writes are lost"),
        pytest.param(only(CONFLICT, each(2)), id="every second write conflicts"),
        pytest.param(only(BUSY, each(5)), id="every fifth write is one too many"),
    ],
)
def test_a_set_is_born_once_and_in_bounded_tries(replica_set: ReplicaSet, trouble: Trouble) -> None:
    """What was done already is found, not done again."""
    with a_way(replica_set) as way, way.in_trouble(trouble) as arrived:
        replica_set.apply(members=3)
        replica_set.await_ready()
    config = replica_set.rs_config()
    assert (config["version"], config["term"]) == (1, 1)
    assert str(config["settings"]["replicaSetId"]) == replica_set.status()["replicaSetId"]
    writes = [seen for seen in arrived if seen.is_write and not seen.is_of_lease]
    assert len(writes) <= 3 * CALM_BIRTH


@pytest.fixture
def way(replica_set: ReplicaSet) -> Iterator[Way]:
    with a_way(replica_set) as made:
        replica_set.apply(members=3)
        replica_set.await_ready()
        yield made


def is_of_pods(seen: Seen) -> bool:
    return seen.path.endswith("/pods") and not seen.is_write


def is_eviction(seen: Seen) -> bool:
    return seen.is_write and seen.path.endswith("/eviction")


def test_who_is_shown_pods_of_the_past_harms_none_of_today(way: Way) -> None:
    """F15: what is older than what was seen is not believed, and a disruption names its very pod.

    One pod may be restarted; that its successor is there is not seen, and so no other follows.
    """
    replica_set, past = way.replica_set, Past()
    remembering = only(past.remember, is_listing, only(gone, is_watch))
    with way.in_trouble(only(remembering, is_of_pods), cuts=True):
        eventually(lambda: past.knows("/pods"), 30, "the pods were listed")
    for ordinal in {0, 1, 2} - {replica_set.primary_ordinal()}:
        replica_set.delete_pods(f"mongo-{ordinal}")
        replica_set.await_ready()
    replica_set.await_ready()
    with Writer(replica_set) as writer, Watched(replica_set, also=(one_down_at_a_time,)) as seen:
        writer.await_more()
        before = uids(replica_set)
        repeating = only(past.repeat, is_listing, only(_gone_then_dumb(), is_watch))
        with way.in_trouble(only(repeating, is_of_pods), cuts=True) as arrived:
            eventually(lambda: past.was_repeated, 30, "the pods of the past are shown")
            ended = roll(replica_set)
            time.sleep(PAST_SECONDS)  # this is for how long it lasts
            assert len(before - uids(replica_set)) <= 1
        evictions = [each for each in arrived if is_eviction(each)]
        eventually(ended, 120, "all pods are new", replica_set.explain)
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 1)
    assert len(evictions) <= 20, "to be refused is no reason to hurry"


def _gone_then_dumb() -> Trouble:
    """A stream ends, so that all is listed anew; the next one says nothing."""
    was_gone = False

    async def tell(seen: Seen, request: web.Request, ask: Ask) -> web.StreamResponse:
        nonlocal was_gone
        chosen, was_gone = (dumb if was_gone else gone), True
        return await chosen(seen, request, ask)

    return tell
