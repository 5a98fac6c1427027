"""The only member that has all data loses them while another one copies them."""

import re

from pymongo.errors import PyMongoError

from e2e.faults import Faults
from e2e.looking import primary_of
from e2e.sets import ReplicaSet, eventually

DOCUMENTS = 100_000
SLOWLY = {"setParameter": {"collectionClonerBatchSize": 1}}
"""One document after the other: that takes long enough to be seen."""
STARTUP2 = 5


def fill(replica_set: ReplicaSet) -> None:
    """Write what takes some seconds to copy."""
    with primary_of(replica_set) as client:
        client.app.large.insert_many({"_id": each} for each in range(DOCUMENTS))


def copies(replica_set: ReplicaSet, ordinal: int) -> bool:
    """Whether a member is in the middle of its initial sync."""
    try:
        with replica_set.member(ordinal) as client:
            status = client.admin.command("replSetGetStatus")
    except (KeyError, PyMongoError, AssertionError):  # no pod, no address, no answer yet
        return False
    return status["myState"] == STARTUP2 and "initialSyncStatus" in status


def told(replica_set: ReplicaSet) -> str:
    """The identity that may be given up, as the plan says it."""
    plan = replica_set.status().get("plan") or ""
    found = re.search(r"mongors\.io/begin-anew=(\S+)", plan)
    return found[1] if found and "had copied a part" in plan else ""


def test_what_was_copied_in_part_is_given_up_by_name(
    replica_set: ReplicaSet, faults: Faults
) -> None:
    """Nothing is discarded before a person says so; then the set begins anew, empty."""
    replica_set.apply(members=1, configuration=SLOWLY)
    replica_set.await_ready()
    fill(replica_set)
    identity = replica_set.status()["replicaSetId"]
    replica_set.scale(2)
    eventually(lambda: copies(replica_set, 1), 90, "it copies", replica_set.explain)
    faults.kill(f"{replica_set.namespace}/mongo-0", "SIGSTOP")
    assert copies(replica_set, 1), "it was too quick"
    before = replica_set.uids()["mongo-1"]
    replica_set.run("delete", "pvc", "data-mongo-0", "--wait=false")
    replica_set.run("delete", "pod", "mongo-0", "--wait=false", "--grace-period=1")
    asked = eventually(lambda: told(replica_set), 90, "the way out", replica_set.explain)
    assert (asked, replica_set.uids()["mongo-1"]) == (identity, before)
    replica_set.run("annotate", f"mrs/{replica_set.name}", f"mongors.io/begin-anew={asked}")
    eventually(
        lambda: replica_set.status().get("replicaSetId") not in (None, identity),
        120, "it begins anew", replica_set.explain,
    )  # fmt: skip
    replica_set.await_ready()
    with primary_of(replica_set) as client:
        assert client.app.large.count_documents({}) == 0
