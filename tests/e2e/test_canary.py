"""A canary tells for how long nothing could be written, and may do nothing else."""

import json

import pytest
from pymongo.errors import OperationFailure

from e2e.faults import Faults
from e2e.looking import identities
from e2e.sets import ReplicaSet, eventually
from mongors.desired.secrets import CANARY, encoded


def test_a_gap_is_measured_and_its_user_may_do_nothing_else(
    replica_set: ReplicaSet, faults: Faults
) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    before = identities(replica_set)
    wish(replica_set, {"enabled": True, "periodSeconds": 1})
    found = eventually(lambda: canary(replica_set), 60, "it writes", replica_set.explain)
    known = found["gaps"]
    assert identities(replica_set) == before, "nobody is restarted for it"
    may_write_its_own_alone(replica_set)
    faults.kill(f"{replica_set.namespace}/mongo-{replica_set.primary_ordinal()}")
    found = eventually(
        lambda: (seen := canary(replica_set)).get("gaps", 0) > known and seen,
        120, "the gap is told", replica_set.explain,
    )  # fmt: skip
    assert found["failures"] >= 1
    assert found["longestGapMillis"] >= 500
    replica_set.await_ready()
    wish(replica_set, {"enabled": False})
    eventually(lambda: not canary(replica_set), 30, "it has ended", replica_set.explain)


def canary(replica_set: ReplicaSet) -> dict[str, int]:
    """What the status tells of it."""
    found: dict[str, int] = replica_set.status().get("canary") or {}
    return found


def wish(replica_set: ReplicaSet, what: dict[str, object]) -> None:
    change = {"spec": {"monitoring": {"canary": what}}}
    replica_set.run("patch", "mrs/mongo", "--type=merge", "-p", json.dumps(change))


def may_write_its_own_alone(replica_set: ReplicaSet) -> None:
    """One document in its own database, and no look at what applications have."""
    held = replica_set.secret("operator")
    password = CANARY.password({key: encoded(value) for key, value in held.items()})
    with replica_set.primary_as(CANARY.user, str(password)) as client:
        assert client.mongors.canary.count_documents({}) == 1
        for database in (client.app, client.admin):
            with pytest.raises(OperationFailure):
                database.things.find_one()
