"""F7 and F8: two operators at work at once may be noisy; they never harm a set together."""

import signal

import pytest

from e2e.history import Watched
from e2e.invariants import one_down_at_a_time
from e2e.own import own_operator
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer
from faults.flows import roll

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

LEASE = "trial"


def lease_holder(replica_set: ReplicaSet) -> str:
    lease = replica_set.get("lease", LEASE)
    return str(lease["spec"].get("holderIdentity") or "")


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


def test_one_that_thaws_after_another_took_over_ends_itself(replica_set: ReplicaSet) -> None:
    """Frozen in the middle of a roll, it wakes up with a plan that is long out of date."""
    with own_operator(replica_set.namespace, MONGORS_LEASE_NAME=LEASE) as first:
        replica_set.apply(members=3)
        replica_set.await_ready()
        with (
            Writer(replica_set) as writer,
            Watched(replica_set, also=(one_down_at_a_time,)) as seen,
        ):
            writer.await_more()
            before, ended = (
                {pod["metadata"]["uid"] for pod in replica_set.pods()},
                roll(replica_set),
            )
            eventually(
                lambda: before - {pod["metadata"]["uid"] for pod in replica_set.pods()},
                60, "the roll has begun", replica_set.explain,
            )  # fmt: skip
            first.send_signal(signal.SIGSTOP)
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
