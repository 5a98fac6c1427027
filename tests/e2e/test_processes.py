"""F20 to F25: mongods that die, freeze or are told to stop: nobody leaves, no write is lost."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.faults import Faults
from e2e.history import Watched
from e2e.invariants import majority_serves
from e2e.looking import writable_members
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer
from faults.flows import uids

ALL = (0, 1, 2)


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def kill(faults: Faults, replica_set: ReplicaSet, ordinals: Sequence[int], signal: str) -> None:
    """Send a signal to the mongods of these members, at the same time."""
    pods = [f"{replica_set.namespace}/mongo-{each}" for each in ordinals]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda pod: faults.kill(pod, signal), pods))


def restarts(replica_set: ReplicaSet) -> int:
    """How often mongods have ended and been started again, in all pods together."""
    return sum(pod["status"]["containerStatuses"][0]["restartCount"] for pod in replica_set.pods())


def await_restarted(replica_set: ReplicaSet, times: int) -> None:
    """Wait until so many mongods have been started again, and all is well."""
    eventually(
        lambda: restarts(replica_set) >= times, 60, "they are started again", replica_set.explain
    )
    replica_set.await_ready()


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGTERM"])
def test_a_secondary_that_ends_comes_back_and_nobody_notices(
    running: ReplicaSet, faults: Faults, signal: str
) -> None:
    victim = min({*ALL} - {running.primary_ordinal()})
    before, times = uids(running), restarts(running) + 1
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        kill(faults, running, [victim], signal)
        await_restarted(running, times)
        writer.await_more()
    writer.check_every_member()
    assert uids(running) == before
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 0, [])
    measured(f"a secondary's mongod: {signal}", signal, writer, seen)


def test_a_secondary_that_freezes_is_left_alone(running: ReplicaSet, faults: Faults) -> None:
    """It is told, and it goes on where it was when it thaws."""
    frozen = min({*ALL} - {running.primary_ordinal()})
    before = uids(running)
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        kill(faults, running, [frozen], "SIGSTOP")
        eventually(lambda: not running.is_ready(), 40, "it is told", running.explain)
        writer.await_more()
        kill(faults, running, [frozen], "SIGCONT")
        running.await_ready()
        writer.await_more()
    writer.check_every_member()
    assert uids(running) == before
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 0, [])
    measured("a secondary's mongod frozen, and thawed", "SIGSTOP, SIGCONT", writer, seen)


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGTERM"])
def test_a_primary_that_ends_is_followed_by_another(
    running: ReplicaSet, faults: Faults, signal: str
) -> None:
    """The driver's one retry bridges it: no write ends with an error."""
    before, times = uids(running), restarts(running) + 1
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        kill(faults, running, [running.primary_ordinal()], signal)
        await_restarted(running, times)
        writer.await_more()
    writer.check_every_member()
    assert uids(running) == before
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 1, [])
    measured(f"the primary's mongod: {signal}", signal, writer, seen)


def test_a_primary_that_freezes_is_followed_and_takes_no_write_when_it_thaws(
    running: ReplicaSet, faults: Faults
) -> None:
    """As a paused machine does; two are never primary in one term."""
    frozen = running.primary_ordinal()
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        kill(faults, running, [frozen], "SIGSTOP")
        eventually(
            lambda: {*writable_members(running)} - {frozen}, 40, "another one", running.explain
        )
        writer.await_more(seconds=60)
        kill(faults, running, [frozen], "SIGCONT")
        running.await_ready()
        writer.await_more()
    writer.check_every_member()
    assert running.primary_ordinal() != frozen
    assert (writer.errors, seen.violations, seen.elections, seen.reconfigs) == ([], [], 1, [])
    measured("the primary's mongod frozen, and thawed", "SIGSTOP, SIGCONT", writer, seen)


def test_all_that_freeze_at_once_go_on_when_they_thaw(running: ReplicaSet, faults: Faults) -> None:
    """As when a machine sleeps: nobody is restarted, initiated or forced."""
    before = uids(running)
    with Writer(running) as writer, Watched(running, without=(majority_serves,)) as seen:
        writer.await_more()
        kill(faults, running, ALL, "SIGSTOP")
        eventually(lambda: not running.is_ready(), 40, "it is told", running.explain)
        kill(faults, running, ALL, "SIGCONT")
        running.await_ready()
        writer.await_more(seconds=60)
    writer.check_every_member()
    assert uids(running) == before
    assert (seen.violations, seen.reconfigs) == ([], [])
    assert seen.elections <= 1
    measured("all mongods frozen, and thawed", "SIGSTOP, SIGCONT", writer, seen)


def test_all_that_die_at_once_come_back_as_they_were(running: ReplicaSet, faults: Faults) -> None:
    """Rules 1 and 12: nothing is initiated, nothing forced; they elect as soon as they are up."""
    identity = running.status()["replicaSetId"]
    before, times = uids(running), restarts(running) + 3
    with Writer(running) as writer, Watched(running, without=(majority_serves,)) as seen:
        writer.await_more()
        kill(faults, running, ALL, "SIGKILL")
        await_restarted(running, times)
        writer.await_more(seconds=60)
    writer.check_every_member()
    assert uids(running) == before
    assert running.status()["replicaSetId"] == identity
    assert (seen.violations, seen.elections, seen.reconfigs) == ([], 1, [])
    measured("all mongods killed at once", "SIGKILL", writer, seen)


def test_all_pods_deleted_at_once_come_back_over_their_volumes(running: ReplicaSet) -> None:
    before = uids(running)
    with Writer(running) as writer, Watched(running, without=(majority_serves,)) as seen:
        writer.await_more()
        # Not waiting itself: kubectl may take a successor of the same name for the one it deleted.
        running.run("delete", "pods", "--selector=app.kubernetes.io/instance=mongo", "--wait=false")
        eventually(lambda: not before & uids(running), 60, "all are new", running.explain)
        running.await_ready()
        writer.await_more(seconds=60)
    writer.check_every_member()
    assert (seen.violations, seen.reconfigs) == ([], [])
    measured("all pods deleted at once", "kubectl delete pods", writer, seen)
