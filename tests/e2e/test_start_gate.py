"""What the start gate is for: where an empty member's vote, or a new birth, would cost the data."""

from contextlib import suppress

import pytest
from pymongo.errors import OperationFailure

from e2e.faults import Faults, frozen
from e2e.history import Watched
from e2e.invariants import ALWAYS, claims_stay, majority_serves
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

AT_BIRTH = tuple(each for each in ALWAYS if each is not majority_serves)
"""What holds from the first configuration on, before anybody is elected."""


@pytest.mark.parametrize("gate", [False, True], ids=["without the gate", "with the gate"])
def test_a_stale_member_and_an_empty_one_elect_nobody(
    replica_set: ReplicaSet, faults: Faults, gate: bool
) -> None:
    """Experiment A1: acknowledged by P and B; C is stale, B is emptied, P restarts meanwhile.

    The gate is switched off by giving the permission by hand. Then writes are lost, and this
    very check says so. Nobody copies from C, or B would not acknowledge while C is stopped.
    """
    replica_set.apply(members=3, settings={"chainingAllowed": False})
    replica_set.await_ready()
    primary = replica_set.primary_ordinal()
    stale, empty = sorted({0, 1, 2} - {primary})
    with (
        Writer(replica_set) as writer,
        Watched(replica_set, without=(majority_serves,)) as seen,
        frozen(faults, replica_set, primary),
    ):
        _lose(replica_set, faults, writer, (primary, stale, empty))
        if gate:
            _cannot_be_elected(replica_set, stale, empty)
        else:
            _is_elected(replica_set, stale, empty)
        faults.kill(f"{replica_set.namespace}/mongo-{primary}", "SIGCONT")
        replica_set.await_ready(120)
        writer.await_more()
    if gate:
        writer.check_every_member()
        assert seen.violations == []
        measured("experiment A1", "one member stale, one emptied, one paused", writer, seen)
    lost = writer.missing_on(stale)
    assert (not lost) is gate


def _lose(
    replica_set: ReplicaSet, faults: Faults, writer: Writer, members: tuple[int, int, int]
) -> None:
    """Let the primary and B alone acknowledge writes; then empty B, and end C, which has them not.

    The primary is paused by now; C ends with what it had received, but not written.
    """
    primary, stale, empty = (f"{replica_set.namespace}/mongo-{each}" for each in members)
    faults.kill(primary, "SIGCONT")
    faults.kill(stale, "SIGSTOP")
    writer.await_more(50)
    faults.kill(primary, "SIGSTOP")
    faults.kill(empty, "SIGSTOP")
    faults.empty(f"{replica_set.namespace}/data-mongo-{members[2]}")
    faults.kill(empty, "SIGKILL")
    faults.kill(stale, "SIGKILL")


def _cannot_be_elected(replica_set: ReplicaSet, stale: int, empty: int) -> None:
    replica_set.await_condition("MajorityHealthy", "False", "MajorityLost", 60)
    eventually(
        lambda: "start gate" in (replica_set.status().get("plan") or ""),
        60, "the empty member waits", replica_set.explain,
    )  # fmt: skip
    with replica_set.member(stale) as member, pytest.raises(OperationFailure):
        member.admin.command("replSetStepUp")


def _is_elected(replica_set: ReplicaSet, stale: int, empty: int) -> None:
    def permit() -> bool:
        for pod in (each["metadata"] for each in replica_set.pods()):  # it may be just made anew
            if pod["name"] == f"{replica_set.name}-{empty}":
                given = ("--overwrite", f"mongors.io/empty-start={pod['uid']}")
                where = ("-n", replica_set.namespace, "annotate", "pod", pod["name"])
                replica_set.kubectl(*where, *given)
        with replica_set.member(stale) as member:
            if member.admin.command("hello")["isWritablePrimary"]:
                return True
            with suppress(OperationFailure):  # as long as nobody has voted for it
                member.admin.command("replSetStepUp")
        return False

    eventually(permit, 90, "the stale member is elected", replica_set.explain)


def test_all_volumes_lost_begin_anew_only_by_name(replica_set: ReplicaSet) -> None:
    """F40: nothing is initiated by itself; who gives the data up says so by their identity."""
    replica_set.apply(members=3)
    replica_set.await_ready()
    identity = replica_set.status()["replicaSetId"]
    lost = (claims_stay, majority_serves)
    with Writer(replica_set) as old:
        old.await_more()
    with Watched(replica_set, without=lost) as seen:
        replica_set.run("delete", "pvc", "--all", "--wait=false")
        replica_set.delete_pods("mongo-0", "mongo-1", "mongo-2")
        stalled = replica_set.await_condition("Stalled", "True", "VolumeLost", 90)
        assert f"mongors.io/begin-anew={identity}" in stalled["message"]
        _annotate(replica_set, "begin-anew=6b04a49d0b28ea9bd2023000")
        replica_set.await_condition("Stalled", "True", "BeginRefused", 30)
        assert replica_set.status()["replicaSetId"] == identity
        assert all(look.config is None for look in seen.rounds[-1].looks)
        assert seen.violations == []
        until = len(seen.rounds)
        _begin_anew(replica_set, identity)
    with Writer(replica_set) as new:
        new.await_more(10)
    new.check_every_member()
    assert old.missing_on(0) == set(old.acknowledged)
    born = seen.rounds[until:]
    found = {look.config.set_id for one in born for look in one.looks if look.config}
    assert found == {replica_set.status()["replicaSetId"]}
    assert [said for each in AT_BIRTH for said in each(born)] == []


def _begin_anew(replica_set: ReplicaSet, identity: str) -> None:
    _annotate(replica_set, f"begin-anew={identity}")
    eventually(
        lambda: replica_set.status().get("replicaSetId") not in (None, identity),
        60, "a new set is born", replica_set.explain,
    )  # fmt: skip
    replica_set.await_ready()


def _annotate(replica_set: ReplicaSet, annotation: str) -> None:
    name = f"mrs/{replica_set.name}"
    replica_set.run("annotate", name, "--overwrite", f"mongors.io/{annotation}")
