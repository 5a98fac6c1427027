"""Members that lose their data: they wait at the gate, and come back as new members."""

import json

import pytest

from e2e.faults import Faults, cordoned, frozen, node_of, try_tool
from e2e.history import Watched
from e2e.invariants import claims_stay, majority_serves
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer
from faults.flows import ids

EMPTY = "The data directory is empty: waiting for the operator to permit an empty start."


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def secondary(replica_set: ReplicaSet) -> int:
    return max({0, 1, 2} - {replica_set.primary_ordinal()})


def test_a_member_without_its_claim_comes_back_as_a_new_one(running: ReplicaSet) -> None:
    """Rules 34 and 37: its old `_id` leaves, then it starts, then it joins and syncs."""
    lost, before = secondary(running), ids(running)
    with Writer(running) as writer, Watched(running, without=(claims_stay,)) as seen:
        running.run("delete", "pvc", f"data-{running.name}-{lost}", "--wait=false")
        running.delete_pods(f"{running.name}-{lost}")
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


@pytest.mark.alone
def test_a_member_may_come_back_on_a_fresh_disk_of_another_node(running: ReplicaSet) -> None:
    """Rules 34 and 37 where the node is given up too: nothing ties a member to its old place."""
    lost, before = secondary(running), ids(running)
    pod, node = f"mongo-{lost}", node_of(running, lost)
    with Writer(running) as writer, Watched(running, without=(claims_stay,)) as seen:
        with cordoned(running, node):
            running.run("delete", "pvc", f"data-{pod}", "--wait=false")
            running.delete_pods(pod)
            eventually(
                lambda: ids(running).get(pod, 0) > max(before.values()),
                60, "it has a new _id", running.explain,
            )  # fmt: skip
            running.await_ready(60)
        assert node_of(running, lost) != node
    writer.check_every_member()
    assert (writer.errors, seen.elections, seen.violations) == ([], 0, [])
    new = ids(running)[pod]
    votes = [new in each.counting for each in seen.configs if new in {m.id for m in each.members}]
    assert votes == sorted(votes), "a vote that counted once counts on"
    assert (votes[0], votes[-1]) == (False, True), "it joined without one, and was given it"
    measured(
        "claim of a secondary deleted, its node cordoned", "claim and pod deleted", writer, seen
    )


def test_an_empty_first_member_that_comes_back_alone_initiates_nothing(
    running: ReplicaSet, faults: Faults
) -> None:
    """Rule 1, F42: the others are silent, and may hold the set."""
    identity, pod = running.status()["replicaSetId"], f"{running.name}-0"
    broken = (claims_stay, majority_serves)  # on purpose: there is no majority meanwhile
    with Writer(running) as writer, Watched(running, without=broken) as seen:
        writer.await_more()
        with frozen(faults, running, 1), frozen(faults, running, 2):
            running.run("delete", "pvc", f"data-{pod}", "--wait=false")
            running.delete_pods(pod)
            stalled = running.await_condition("Stalled", "True", "VolumeLost", 45)
            assert f"mongors.io/begin-anew={identity}" in stalled["message"]
            assert running.condition("MajorityHealthy")["status"] == "Unknown"
            assert EMPTY in running.run("logs", pod, "-c", "prepare")
            ran = running.get("pod", pod)["status"]["containerStatuses"][0]
            assert "running" not in ran["state"], "it must not pass the gate"
            eventually(  # who is frozen makes a look last for seconds
                lambda: all(look.config is None for look in seen.rounds[-1].looks),
                30, "nobody shows a configuration", running.explain,
            )  # fmt: skip
        running.await_ready(90)
        writer.await_more()
    writer.check_every_member()
    assert seen.violations == []
    assert running.status()["replicaSetId"] == identity


@pytest.mark.alone
def test_a_pod_that_got_its_node_before_its_claim_got_a_volume_is_made_anew(
    running: ReplicaSet, faults: Faults
) -> None:
    """What a scheduler does that takes the former claim for the present one; it lasts for ever."""
    lost = secondary(running)
    pod, node = f"mongo-{lost}", node_of(running, lost)
    with Writer(running) as writer, Watched(running, without=(claims_stay,)) as seen:
        faults.halt("kube-scheduler")
        running.run("delete", "pvc", f"data-{pod}", "--wait=false")
        running.delete_pods(pod)
        early = eventually(lambda: there_again(running, pod), 60, "it waits", running.explain)
        bind(running, pod, node)
        faults.resume_program("kube-scheduler")
        eventually(
            lambda: running.uids().get(pod) not in (None, early),
            90, "it is made anew", running.explain,
        )  # fmt: skip
        running.await_ready(120)
    writer.check_every_member()
    assert (writer.errors, seen.elections, seen.violations) == ([], 0, [])


def there_again(replica_set: ReplicaSet, name: str) -> str | None:
    """The UID of a pod that waits for the scheduler, its claim as well."""
    waiting = {
        each["metadata"]["name"]: each["status"]["phase"] for each in replica_set.all_of("pvc")
    }
    return replica_set.uids().get(name) if waiting.get(f"data-{name}") == "Pending" else None


def bind(replica_set: ReplicaSet, pod: str, node: str) -> None:
    """Give a pod a node, as the scheduler does."""
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": pod},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    }
    path = f"/api/v1/namespaces/{replica_set.namespace}/pods/{pod}/binding"
    replica_set.run("create", "--raw", path, "-f", "-", stdin=json.dumps(binding))
