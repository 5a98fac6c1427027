"""The exporter of mongod's own metrics: a real driver with its user, beside members that stay."""

import json
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from e2e.looking import identities
from e2e.prometheus import ALERTS, prometheus
from e2e.sets import ReplicaSet, eventually
from mongors.desired.secrets import EXPORTER, EXPORTER_PASSWORD

DEPLOYMENT = "deployment/mongo-exporter"


@pytest.mark.usefixtures("exporter_image")
def test_every_member_is_asked_and_nobody_restarts(replica_set: ReplicaSet, tmp_path: Path) -> None:
    replica_set.apply(members=3, monitoring={"exporter": {"enabled": True}})
    replica_set.await_ready()
    before = identities(replica_set)
    for members in (3, 1):
        replica_set.scale(members)
        answered(replica_set, members, tmp_path / str(members))
    assert identities(replica_set).items() <= before.items(), "nobody is restarted for it"
    may_look_and_no_more(replica_set)
    user = EXPORTER.user
    wish(replica_set, {"enabled": False})
    eventually(lambda: not replica_set.all_of("deployments"), 30, "it is gone", replica_set.explain)
    eventually(lambda: user not in users(replica_set), 30, "so is its user", replica_set.explain)
    assert EXPORTER_PASSWORD not in replica_set.secret("operator")
    replica_set.await_ready()


def wish(replica_set: ReplicaSet, what: dict[str, object]) -> None:
    change = {"spec": {"monitoring": {"exporter": what}}}
    replica_set.run("patch", "mrs/mongo", "--type=merge", "-p", json.dumps(change))


def containers(replica_set: ReplicaSet) -> list[str]:
    """The containers of the exporter, by name."""
    made = replica_set.all_of("deployments")
    found = [each["spec"]["template"]["spec"]["containers"] for each in made]
    return [each["name"] for listed in found for each in listed]


def answered(replica_set: ReplicaSet, members: int, folder: Path) -> None:
    """There is a container for each member, and a Prometheus learns from it that it answered."""
    eventually(
        lambda: len(containers(replica_set)) == members,
        60, "a container for each member", replica_set.explain,
    )  # fmt: skip
    replica_set.run("rollout", "status", DEPLOYMENT, "--timeout=60s")
    pods = replica_set.all_of("pods", "app.kubernetes.io/component=exporter")
    running_pods = (each for each in pods if each["status"].get("phase") == "Running")
    pod = next(each for each in running_pods if "deletionTimestamp" not in each["metadata"])
    targets = [f"{pod['status']['podIP']}:{9216 + ordinal}" for ordinal in range(members)]
    with prometheus(folder, targets, ALERTS) as running:
        eventually(
            lambda: [each["value"][1] for each in running.samples("mongodb_up")]
            == ["1"] * members,
            60, "every member answers", replica_set.explain,
        )  # fmt: skip


def may_look_and_no_more(replica_set: ReplicaSet) -> None:
    """Its user sees how the members are, and no database of an application."""
    password = replica_set.secret("operator")[EXPORTER_PASSWORD]
    with replica_set.primary_as(EXPORTER.user, password) as client:
        assert client.admin.command("replSetGetStatus")["ok"] == 1
        for refused in (client.app.things.find_one, client.admin.system.users.find_one):
            with pytest.raises(OperationFailure):
                refused()
        with pytest.raises(OperationFailure):
            client.local.things.insert_one({})


def users(replica_set: ReplicaSet) -> set[str]:
    """The users that there are, as the operator's user of users sees them."""
    held = replica_set.secret("operator")
    with replica_set.primary_as(held["usersUsername"], held["usersPassword"]) as client:
        return {each["user"] for each in client.admin.command({"usersInfo": 1})["users"]}
