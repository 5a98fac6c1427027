"""Members that lose their data: they wait at the gate, and come back as new members."""

from contextlib import suppress

import pytest
from pymongo.errors import OperationFailure

from e2e.conftest import Kubectl
from e2e.faults import Faults, frozen, try_tool
from e2e.history import Watched
from e2e.invariants import claims_stay
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def ids(replica_set: ReplicaSet) -> dict[str, int]:
    """The member `_id` of every pod in the configuration."""
    members = replica_set.status()["memberStatus"]
    return {each["name"]: each["id"] for each in members if "id" in each}


def secondary(replica_set: ReplicaSet) -> int:
    return max({0, 1, 2} - {replica_set.primary_ordinal()})


def test_a_member_without_its_claim_comes_back_as_a_new_one(running: ReplicaSet) -> None:
    """Rules 34 and 37: its old `_id` leaves, then it starts, then it joins and syncs."""
    lost, before = secondary(running), ids(running)
    with Writer(running) as writer, Watched(running, without=(claims_stay,)) as seen:
        running.run("delete", "pvc", f"data-{running.name}-{lost}", "--wait=false")
        running.run("delete", "pod", f"{running.name}-{lost}")
        eventually(
            lambda: ids(running).get(f"mongo-{lost}", 0) > max(before.values()),
            60, "it has a new _id", running.explain,
        )  # fmt: skip
        running.await_ready(60)
    writer.check_every_member()
    assert seen.violations == []
    assert (writer.errors, seen.elections) == ([], 0)
    assert len(set(ids(running).values())) == 3
    measured("claim of a secondary deleted", "claim and pod deleted", writer, seen)


def test_a_member_is_copied_anew_on_demand(running: ReplicaSet) -> None:
    """Rules 35 and 44: what it has is discarded behind the gate, and never what the primary has."""
    before, name = ids(running), f"mrs/{running.name}"
    primary, chosen = (f"mongo-{each}" for each in (running.primary_ordinal(), secondary(running)))
    with Writer(running) as writer, Watched(running) as seen:
        running.run("annotate", name, f"mongors.io/resync={primary}/{before[primary]}")
        eventually(
            lambda: "it is primary" in running.status().get("plan", ""),
            30, "it is refused", running.explain,
        )  # fmt: skip
        asked = f"mongors.io/resync={chosen}/{before[chosen]}"
        running.run("annotate", name, "--overwrite", asked)
        eventually(
            lambda: ids(running).get(chosen, 0) > max(before.values()),
            60, "it has a new _id", running.explain,
        )  # fmt: skip
        running.await_ready(60)
    writer.check_every_member()
    assert seen.violations == []
    assert (writer.errors, seen.elections) == ([], 0)
    assert ids(running)[primary] == before[primary]
    measured("member copied anew", "annotation", writer, seen)


def test_a_volume_emptied_under_a_running_primary(running: ReplicaSet, faults: Faults) -> None:
    """Rule 34 where the pod outlives its data: no start of its container comes past the gate."""
    lost, before = running.primary_ordinal(), ids(running)
    with Writer(running) as writer, Watched(running) as seen:
        faults.empty(f"{running.namespace}/data-{running.name}-{lost}")
        try_tool("kill", f"{running.namespace}/{running.name}-{lost}")  # it may have ended already
        eventually(
            lambda: ids(running).get(f"mongo-{lost}", 0) > max(before.values()),
            90, "it has a new _id", running.explain,
        )  # fmt: skip
        running.await_ready(60)
    writer.check_every_member()
    assert seen.violations == []
    assert seen.elections == 1
    measured("volume of the primary emptied", "directory emptied, SIGKILL", writer, seen)


def test_an_empty_first_member_that_comes_back_alone_initiates_nothing(
    running: ReplicaSet, faults: Faults
) -> None:
    """Rule 1, F42: the others are silent, and may hold the set."""
    identity = running.status()["replicaSetId"]
    with frozen(faults, running, 1), frozen(faults, running, 2):
        running.run("delete", "pvc", f"data-{running.name}-0", "--wait=false")
        running.run("delete", "pod", f"{running.name}-0")
        running.await_condition("MajorityHealthy", "Unknown", "Unknown", 60)
        log = eventually(
            lambda: "waiting for the operator" in running.run(
                "logs", f"{running.name}-0", "-c", "prepare", "--ignore-errors=true"
            ),
            30, "it stands at the gate", running.explain,
        )  # fmt: skip
        assert log
        assert not running.get("pod", f"{running.name}-0")["status"]["containerStatuses"][0][
            "ready"
        ]
    running.await_ready(90)
    assert running.rs_config()["settings"]["replicaSetId"].__str__() == identity


@pytest.mark.parametrize("gate", [False, True], ids=["without the gate", "with the gate"])
def test_a_stale_member_and_an_empty_one_elect_nobody(
    replica_set: ReplicaSet, faults: Faults, kubectl: Kubectl, gate: bool
) -> None:
    """Experiment A1: acknowledged by P and B; C is stale, B is emptied, P restarts meanwhile.

    The gate is switched off by giving the permission by hand. Then the write is lost, and this
    very check says so. Nobody copies from C, or B would not acknowledge while C is stopped.
    """
    replica_set.apply(members=3, settings={"chainingAllowed": False})
    replica_set.await_ready()
    primary = replica_set.primary_ordinal()
    stale, empty = sorted({0, 1, 2} - {primary})
    place = f"{replica_set.namespace}/{replica_set.name}"
    with frozen(faults, replica_set, primary):
        faults.kill(f"{place}-{primary}", "SIGCONT")
        faults.kill(f"{place}-{stale}", "SIGSTOP")
        with Writer(replica_set) as writer:
            writer.await_more(50)
        faults.kill(f"{place}-{primary}", "SIGSTOP")
        faults.kill(f"{place}-{empty}", "SIGSTOP")
        faults.empty(f"{replica_set.namespace}/data-{replica_set.name}-{empty}")
        faults.kill(f"{place}-{empty}", "SIGKILL")
        faults.kill(f"{place}-{stale}", "SIGKILL")  # with what it had received, but not written
        if gate:
            _cannot_be_elected(replica_set, stale, empty)
        else:
            _is_elected(replica_set, stale, empty)
    replica_set.await_ready(120)
    lost = len(writer.missing_on(stale))
    assert (lost == 0) is gate
    if gate:
        writer.check_every_member()


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
        pod = replica_set.get("pod", f"{replica_set.name}-{empty}")["metadata"]
        replica_set.run(
            "annotate", "pod", pod["name"], "--overwrite", f"mongors.io/empty-start={pod['uid']}"
        )
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
    replica_set.run("delete", "pvc", "--all", "--wait=false")
    replica_set.run("delete", "pods", "--all")
    stalled = replica_set.await_condition("Stalled", "True", "VolumeLost", 90)
    assert f"mongors.io/begin-anew={identity}" in stalled["message"]
    _annotate(replica_set, "begin-anew=6b04a49d0b28ea9bd2023000")
    replica_set.await_condition("Stalled", "True", "BeginRefused", 30)
    assert replica_set.status()["replicaSetId"] == identity
    _annotate(replica_set, f"begin-anew={identity}")
    eventually(
        lambda: replica_set.status().get("replicaSetId") not in (None, identity),
        60, "a new set is born", replica_set.explain,
    )  # fmt: skip
    replica_set.await_ready()
    with Writer(replica_set) as writer:
        writer.await_more(10)


def _annotate(replica_set: ReplicaSet, annotation: str) -> None:
    name = f"mrs/{replica_set.name}"
    replica_set.run("annotate", name, "--overwrite", f"mongors.io/{annotation}")
