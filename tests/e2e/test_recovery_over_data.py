"""Recovery beside volumes that still have data: what was given up never comes back."""

from functools import partial

import pytest
from bson import ObjectId

from e2e.faults import Faults, cordoned, node_of
from e2e.history import Watched
from e2e.invariants import claims_stay
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.test_lost_volume import EMPTY
from e2e.test_recovery import FORCED, forced, recover
from e2e.writer import Writer
from faults.flows import ids, offered

DISCARDED = "This member's data must not be used any more: waiting for the operator to discard it."
PERMITTED = "An empty start is permitted."


def confirm(replica_set: ReplicaSet) -> str:
    """Wait until the way out is told, take it, and return with whom the set goes on."""
    replica_set.await_condition("MajorityHealthy", "False", "MajorityLost", 60)
    text = eventually(lambda: offered(replica_set), 60, "the way out is told", replica_set.explain)
    recover(replica_set, text)
    return str(text.split("/")[1])


def said_at_the_gate(replica_set: ReplicaSet, ordinal: int) -> list[str]:
    """What the start gate of a member's pod has said."""
    return replica_set.run("logs", f"mongo-{ordinal}", "-c", "prepare").splitlines()


def are_pending(replica_set: ReplicaSet, ordinals: list[int]) -> bool:
    """Whether these members' pods were made anew and have no node."""
    pods = {pod["metadata"]["name"]: pod for pod in replica_set.pods()}
    mine = [pods.get(f"mongo-{each}") for each in ordinals]
    return all(pod is not None and not pod["spec"].get("nodeName") for pod in mine)


@pytest.mark.alone
def test_what_the_survivor_lacks_never_comes_back(replica_set: ReplicaSet, faults: Faults) -> None:
    """Rule 29: the others hold acknowledged writes that it lacks, and must not bring them back.

    Nobody copies from the survivor, which is paused while the two others acknowledge writes.
    """
    replica_set.apply(members=3, settings={"chainingAllowed": False})
    replica_set.await_ready()
    survivor = max({0, 1, 2} - {replica_set.primary_ordinal()})
    lost, before = sorted({0, 1, 2} - {survivor}), ids(replica_set)
    nodes = [node_of(replica_set, each) for each in lost]
    with Writer(replica_set) as writer, Watched(replica_set, without=FORCED) as seen:
        writer.await_more()
        faults.kill(f"{replica_set.namespace}/mongo-{survivor}", "SIGSTOP")
        writer.await_more(50)
        with cordoned(replica_set, *nodes):
            missing = end_all_but(replica_set, faults, survivor, writer)
            assert confirm(replica_set) == f"mongo-{survivor}"
            replica_set.await_condition("DataLossPossible", "True", "Forced", 60)
            assert are_pending(replica_set, lost)
        replica_set.await_ready(120)
        writer.await_more()
    await_all_lack(replica_set, writer, missing)
    assert (len(forced(seen)), seen.violations) == (1, [])
    after = ids(replica_set)
    assert after[f"mongo-{survivor}"] == before[f"mongo-{survivor}"]
    assert sorted(after.values())[1:] == [3, 4]
    for each in lost:
        assert said_at_the_gate(replica_set, each) == [DISCARDED, PERMITTED]
    measured(
        "recovery with one of three, confirmed at once",
        "two members' nodes cordoned, pods deleted",
        writer,
        seen,
        len(missing),
    )


def end_all_but(
    replica_set: ReplicaSet, faults: Faults, survivor: int, writer: Writer
) -> set[ObjectId]:
    """Delete the others' pods; the paused survivor starts anew. Returns what only they have.

    It ends with what it had received, but not written.
    """
    lost = sorted({0, 1, 2} - {survivor})
    replica_set.delete_pods(*(f"mongo-{each}" for each in lost))
    eventually(lambda: are_pending(replica_set, lost), 30, "they wait for nodes")
    faults.kill(f"{replica_set.namespace}/mongo-{survivor}", "SIGKILL")
    replica_set.await_condition("MajorityHealthy", "False", "MajorityLost", 60)
    eventually(
        lambda: f"mongo-{survivor} is up" in replica_set.condition("MajorityHealthy")["message"],
        60, "the survivor is back", replica_set.explain,
    )  # fmt: skip
    missing = writer.missing_on(survivor)
    assert missing, "it has everything: nothing can come back"
    assert missing < set(writer.acknowledged), "it has nothing"
    return missing


def await_all_lack(replica_set: ReplicaSet, writer: Writer, missing: set[ObjectId]) -> None:
    """Wait until every member has all that was acknowledged but for this, and none of this."""
    for ordinal in range(len(replica_set.pods())):
        eventually(
            partial(lacks_just, writer, ordinal, missing),
            30, f"mongo-{ordinal} is as the survivor was", replica_set.explain,
        )  # fmt: skip


def lacks_just(writer: Writer, ordinal: int, missing: set[ObjectId]) -> bool:
    """Whether of all that was acknowledged a member lacks this and nothing else."""
    return writer.missing_on(ordinal) == missing


def test_of_five_two_survive_and_one_of_them_goes_on(replica_set: ReplicaSet) -> None:
    """Rule 29: the other survivor is stopped and copied anew; the primary lacked nothing."""
    replica_set.apply(members=5)
    replica_set.await_ready()
    primary = replica_set.primary_ordinal()
    other = min(set(range(5)) - {primary})
    lost = sorted(set(range(5)) - {primary, other})
    before = ids(replica_set)
    broken = (*FORCED, claims_stay)
    with Writer(replica_set) as writer, Watched(replica_set, without=broken) as seen:
        writer.await_more()
        replica_set.run("delete", "pvc", *(f"data-mongo-{each}" for each in lost), "--wait=false")
        replica_set.delete_pods(*(f"mongo-{each}" for each in lost))
        kept = confirm(replica_set)
        replica_set.await_ready(120)
        writer.await_more()
    writer.check_every_member()
    assert (len(forced(seen)), seen.violations) == (1, [])
    after = ids(replica_set)
    assert sorted(after.values()) == [before[kept], 5, 6, 7, 8]
    assert replica_set.status()["votingMembers"] == 5
    given_up = ({primary, other} - {int(kept[-1])}).pop()
    assert after[kept] == before[kept]
    assert said_at_the_gate(replica_set, given_up) == [DISCARDED, PERMITTED]
    assert all(said_at_the_gate(replica_set, each) == [EMPTY, PERMITTED] for each in lost)
    measured(
        "recovery with two of five, confirmed at once", "claims and pods deleted", writer, seen
    )
