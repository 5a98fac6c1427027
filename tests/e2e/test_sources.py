"""Before a member stops: who leads hands over, and nobody is left copying from it."""

import re
from uuid import uuid4

import pytest

from e2e.history import Watched
from e2e.memberlog import entries, log_of
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.test_restarts import await_all_new
from e2e.writer import Writer

CHANGED_SOURCE, ASKED_SOURCE = 21088, 21782
"""What mongod logs when it copies from another member, and before that if it was asked to."""

STEADY = {"setParameter": {"changeSyncSourceThresholdMillis": 0}}
"""No member looks for a nearer source by itself, as it may whenever a machine is busy:
https://www.mongodb.com/docs/manual/reference/parameters/
"""

STAYS_LOOKS = 5
"""After so many looks in a row, 0.2 s apart, a member is taken to stay with its source."""


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3, configuration=STEADY)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def pod_of(host: str) -> str:
    return host.partition(".")[0]


def noted(replica_set: ReplicaSet, ordinal: int, event: int) -> list[Raw]:
    """What a member's log says of each event of a kind, in order, since it started."""
    log = log_of(replica_set, f"mongo-{ordinal}")
    return [each["attr"] for each in entries(log) if each["id"] == event]


def changes(replica_set: ReplicaSet, ordinal: int) -> list[tuple[str, str]]:
    """From which to which pod a member has changed."""
    found = noted(replica_set, ordinal, CHANGED_SOURCE)
    return [(pod_of(each["oldSyncSource"]), pod_of(each["newSyncSource"])) for each in found]


def asked(replica_set: ReplicaSet, ordinal: int) -> list[str]:
    """From which pods a member was asked to copy and began to.

    One that has nothing newer just then is asked for again.
    """
    return [pod_of(each["syncSource"]) for each in noted(replica_set, ordinal, ASKED_SOURCE)]


def copy_from(replica_set: ReplicaSet, ordinal: int, source: int) -> None:
    """Have a member copy from another one, and wait until it does; somebody has to write.

    One that has nothing newer at that moment is dropped again: so it is asked until it stays.
    """
    host = f"mongo-{source}.mongo.{replica_set.namespace}.svc.cluster.local:27017"
    seen = 0
    with replica_set.member(ordinal) as client:

        def stays() -> bool:
            nonlocal seen
            is_there = client.admin.command("replSetGetStatus")["syncSourceHost"] == host
            seen = seen + 1 if is_there else 0
            if not is_there:
                client.admin.command({"replSetSyncFrom": host})
            return seen == STAYS_LOOKS

        eventually(stays, 30, "it copies from there", replica_set.explain)


def test_only_a_primary_is_held_when_it_is_told_to_stop(running: ReplicaSet) -> None:
    """Each of its 30 looks at most is answered, whatever tools an image has."""
    primary = running.primary_ordinal()
    for ordinal, pod in enumerate(running.pods()):
        (mongod,) = pod["spec"]["containers"]
        stop = mongod["lifecycle"]["preStop"]["exec"]["command"][-1]
        traced = r'bash -xc "$0" 2>&1 | tr -cd "\40-\176"'
        told = running.run("exec", f"mongo-{ordinal}", "--", "bash", "-c", traced, stop)
        answers = re.findall(r"said=.*?isWritablePrimary0(.)", told)
        assert answers == (["1"] * 30 if ordinal == primary else ["0"])


def test_a_reader_has_another_source_before_its_own_restarts(running: ReplicaSet) -> None:
    primary = running.primary_ordinal()
    reader, first = sorted({0, 1, 2} - {primary})  # the highest ordinal is restarted first
    before = running.uids()
    with Writer(running) as writer, Watched(running) as seen:
        copy_from(running, reader, first)
        told, before_that = len(changes(running, reader)), len(asked(running, reader))
        running.run("annotate", f"mrs/{running.name}", f"mongors.io/restart={uuid4().hex[:6]}")
        name = f"mongo-{first}"
        eventually(
            lambda: running.uids().get(name) not in (None, before[name]), 60, f"{name} is new",
            running.explain,
        )  # fmt: skip
        assert set(asked(running, reader)[before_that:]) == {f"mongo-{primary}"}
        left, *later = changes(running, reader)[told:]
        assert left == (name, f"mongo-{primary}")
        assert name not in {pod for change in later for pod in change}, "it copied from there again"
        await_all_new(running, before)
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 1)


def test_the_others_copy_from_who_takes_over_before_it_does(running: ReplicaSet) -> None:
    primary = running.primary_ordinal()
    other, target = sorted({0, 1, 2} - {primary})
    with Writer(running) as writer, Watched(running) as seen:
        copy_from(running, other, primary)
        told, before_that = len(changes(running, other)), len(asked(running, other))
        running.run("annotate", f"mrs/{running.name}", f"mongors.io/primary=mongo-{target}")
        eventually(
            lambda: running.primary_ordinal() == target, 60, "it is primary", running.explain
        )
        writer.await_more()
        assert set(asked(running, other)[before_that:]) == {f"mongo-{target}"}
        assert changes(running, other)[told:][0] == (f"mongo-{primary}", f"mongo-{target}")
        running.await_ready()
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 1)
