"""Scaling under load: nothing acknowledged is lost, one vote changes at a time."""

from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from e2e.follow import LabelLag
from e2e.history import Watched
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


@pytest.mark.smoke
def test_writes_survive_scaling_up_and_down(running: ReplicaSet) -> None:
    with Writer(running) as writer, Watched(running) as seen:
        running.scale(5)
        running.await_ready(180)
        assert running.status()["votingMembers"] == 5
        running.scale(3)
        running.await_ready(180)
    writer.check_every_member()
    assert len(writer.acknowledged) > 100
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 0)
    assert {len(each.counting) for each in seen.configs} == {3, 4, 5}
    assert len(seen.reconfigs) == 6, "one for each that comes, counts in the end, or goes"
    measured("3 to 5, and back to 3", "spec.members twice", writer, seen)


def test_primary_steps_down_before_it_leaves(running: ReplicaSet) -> None:
    running.scale(4)
    running.await_ready(180)
    running.scale(5)
    running.await_ready(180)
    make_primary(running, 4)
    with Writer(running) as writer, Watched(running) as seen, LabelLag(running) as lag:
        running.scale(3)
        running.await_ready(180)
    assert lag.seconds, "another member became primary"
    assert max(lag.seconds.values()) < 2, "labels follow a planned change within two seconds"
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 1)
    assert running.primary_ordinal() < 3
    running.await_event("SteppedDown")
    writer.check_every_member()


def test_member_ids_are_never_used_twice(running: ReplicaSet) -> None:
    before = {member["_id"] for member in running.rs_config(running.primary_ordinal())["members"]}
    highest = running.status()["highestMemberId"]
    running.scale(4)
    running.await_ready(180)
    after = {member["_id"] for member in running.rs_config(running.primary_ordinal())["members"]}
    assert after - before == {highest + 1}
    assert running.status()["highestMemberId"] == highest + 1


def make_primary(replica_set: ReplicaSet, ordinal: int) -> None:
    """Have a member elected, unannounced, and wait until the operator shows it."""
    with replica_set.member(ordinal) as client:
        eventually(lambda: stood(client), 20, f"member {ordinal} is elected")
    eventually(
        lambda: replica_set.status().get("primary") == f"{replica_set.name}-{ordinal}",
        20,
        f"the status shows {ordinal} as primary",
        replica_set.explain,
    )


def stood(client: MongoClient[dict[str, Any]]) -> bool:
    """Ask a member to stand for election; False while it cannot win."""
    try:
        client.admin.command("replSetStepUp", 1)
    except OperationFailure:
        return False
    return True
