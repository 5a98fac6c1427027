"""A member that was away for too long: the others' oplogs do not reach back to where it is."""

import re

import pytest
from bson import Timestamp
from pymongo import MongoClient

from e2e.history import Watched
from e2e.measured import measured
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.writer import Writer

OPLOG_MB = 10
MEGABYTE = bytes(1_000_000)
CHECKPOINT_SECONDS = 60
"""What the oplog holds since the last checkpoint is never cut off."""


@pytest.fixture
def forgetful(replica_set: ReplicaSet) -> ReplicaSet:
    """A set of three with as small an oplog as can be."""
    replica_set.apply(members=3, configuration={"replication": {"oplogSizeMB": OPLOG_MB}})
    replica_set.await_ready()
    return replica_set


def oplog_end(member: MongoClient[Raw], order: int) -> Timestamp:
    """The moment of the first (1) or the last (-1) entry of a member's oplog."""
    entry = member.local["oplog.rs"].find_one(sort=[("$natural", order)])
    assert entry is not None
    return Timestamp(entry["ts"].time, entry["ts"].inc)


def reach_beyond(replica_set: ReplicaSet, moment: Timestamp) -> None:
    """Write until the oplog of neither of two members holds this moment any more."""

    def is_forgotten() -> bool:
        with replica_set.member(replica_set.primary_ordinal()) as primary:
            for _ in range(OPLOG_MB):
                primary.app.filler.insert_one({"filling": MEGABYTE})
                primary.app.filler.delete_one({})
        firsts = []
        for each in (0, 1):
            with replica_set.member(each) as member:
                firsts.append(oplog_end(member, 1))
        return min(firsts) > moment

    eventually(is_forgotten, 2 * CHECKPOINT_SECONDS, "the oplogs have moved on")


def way_out(replica_set: ReplicaSet) -> str:
    """Wait until the plan says how the stale member gets its data, and return what it says."""

    def told() -> str | None:
        found = re.search(r"mongors\.io/(resync=\S+)", replica_set.status().get("plan") or "")
        return found.group(1) if found else None

    said: str = eventually(told, 60, "the way out is told", replica_set.explain)
    return said


def test_old_data_that_nobody_can_complete_are_copied_anew_on_demand(
    forgetful: ReplicaSet,
) -> None:
    """Rules 35 and 44: scaled away, and back with its claim; it does not vote, nor is it wiped."""
    with Writer(forgetful) as writer, Watched(forgetful) as seen:
        writer.await_more()
        forgetful.scale(2)
        forgetful.await_ready(60)
        claim = forgetful.get("pvc", "data-mongo-2")["metadata"]["uid"]
        with forgetful.member(forgetful.primary_ordinal()) as primary:
            moment = oplog_end(primary, -1)
        reach_beyond(forgetful, moment)
        forgetful.scale(3)
        resync = way_out(forgetful)
        assert not forgetful.is_ready()
        behind = forgetful.await_condition("FaultTolerant", "False", "FallingBehind", 30)
        assert behind["message"].startswith("mongo-2.")
        forgetful.await_event("FallingBehind")
        assert forgetful.rs_status(2)["myState"] == 3, "it is RECOVERING"
        assert forgetful.rs_status(forgetful.primary_ordinal())["votingMembersCount"] == 2
        forgetful.run("annotate", "mrs/mongo", f"mongors.io/{resync}")
        forgetful.await_ready(90)
        writer.await_more()
    writer.check_every_member()
    assert forgetful.get("pvc", "data-mongo-2")["metadata"]["uid"] == claim
    assert (seen.violations, writer.errors, seen.elections) == ([], [], 0)
    measured("stale member copied anew", "scaled away past the oplog's end", writer, seen)
