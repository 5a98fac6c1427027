"""A member of the set whose volume is taken for another one, with the data of another set."""

import pytest

from e2e.faults import Faults
from e2e.history import Watched
from e2e.invariants import claims_stay
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.test_identity import identities_seen, violations_of
from e2e.test_lost_volume import secondary
from e2e.writer import Writer
from faults.flows import ids


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


@pytest.fixture(scope="module")
def other(running: ReplicaSet) -> ReplicaSet:
    """A set beside it."""
    return ReplicaSet(running.kubectl, running.namespace, "other")


@pytest.fixture(scope="module")
def foreign(other: ReplicaSet) -> str:
    """The identity of the other set, which is gone and has left its volume with data behind."""
    other.apply(members=1)
    other.await_ready()
    identity = str(other.status()["replicaSetId"])
    with other.application() as application:
        application.app.left.insert_one({"behind": True})
    other.delete()
    return identity


def swap_volumes(faults: Faults, replica_set: ReplicaSet, ordinal: int) -> None:
    """Give a member the volume that the other set left, and that one the member's."""
    place = replica_set.namespace
    faults.kill(f"{place}/mongo-{ordinal}", "SIGSTOP")  # it writes to neither
    faults.swap(f"{place}/data-mongo-{ordinal}", f"{place}/data-other-0")
    faults.kill(f"{place}/mongo-{ordinal}", "SIGKILL")


def await_refused(replica_set: ReplicaSet, ordinal: int, foreign: str, before: Raw) -> None:
    """Wait until the foreign data are named; neither they nor the configuration are touched."""
    stalled = replica_set.await_condition("Stalled", "True", "ForeignData", 60)
    identity = replica_set.status()["replicaSetId"]
    assert f"(mongo-{ordinal}: {foreign}; this set is {identity})" in stalled["message"]
    assert not replica_set.is_ready()
    with replica_set.member(ordinal) as mongod:
        stored = mongod.local["system.replset"].find_one()
    assert stored is not None
    assert str(stored["settings"]["replicaSetId"]) == foreign
    assert replica_set.rs_config(replica_set.primary_ordinal()) == before


def test_foreign_data_of_a_member_are_named_until_it_has_its_own(
    running: ReplicaSet, faults: Faults, foreign: str
) -> None:
    """Rules 4 and 88: a member of the live configuration; with its own volume all is as before."""
    taken, identity = secondary(running), running.status()["replicaSetId"]
    before = running.rs_config(running.primary_ordinal())
    with Writer(running) as writer, Watched(running) as seen:
        swap_volumes(faults, running, taken)
        await_refused(running, taken, foreign, before)
        writer.await_more()
        swap_volumes(faults, running, taken)
        eventually(running.is_ready, 60, "it is as before", running.explain)
    writer.check_every_member()
    assert identities_seen(seen) == {identity, foreign}
    assert violations_of(seen, identity) == []
    assert (writer.errors, seen.elections, seen.reconfigs) == ([], 0, [])
    assert running.rs_config(taken) == before


def test_the_other_set_finds_its_data_as_it_left_them(other: ReplicaSet, foreign: str) -> None:
    """Nothing was wiped in the volume that was not this set's."""
    other.apply(members=1)
    other.await_ready()
    assert other.status()["replicaSetId"] == foreign
    with other.application() as application:
        assert application.app.left.count_documents({"behind": True}) == 1
    other.delete()


def test_foreign_data_of_a_member_are_named_until_it_has_an_empty_volume(
    running: ReplicaSet, faults: Faults, foreign: str
) -> None:
    """With a volume of nobody's it comes back as a new member: its own data are gone."""
    taken = ({0, 1, 2} - {running.primary_ordinal(), secondary(running)}).pop()
    identity = running.status()["replicaSetId"]
    before, members = running.rs_config(running.primary_ordinal()), ids(running)
    with Writer(running) as writer, Watched(running) as seen:
        swap_volumes(faults, running, taken)
        await_refused(running, taken, foreign, before)
        running.run("delete", "pvc", f"data-mongo-{taken}", "--wait=false")
        running.delete_pods(f"mongo-{taken}")
        eventually(
            lambda: ids(running).get(f"mongo-{taken}", 0) > max(members.values()),
            60, "it has a new _id", running.explain,
        )  # fmt: skip
        running.await_ready(60)
    writer.check_every_member()
    assert violations_of(seen, identity, without=(claims_stay,)) == []
    assert (writer.errors, seen.elections) == ([], 0)
