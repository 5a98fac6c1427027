"""Approval: what disrupts waits for a person, who lets just that run; an old approval is void."""

import pytest

from e2e.history import Watched
from e2e.invariants import majority_serves, one_down_at_a_time
from e2e.measured import measured
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.test_restarts import await_all_new, made_last, patch
from e2e.writer import Writer

CAREFUL = (one_down_at_a_time, majority_serves)
APPROVED = "mongors.io/approved"


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    """Three members, and a set that asks before it disrupts."""
    replica_set_of_module.apply(members=3, approval="Manual")
    replica_set_of_module.await_ready()
    return replica_set_of_module


def waiting(replica_set: ReplicaSet, kind: str) -> Raw | None:
    """The plan of this kind that waits, as the operator reports it of the present spec."""
    resource = replica_set.get()
    status: Raw = resource.get("status", {})
    plans: list[Raw] = status.get("waitingForApproval", [])
    is_current = status.get("observedGeneration") == resource["metadata"]["generation"]
    return next((each for each in plans if is_current and each["id"].startswith(kind)), None)


def await_waiting(replica_set: ReplicaSet, kind: str, than: str | None = None) -> str:
    """Wait until a plan of this kind waits, another one than before; its id."""

    def look() -> str | None:
        found = waiting(replica_set, kind)
        return str(found["id"]) if found and found["id"] != than else None

    return str(eventually(look, 30, f"a plan {kind} waits", replica_set.explain))


def approve(replica_set: ReplicaSet, approved: str) -> None:
    """Approve as the status says."""
    replica_set.run("annotate", f"mrs/{replica_set.name}", f"{APPROVED}={approved}", "--overwrite")


def await_spent(replica_set: ReplicaSet, approved: str, *, void: bool) -> None:
    """Wait until the status says that an approval lets nothing run any more."""
    spent = {"approved": approved, "void": void}
    eventually(
        lambda: replica_set.status().get("spentApproval") == spent, 60, f"{spent}",
        replica_set.explain,
    )  # fmt: skip


def test_a_roll_waits_and_runs_once_it_is_approved(running: ReplicaSet) -> None:
    before, primary = running.uids(), running.primary_ordinal()
    with Writer(running) as writer, Watched(running, also=CAREFUL) as seen:
        patch(running, {"podLabels": {"color": "red"}})
        wanted = await_waiting(running, "restart")
        running.await_condition("UpToDate", "False", "WaitingForApproval")
        running.await_event("ApprovalNeeded")
        writer.await_more(50)
        assert running.uids() == before
        assert running.condition("Ready")["status"] == "True"
        assert running.status()["phase"] == "WaitingForApproval"
        assert f"{APPROVED}={wanted}" in running.status()["plan"]
        approve(running, wanted)
        await_all_new(running, before)
        await_spent(running, wanted, void=False)
    writer.check_every_member()
    assert seen.violations == []
    assert (writer.errors, seen.elections) == ([], 1)
    assert made_last(running) == f"mongo-{primary}"
    assert running.condition("UpToDate")["status"] == "True"
    measured("restart of three, once it was approved", "approval", writer, seen)


def test_an_approval_is_void_for_another_change_and_stays_so(running: ReplicaSet) -> None:
    """A waits; B is wished for, and A approved too late; A is wished for again, and waits."""
    before = running.uids()
    with Writer(running) as writer, Watched(running, also=CAREFUL) as seen:
        patch(running, {"podLabels": {"color": "green"}})
        first = await_waiting(running, "restart")
        patch(running, {"podLabels": {"color": "blue"}})
        await_waiting(running, "restart", than=first)
        approve(running, first)
        await_spent(running, first, void=True)
        running.await_event("ApprovalVoid")
        patch(running, {"podLabels": {"color": "green"}})
        again = await_waiting(running, "restart")
        assert again == f"{first}@2"
        writer.await_more(50)
        assert running.uids() == before
        approve(running, again)
        await_all_new(running, before)
    writer.check_every_member()
    assert seen.violations == []
    assert (writer.errors, seen.elections) == ([], 1)


def test_members_stay_until_their_removal_is_approved(running: ReplicaSet) -> None:
    running.scale(5)
    eventually(
        lambda: running.is_ready() and running.status()["ready"] == "5/5", 120, "five members",
        running.explain,
    )  # fmt: skip
    before = running.uids()
    with Writer(running) as writer, Watched(running, also=(majority_serves,)) as seen:
        running.scale(3)
        wanted = await_waiting(running, "remove")
        writer.await_more(50)
        assert running.uids() == before
        assert len(seen.configs[-1].members) == 5
        approve(running, wanted)
        eventually(lambda: len(running.pods()) == 3, 90, "two are gone", running.explain)
        running.await_ready()
        await_spent(running, wanted, void=False)
    writer.check_every_member()
    assert seen.violations == []
    assert writer.errors == []


def test_a_lost_pod_and_an_object_are_put_right_while_a_roll_waits(running: ReplicaSet) -> None:
    patch(running, {"podLabels": {"color": "white"}})
    wanted = await_waiting(running, "restart")
    other = max({0, 1, 2} - {running.primary_ordinal()})
    before = running.uids()
    running.run("delete", "service", "mongo-read")
    running.run("delete", "pod", f"mongo-{other}", "--wait=false")
    eventually(
        lambda: running.uids().get(f"mongo-{other}") not in (None, before[f"mongo-{other}"])
        and running.is_ready(),
        90, "the pod is made anew and serves", running.explain,
    )  # fmt: skip
    assert running.get("service", "mongo-read")["metadata"]["name"] == "mongo-read"
    assert await_waiting(running, "restart") == wanted
    assert {name for name, uid in running.uids().items() if before[name] != uid} == {
        f"mongo-{other}"
    }
    approve(running, wanted)
    running.await_condition("UpToDate", "True", "TemplateCurrent", 120)
    running.await_ready()
