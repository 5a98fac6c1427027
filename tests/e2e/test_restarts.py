"""Restarts: one by one, the primary last, one election, and none beyond the first that fails."""

import json

import pytest

from e2e.history import Watched
from e2e.invariants import majority_serves, one_down_at_a_time
from e2e.measured import measured
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.writer import Writer

CAREFUL = (one_down_at_a_time, majority_serves)


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def patch(replica_set: ReplicaSet, spec: Raw) -> None:
    """Change the spec as a user would; a value of None removes a field."""
    body = json.dumps({"spec": spec})
    replica_set.run("patch", f"mrs/{replica_set.name}", "--type=merge", "-p", body)


def made_last(replica_set: ReplicaSet) -> str:
    """The pod that was made last."""
    pods = sorted(replica_set.pods(), key=lambda pod: pod["metadata"]["creationTimestamp"])
    return str(pods[-1]["metadata"]["name"])


def await_all_new(replica_set: ReplicaSet, before: dict[str, str]) -> None:
    """Wait until every pod was made anew and the set is ready."""
    eventually(
        lambda: not set(replica_set.uids().values()) & set(before.values())
        and len(replica_set.pods()) == 3
        and replica_set.is_ready(),
        120, "every pod is new", replica_set.explain,
    )  # fmt: skip


ASKED: dict[str, Raw] = {
    "a label": {"podLabels": {"color": "red"}},
    "other resources": {"resources": {"requests": {"cpu": "15m"}}},
    "configuration": {"configuration": {"operationProfiling": {"slowOpThresholdMs": 250}}},
    "another patch release": {"version": "6.0.27"},
    "the annotation": {},
}


def is_as_asked(replica_set: ReplicaSet, ordinal: int) -> bool:
    """Whether a member runs with all that was asked for up to now."""
    spec, pod = replica_set.get()["spec"], replica_set.get("pod", f"mongo-{ordinal}")
    with replica_set.member(ordinal) as member:
        started = member.admin.command("getCmdLineOpts")["parsed"]
        version = member.admin.command("buildInfo")["version"]
    labels: bool = spec.get("podLabels", {}).items() <= pod["metadata"]["labels"].items()
    options: bool = spec.get("configuration", {}).items() <= started.items()
    asked = spec.get("resources", {}).get("requests", {})
    given = pod["spec"]["containers"][0]["resources"].get("requests", {})
    is_current = bool(version == spec["version"])
    return is_current and labels and options and asked.items() <= given.items()


@pytest.mark.parametrize(
    "asked", [pytest.param("a label", marks=pytest.mark.smoke), *list(ASKED)[1:]]
)
def test_a_restart_takes_the_primary_last_and_costs_one_election(
    running: ReplicaSet, asked: str
) -> None:
    """Rules 37, 38, 53 to 55: nothing acknowledged is lost, and no retried write fails."""
    before, primary = running.uids(), running.primary_ordinal()
    with Writer(running) as writer, Watched(running, also=CAREFUL) as seen:
        if ASKED[asked]:
            patch(running, ASKED[asked])
        else:
            running.run("annotate", f"mrs/{running.name}", "mongors.io/restart=now")
        await_all_new(running, before)
    writer.check_every_member()
    assert seen.violations == []
    assert (writer.errors, seen.elections) == ([], 1)
    assert made_last(running) == f"mongo-{primary}"
    assert running.condition("UpToDate")["status"] == "True"
    assert all(is_as_asked(running, each) for each in range(3))
    measured(f"restart of three, asked by {asked}", "spec change", writer, seen)


@pytest.mark.parametrize(
    ("broken", "healed", "said"),
    [
        ({"image": "mongo:nosuch"}, {"image": None}, "mongo:nosuch"),
        (
            {"configuration": {"storage": {"wiredTiger": {"engineConfig": {"cacheSizeGB": -1}}}}},
            {"configuration": {"storage": None}},
            "cacheSizeGB must be greater",
        ),
        ({"nodeSelector": {"no": "where"}}, {"nodeSelector": None}, "node"),
    ],
    ids=["image that is not there", "configuration that mongod refuses", "no node"],
)
def test_what_cannot_start_stops_after_one_pod(
    running: ReplicaSet, broken: Raw, healed: Raw, said: str
) -> None:
    """Rule 57: the condition has the cause in mongod's own words, and taking it back heals."""
    before = running.uids()
    with Writer(running) as writer, Watched(running, also=CAREFUL) as seen:
        patch(running, broken)
        stalled = running.await_condition("Stalled", "True", "RollStopped", 90)
        assert said in stalled["message"]
        writer.go_on(5)
        changed = {name for name, uid in running.uids().items() if before[name] != uid}
        assert len(changed) == 1
        patch(running, healed)
        eventually(running.is_ready, 90, "it healed", running.explain)
    writer.check_every_member()
    assert seen.violations == []
    assert (writer.errors, seen.elections) == ([], 0)
    assert len({name for name, uid in running.uids().items() if before[name] != uid}) == 1


def test_scaling_while_restarts_are_under_way(running: ReplicaSet) -> None:
    """Rule 39: both end, whatever comes first, and one vote changes at a time."""
    before = running.uids()
    with Writer(running) as writer, Watched(running, also=(majority_serves,)) as seen:
        patch(running, {"podLabels": {"color": "green"}})
        eventually(lambda: running.uids() != before, 60, "restarts have begun", running.explain)
        running.scale(5)
        eventually(lambda: len(running.pods()) == 5, 60, "two more pods", running.explain)
        running.scale(3)
        await_all_new(running, before)
    writer.check_every_member()
    assert seen.violations == []
    assert writer.errors == []
    measured("3 to 5 and back while restarts are under way", "spec changes", writer, seen)


def test_a_parameter_that_mongod_takes_live_restarts_nobody(running: ReplicaSet) -> None:
    before = running.uids()
    patch(running, {"configuration": {"setParameter": {"transactionLifetimeLimitSeconds": 42}}})
    eventually(lambda: parameters(running) == {42}, 30, "it is live", running.explain)
    running.await_ready()
    assert running.uids() == before
    patch(running, {"configuration": None})
    await_all_new(running, before)
    assert parameters(running) == {60}


def parameters(replica_set: ReplicaSet) -> set[int]:
    """The live values of the parameter on all members."""
    name, found = "transactionLifetimeLimitSeconds", set()
    for ordinal in range(3):
        with replica_set.member(ordinal) as client:
            found.add(int(client.admin.command({"getParameter": 1, name: 1})[name]))
    return found
