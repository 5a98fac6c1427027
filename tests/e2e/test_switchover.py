"""Planned changes of the primary: by name, by priority, and off a node that is to be emptied."""

import json
from collections.abc import Iterator

import pytest

from e2e.conftest import Kubectl
from e2e.faults import Faults, frozen, node_of
from e2e.history import Watched
from e2e.invariants import majority_serves, one_down_at_a_time
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


@pytest.fixture
def cordoned(running: ReplicaSet, kubectl: Kubectl) -> Iterator[str]:
    """The primary's node; schedulable again afterwards."""
    node = node_of(running, running.primary_ordinal())
    yield node
    kubectl("uncordon", node)


def ask_for(replica_set: ReplicaSet, pod: str) -> None:
    replica_set.run(
        "annotate", f"mrs/{replica_set.name}", "--overwrite", f"mongors.io/primary={pod}"
    )


def options(replica_set: ReplicaSet, *given: dict[str, object]) -> None:
    body = json.dumps({"spec": {"memberOptions": list(given)}})
    replica_set.run("patch", f"mrs/{replica_set.name}", "--type=merge", "-p", body)


def test_the_named_member_becomes_primary(running: ReplicaSet) -> None:
    target = f"mongo-{max({0, 1, 2} - {running.primary_ordinal()})}"
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        ask_for(running, target)
        eventually(
            lambda: running.status().get("lastSwitchover") == target, 30, target, running.explain
        )
        writer.await_more()
    writer.check_every_member()
    running.await_ready()  # the election's configuration reaches every member, by a heartbeat
    assert running.status()["primary"] == target
    assert (writer.errors, seen.elections, seen.violations) == ([], 1, [])
    measured("switchover to a named member", "annotation", writer, seen)


@pytest.mark.parametrize(("name", "said"), [("mongo-7", "no member"), ("another-0", "no member")])
def test_who_is_no_member_is_refused(running: ReplicaSet, name: str, said: str) -> None:
    ask_for(running, name)
    stalled = running.await_condition("Stalled", "True", "SwitchoverRefused", 30)
    assert said in stalled["message"]
    assert running.condition("Ready")["status"] == "True"
    ask_for(running, "")
    running.await_condition("Stalled", "False", "Settled", 30)


def test_who_is_away_is_refused_until_it_is_back(running: ReplicaSet, faults: Faults) -> None:
    away = max({0, 1, 2} - {running.primary_ordinal()})
    with frozen(faults, running, away):
        eventually(
            lambda: running.condition("Ready").get("status") == "False", 60, "it is seen",
            running.explain,
        )  # fmt: skip
        ask_for(running, f"mongo-{away}")
        eventually(
            lambda: any("not in service" in each["message"] for each in running.events()),
            30, "it is refused", running.explain,
        )  # fmt: skip
    eventually(
        lambda: running.status().get("primary") == f"mongo-{away}", 60, "it is done then",
        running.explain,
    )  # fmt: skip
    running.await_ready()


def test_a_cordon_takes_the_primary_off_the_node_once(
    running: ReplicaSet, kubectl: Kubectl, cordoned: str
) -> None:
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        assert kubectl("cordon", cordoned).returncode == 0
        eventually(
            lambda: node_of(running, running.primary_ordinal()) != cordoned,
            30, "the primary left", running.explain,
        )  # fmt: skip
        running.await_ready()
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.elections, seen.violations) == ([], 1, [])


def handovers(replica_set: ReplicaSet) -> set[tuple[str, str, str]]:
    """What the Events tell of handovers: name, message, and how often."""
    return {
        (each["metadata"]["name"], each["message"], f"{each.get('series')} {each.get('count')}")
        for each in replica_set.events()
        if each["reason"] == "SwitchedOver"
    }


def test_a_drain_takes_one_member_at_a_time(
    running: ReplicaSet, kubectl: Kubectl, cordoned: str
) -> None:
    """Rules 40, 59 and 60: the primary hands over before it goes, and comes back where it may."""
    gone, before = f"mongo-{running.primary_ordinal()}", handovers(running)
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        drained = kubectl(
            "drain", cordoned, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s",
            f"--pod-selector=app.kubernetes.io/instance={running.name}",
        )  # fmt: skip
        assert drained.returncode == 0, drained.stderr
        writer.await_more()
        kubectl("uncordon", cordoned)
        running.await_ready(90)
    writer.check_every_member()
    assert (writer.errors, seen.violations) == ([], [])
    assert seen.elections == 1
    (handed,) = handovers(running) - before
    assert handed[1].startswith(f"Handed over from {gone} to "), handed
    measured("drain of the primary's node", "kubectl drain", writer, seen)


def test_a_second_drain_waits_until_the_first_member_is_back(
    running: ReplicaSet, kubectl: Kubectl
) -> None:
    """Rule 60: the budget spares one member; whoever drains two nodes is held up, not the set."""
    secondaries = {0, 1, 2} - {running.primary_ordinal()}
    nodes = [node_of(running, each) for each in sorted(secondaries)]
    drain = (
        "drain", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=15s",
        f"--pod-selector=app.kubernetes.io/instance={running.name}",
    )  # fmt: skip
    careful = (majority_serves, one_down_at_a_time)
    try:
        with Writer(running) as writer, Watched(running, also=careful) as seen:
            first = kubectl(*drain, nodes[0])
            assert first.returncode == 0, first.stderr
            second = kubectl(*drain, nodes[1])
            assert second.returncode != 0
            assert "disruption budget" in second.stderr
            writer.await_more()
            for node in nodes:
                kubectl("uncordon", node)
            running.await_ready(90)
    finally:
        for node in nodes:
            kubectl("uncordon", node)
    writer.check_every_member()
    assert (writer.errors, seen.elections, seen.violations) == ([], 0, [])
    measured("drain of two nodes", "kubectl drain, twice", writer, seen)


def test_a_deleted_primary_hands_over_before_it_stops(running: ReplicaSet) -> None:
    """Its mongod holds the order to stop meanwhile: no write ends with an error."""
    gone = running.primary_ordinal()
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        running.delete_pods(f"mongo-{gone}")
        running.await_ready()
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.elections, seen.violations) == ([], 1, [])
    said = f"pod mongo-{gone} is being deleted"
    running.await_event(said)
    measured("deletion of the primary's pod", "kubectl delete pod", writer, seen)


def test_the_preferred_member_takes_over_without_an_error(running: ReplicaSet) -> None:
    preferred = max({0, 1, 2} - {running.primary_ordinal()})
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        options(running, {"member": preferred, "priority": 5})
        eventually(
            lambda: running.status().get("primary") == f"mongo-{preferred}",
            60, "it took over", running.explain,
        )  # fmt: skip
        writer.await_more()
        running.await_ready()
    writer.check_every_member()
    assert (writer.errors, seen.elections, len(seen.reconfigs)) == ([], 1, 1)
    measured("preferred primary takes over", "memberOptions.priority", writer, seen)
    other = min({0, 1, 2} - {preferred})
    ask_for(running, f"mongo-{other}")
    stalled = running.await_condition("Stalled", "True", "SwitchoverRefused", 30)
    assert "higher priority" in stalled["message"]
