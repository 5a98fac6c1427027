"""One look at a member, asked directly and not through anybody's status."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bson import ObjectId, Timestamp
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from e2e.invariants import BUSY, SILENT, Config, Look, Member
from e2e.sets import Raw, ReplicaSet, eventually


def is_running(pod: Raw) -> bool:
    """Whether a pod's mongod runs and nobody has deleted the pod."""
    statuses = pod["status"].get("containerStatuses") or [{"state": {}}]
    return "running" in statuses[0]["state"] and "deletionTimestamp" not in pod["metadata"]


def look_at(pod: str, mongod: MongoClient[Raw]) -> Look:
    """Ask one member what it is and what configuration it has: the configuration first."""
    try:
        stored = _stored_config(mongod)
        hello = mongod.admin.command("hello")
    except PyMongoError as failure:
        return Look(pod, BUSY if _is_busy(failure) else SILENT)
    written = order_of(hello["lastWrite"]["opTime"]["ts"]) if "lastWrite" in hello else 0
    if hello.get("isWritablePrimary"):
        return Look(pod, "PRIMARY", term_of(hello["electionId"]), stored, written)
    return Look(pod, "SECONDARY" if hello.get("secondary") else "OTHER", None, stored, written)


def _is_busy(failure: PyMongoError) -> bool:
    """Whether it only took too long: who is not there refuses, or leads nowhere."""
    said = str(failure)
    return failure.timeout and not any(word in said for word in ("refused", "closed", "No route"))


def _stored_config(mongod: MongoClient[Raw]) -> Config | None:
    """`local.system.replset`, which tells who is newly added; None while it cannot be read."""
    try:
        stored = mongod.local["system.replset"].find_one()
    except PyMongoError:
        return None
    return config_of(stored) if stored else None


def config_of(stored: Raw) -> Config:
    """Read a configuration document."""
    return Config(
        stored.get("term", -1),
        stored["version"],
        str(stored["settings"].get("replicaSetId")),
        tuple(
            Member(each["_id"], each["host"], each["votes"], bool(each.get("newlyAdded")))
            for each in stored["members"]
        ),
    )


def term_of(election: ObjectId) -> int:
    """The term of an election: the last eight bytes of its id."""
    return int.from_bytes(election.binary[4:], "big")


def order_of(stamp: Timestamp) -> int:
    """A number that grows with the oplog."""
    return (stamp.time << 32) + stamp.inc


@contextmanager
def primary_of(replica_set: ReplicaSet, seconds: float = 30) -> Iterator[MongoClient[Raw]]:
    """Connect to the member that is writable now, with every right, whatever the status says."""
    found: list[int] = eventually(
        lambda: writable_members(replica_set)[-1:], seconds, "a primary", replica_set.explain
    )
    with replica_set.member(found[0]) as client:
        yield client


def writable_members(replica_set: ReplicaSet) -> list[int]:
    """Who says that it is writable, the latest elected last: others have not noticed yet."""
    found: list[tuple[ObjectId, int]] = []
    for pod in replica_set.pods():
        ordinal = int(pod["metadata"]["name"].rsplit("-", 1)[1])
        with suppress(PyMongoError, KeyError), replica_set.mongod(pod) as client:
            hello = client.admin.command("hello")
            if hello["isWritablePrimary"]:
                found.append((hello["electionId"], ordinal))
    return [ordinal for _, ordinal in sorted(found)]


def identities(replica_set: ReplicaSet) -> dict[str, tuple[str, int]]:
    """Every pod's UID and how often its mongod was restarted: equal while nobody touched it."""
    return {
        pod["metadata"]["name"]: (
            pod["metadata"]["uid"],
            sum(each["restartCount"] for each in pod["status"].get("containerStatuses", [])),
        )
        for pod in replica_set.pods()
    }
