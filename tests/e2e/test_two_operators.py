"""F7 and F8: two operators at work at once may be noisy; they never harm a set together."""

import signal
from contextlib import ExitStack

import pytest

from cluster.lab.local.records import stat_of
from e2e.history import Watched
from e2e.invariants import one_down_at_a_time
from e2e.own import own_operator
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer
from faults.dying import FROZEN
from faults.flows import roll

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

LEASE = "trial"
TUG_SECONDS = 60.0
MOST_PER_SECOND = 3
"""Changes of one object by two who disagree: 78 were counted in a minute."""


def lease_holder(replica_set: ReplicaSet) -> str:
    lease = replica_set.get("lease", LEASE)
    return str(lease["spec"].get("holderIdentity") or "")


def is_stopped(pid: int) -> bool:
    """Whether a process has been stopped by a signal."""
    found = stat_of(pid)
    return found is not None and found.state == "T"


def test_two_that_know_nothing_of_each_other_break_nothing(replica_set: ReplicaSet) -> None:
    """Each has a Lease of its own, as if there were none: birth, a roll, growth and shrinking."""
    namespace = replica_set.namespace
    with own_operator(namespace), own_operator(namespace):
        replica_set.apply(members=3)
        replica_set.await_ready()
        assert replica_set.rs_config()["version"] == 1, "one of them has initiated it, once"
        with (
            Writer(replica_set) as writer,
            Watched(replica_set, also=(one_down_at_a_time,)) as seen,
        ):
            writer.await_more()
            eventually(roll(replica_set), 120, "all pods are new", replica_set.explain)
            writer.await_more()
        writer.check_every_member()
        assert (writer.errors, seen.violations, seen.elections) == ([], [], 1)
        with Writer(replica_set) as writer, Watched(replica_set) as seen:
            for members in (5, 3):
                replica_set.scale(members)
                replica_set.await_ready()
        writer.check_every_member()
        assert (writer.errors, seen.violations) == ([], [])


@pytest.mark.parametrize("call", ["create pods/eviction", "replSetStepDown"])
def test_one_that_thaws_after_another_took_over_ends_itself(
    replica_set: ReplicaSet, call: str
) -> None:
    """Frozen in a roll, with a call on its lips that another has long made unnecessary."""
    module = ("faults.dying", FROZEN, call)
    with own_operator(replica_set.namespace, MONGORS_LEASE_NAME=LEASE, module=module) as first:
        replica_set.apply(members=3)
        replica_set.await_ready()
        with (
            Writer(replica_set) as writer,
            Watched(replica_set, also=(one_down_at_a_time,)) as seen,
        ):
            writer.await_more()
            ended = roll(replica_set)
            eventually(lambda: is_stopped(first.pid), 90, "it is about to", replica_set.explain)
            held = lease_holder(replica_set)
            with own_operator(replica_set.namespace, MONGORS_LEASE_NAME=LEASE):
                eventually(
                    lambda: lease_holder(replica_set) not in {"", held}, 60, "another takes over"
                )
                first.send_signal(signal.SIGCONT)
                assert first.wait(30) == 1, "it has lost its Lease"
                eventually(ended, 120, "all pods are new", replica_set.explain)
                writer.await_more()
        writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 1)


def wants_links(replica_set: ReplicaSet) -> list[bool]:
    """By which release each pod was made."""
    return [pod["spec"]["enableServiceLinks"] for pod in replica_set.pods()]


def test_an_older_and_a_newer_release_at_once_break_nothing(replica_set: ReplicaSet) -> None:
    """Each has a Lease of its own, and would have all pods of its own making."""
    namespace = replica_set.namespace
    with ExitStack() as older:
        older.enter_context(own_operator(namespace, module=("faults.older",)))
        replica_set.apply(members=3)
        replica_set.await_ready()
        with (
            Writer(replica_set) as writer,
            Watched(replica_set, also=(one_down_at_a_time,)) as seen,
            own_operator(namespace),
        ):
            writer.await_more()
            writer.go_on(TUG_SECONDS)
            changes = replica_set.get("statefulset")["metadata"]["generation"]
            assert changes < MOST_PER_SECOND * TUG_SECONDS, "they are noisy, and not without pause"
            older.close()
            eventually(
                lambda: wants_links(replica_set) == [False] * 3 and replica_set.is_ready(),
                120, "the newer has its way", replica_set.explain,
            )  # fmt: skip
            writer.await_more()
        writer.check_every_member()
    assert (writer.errors, seen.violations) == ([], [])
