"""The only member loses its volume; one that had left the set before still has data of it."""

from pymongo.errors import OperationFailure, PyMongoError

from e2e.history import Watched
from e2e.invariants import claims_stay
from e2e.sets import ReplicaSet, eventually
from e2e.test_recovery import FORCED, forced
from e2e.test_recovery_over_data import confirm
from e2e.writer import Writer
from faults.flows import ids

NO_MEMBER = 93
"""InvalidReplicaSetConfig: what a mongod says whose configuration does not hold it."""


def has_left(replica_set: ReplicaSet, ordinal: int) -> bool:
    """Whether a mongod knows of the set, and that it is no member of it."""
    try:
        with replica_set.member(ordinal) as client:
            client.admin.command("replSetGetStatus")
    except OperationFailure as failure:
        return failure.code == NO_MEMBER
    except (KeyError, PyMongoError):  # its pod has no address yet, or it is starting
        return False
    return False


def test_who_left_goes_on_when_the_only_member_has_lost_all(replica_set: ReplicaSet) -> None:
    """Nothing happens by itself: a person confirms with which old data the set goes on."""
    replica_set.apply(members=2)
    replica_set.await_ready()
    with Writer(replica_set) as writer:
        writer.await_more()
    writer.check_every_member()
    identity = replica_set.status()["replicaSetId"]
    replica_set.apply(members=1)
    eventually(lambda: len(replica_set.pods()) == 1, 90, "one has left", replica_set.explain)
    replica_set.await_ready()

    replica_set.apply(members=2, paused=True)
    replica_set.run("scale", "statefulset", replica_set.name, "--replicas=2")
    eventually(
        lambda: len(replica_set.pods()) == 2 and has_left(replica_set, 1),
        90, "it runs over the volume that it kept", replica_set.explain,
    )  # fmt: skip
    with Watched(replica_set, without=(*FORCED, claims_stay)) as seen:
        replica_set.run("delete", "pvc", "data-mongo-0", "--wait=false")
        replica_set.delete_pods("mongo-0")
        replica_set.apply(members=2)
        assert confirm(replica_set) == "mongo-1"
        replica_set.await_condition("DataLossPossible", "True", "Forced", 60)
        replica_set.await_ready()
    writer.check_every_member()
    assert replica_set.status()["replicaSetId"] == identity
    assert (len(forced(seen)), seen.violations) == (1, [])
    assert ids(replica_set) == {"mongo-1": 2, "mongo-0": 3}
