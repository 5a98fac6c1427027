"""F10 to F17: the way to the API server fails in every way that networks and servers know.

A set stands; its own operator goes by a way that can be broken. While it is, a Service of the set
is deleted. Nothing may be done to the members, the trouble has to be named, nobody may be asked in
a hot loop, and all is put right when the trouble is over.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from e2e.history import Watched
from e2e.invariants import one_down_at_a_time
from e2e.sets import ReplicaSet, eventually
from e2e.way import Way, a_way
from faults.troubles import (
    Trouble,
    answered,
    anything,
    broken,
    dumb,
    gone,
    is_listing,
    is_watch,
    is_write,
    only,
    unanswered,
)
from mongors.handlers import BOOKMARK_SECONDS
from mongors.kube.transport import TIMEOUT_SECONDS

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

TROUBLE_SECONDS = 8.0
REFUSED_SECONDS = 4.0
"""Of everything, the Lease included: for longer the operator may not go on without it."""
GIVEN_UP = "no answer within"
PATIENCE_SECONDS = TIMEOUT_SECONDS + TROUBLE_SECONDS
"""How long it takes to be told of what is never answered."""
MOST_REQUESTS = 120
"""What may arrive meanwhile: ten streams try six times at 1, 1, 2, 3 and 5 s, each twice over a
connection that stood; passes are fewer, for their pause doubles each time."""


@pytest.fixture(scope="module")
def way(replica_set_of_module: ReplicaSet) -> Iterator[Way]:
    with a_way(replica_set_of_module) as made:
        replica_set_of_module.apply(members=3)
        replica_set_of_module.await_ready()
        yield made


BUSY = answered(429, "TooManyRequests", "too many requests, please try again later", 3)
WRONG = answered(500, "InternalError", "etcdserver: leader changed")
CONFLICT = answered(409, "Conflict", "the object has been modified")
DELETED = "mongo-read"


def is_there(replica_set: ReplicaSet) -> bool:
    return any(each["metadata"]["name"] == DELETED for each in replica_set.all_of("services"))


def members_of(replica_set: ReplicaSet) -> set[str]:
    """The pods and claims, by identity."""
    found = [*replica_set.pods(), *replica_set.all_of("pvc")]
    return {each["metadata"]["uid"] for each in found}


@contextmanager
def harmless(way: Way, seconds: float = 60) -> Iterator[None]:
    """The Service that goes meanwhile is back so long afterwards, and nothing else has changed."""
    way.replica_set.await_ready()
    before = members_of(way.replica_set)
    with Watched(way.replica_set, also=(one_down_at_a_time,)) as seen:
        yield
        eventually(
            lambda: is_there(way.replica_set), seconds, "it is put right", way.replica_set.explain
        )
        way.replica_set.await_ready()
    assert members_of(way.replica_set) == before
    assert (seen.violations, seen.elections, seen.reconfigs) == ([], 0, [])


@pytest.mark.parametrize(
    ("trouble", "cuts", "named"),
    [
        pytest.param(
            only(broken, anything), True, "Connection reset", id="every connection is reset"
        ),
        pytest.param(only(broken, is_write), False, "Connection reset", id="writes are reset"),
        pytest.param(only(unanswered, is_write), False, GIVEN_UP, id="writes are never answered"),
        pytest.param(only(BUSY, is_write), False, "try again later", id="429"),
        pytest.param(only(WRONG, is_write), False, "leader changed", id="500"),
        pytest.param(only(CONFLICT, is_write), False, "has been modified", id="409"),
        pytest.param(
            only(gone, is_watch, only(WRONG, is_listing)), True, "leader changed", id="410 and 500"
        ),
        pytest.param(only(dumb, is_watch), True, "", id="streams say nothing"),
    ],
)
def test_trouble_is_named_harms_nobody_and_heals(
    way: Way, trouble: Trouble, cuts: bool, named: str
) -> None:
    with harmless(way):
        already = len(way.logged())
        with way.in_trouble(trouble, cuts=cuts) as arrived:
            way.replica_set.run("delete", "service", DELETED)
            time.sleep(PATIENCE_SECONDS if named == GIVEN_UP else TROUBLE_SECONDS)  # it lasts
            assert not is_there(way.replica_set), "the trouble was none"
    assert named in way.logged()[already:]
    assert len(arrived) <= MOST_REQUESTS


def test_a_refused_connection_is_named_harms_nobody_and_heals(way: Way) -> None:
    with harmless(way):
        already = len(way.logged())
        with way.refused():
            way.replica_set.run("delete", "service", DELETED)
            time.sleep(REFUSED_SECONDS)  # it lasts
    assert "Connect call failed" in way.logged()[already:]


def test_streams_that_never_say_a_word_again_are_opened_anew(way: Way) -> None:
    """Nobody hangs up on them: the operator itself finds them dead, for even bookmarks are due."""
    with harmless(way, BOOKMARK_SECONDS + 60):
        with way.in_trouble(only(dumb, is_watch), cuts=True, lingers=True):
            time.sleep(TROUBLE_SECONDS)  # until every stream has been opened again
        way.replica_set.run("delete", "service", DELETED)
