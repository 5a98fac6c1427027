"""F10 to F17: the way to the API server fails in every way that networks and servers know.

A set stands; its own operator goes by a way that can be broken. While it is, a Service of the set
is deleted. Nothing may be done to the members, the trouble has to be named, nobody may be asked in
a hot loop, and all is put right when the trouble is over.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from e2e.history import Watched
from e2e.invariants import one_down_at_a_time
from e2e.own import own_operator
from e2e.sets import ReplicaSet, eventually
from faults.proxy import Proxy
from faults.troubles import (
    Seen,
    Trouble,
    answered,
    broken,
    calm,
    dumb,
    gone,
    only,
    unanswered,
)

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

TROUBLE_SECONDS = 8.0
MOST_REQUESTS = 120
"""What may arrive meanwhile: ten streams try six times at 1, 1, 2, 3 and 5 s, each twice over a
connection that stood; passes are fewer, for their pause doubles each time."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A set, its operator's way to the API server, and what the operator writes."""

    replica_set: ReplicaSet
    proxy: Proxy
    log: IO[bytes]

    def logged(self) -> str:
        return Path(self.log.name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lab(
    replica_set_of_module: ReplicaSet, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("way")
    with Proxy() as proxy, tempfile.NamedTemporaryFile() as log:
        way = {"KUBECONFIG": str(proxy.kubeconfig(folder)), "MONGORS_LOG_FORMAT": "json"}
        with own_operator(replica_set_of_module.namespace, log=log.file, **way):
            replica_set_of_module.apply(members=3)
            replica_set_of_module.await_ready()
            yield Lab(replica_set_of_module, proxy, log.file)


def is_write(seen: Seen) -> bool:
    return seen.is_write


def anything(seen: Seen) -> bool:
    return True


def is_watch(seen: Seen) -> bool:
    return seen.is_watch


def is_listing(seen: Seen) -> bool:
    return seen.is_listing


BUSY = answered(429, "TooManyRequests", "too many requests, please try again later", 3)
WRONG = answered(500, "InternalError", "etcdserver: leader changed")
CONFLICT = answered(409, "Conflict", "the object has been modified")
DELETED = "mongo-read"


@contextmanager
def in_trouble(lab: Lab, trouble: Trouble, *, cuts: bool) -> Iterator[list[Seen]]:
    """Break the way, and mend it afterwards; tells the requests that arrived meanwhile."""
    arrived: list[Seen] = []
    began = time.monotonic()
    lab.proxy.trouble = trouble
    if cuts:
        lab.proxy.hang_up()
    try:
        yield arrived
        arrived += lab.proxy.since(began)
    finally:
        lab.proxy.trouble = calm
        lab.proxy.hang_up()  # what was never answered is asked anew


def is_there(replica_set: ReplicaSet) -> bool:
    return any(each["metadata"]["name"] == DELETED for each in replica_set.all_of("services"))


def members_of(replica_set: ReplicaSet) -> set[str]:
    """The pods and claims, by identity."""
    found = [*replica_set.pods(), *replica_set.all_of("pvc")]
    return {each["metadata"]["uid"] for each in found}


@pytest.mark.parametrize(
    ("trouble", "cuts", "named"),
    [
        pytest.param(
            only(broken, anything), True, "Connection reset", id="every connection is reset"
        ),
        pytest.param(only(broken, is_write), False, "Connection reset", id="writes are reset"),
        pytest.param(only(unanswered, is_write), False, "", id="writes are never answered"),
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
    lab: Lab, trouble: Trouble, cuts: bool, named: str
) -> None:
    lab.replica_set.await_ready()
    before, already = members_of(lab.replica_set), len(lab.logged())
    with Watched(lab.replica_set, also=(one_down_at_a_time,)) as seen:
        with in_trouble(lab, trouble, cuts=cuts) as arrived:
            lab.replica_set.run("delete", "service", DELETED)
            time.sleep(TROUBLE_SECONDS)  # this is for how long it lasts
            assert not is_there(lab.replica_set), "the trouble was none"
        eventually(
            lambda: is_there(lab.replica_set), 60, "it is put right", lab.replica_set.explain
        )
        lab.replica_set.await_ready()
    assert members_of(lab.replica_set) == before
    assert (seen.violations, seen.elections, seen.reconfigs) == ([], 0, [])
    assert named in lab.logged()[already:]
    assert len(arrived) <= MOST_REQUESTS
