"""Member options and settings: what is ours is kept as wanted, what is not ours is left alone."""

import json

import pytest

from e2e.history import Watched
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.writer import Writer


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3, settings={"electionTimeoutMillis": 9000})
    replica_set_of_module.await_ready()
    return replica_set_of_module


def patch(replica_set: ReplicaSet, spec: Raw) -> None:
    body = json.dumps({"spec": spec})
    replica_set.run("patch", f"mrs/{replica_set.name}", "--type=merge", "-p", body)


def member(replica_set: ReplicaSet, ordinal: int) -> Raw:
    """The entry of a member in the live configuration."""
    members: list[Raw] = replica_set.rs_config()["members"]
    return next(each for each in members if each["host"].startswith(f"mongo-{ordinal}."))


def edit(replica_set: ReplicaSet, change: object) -> None:
    """Reconfigure by hand, as somebody with a shell would."""
    assert callable(change)
    with replica_set.member(replica_set.primary_ordinal()) as client:
        config = client.admin.command("replSetGetConfig")["config"]
        config["version"] += 1
        config.pop("term", None)
        change(config)
        client.admin.command("replSetReconfig", config)


def await_in_sync(replica_set: ReplicaSet) -> None:
    replica_set.await_condition("MembersInSync", "True", "ConfigurationMatches", 60)
    replica_set.await_ready()


def test_the_set_is_born_with_its_settings(running: ReplicaSet) -> None:
    settings = running.rs_config()["settings"]
    assert (settings["electionTimeoutMillis"], settings["chainingAllowed"]) == (9000, True)
    assert running.rs_config()["version"] <= 2


def test_all_options_come_in_as_few_reconfigs_as_are_safe(running: ReplicaSet) -> None:
    target = max({0, 1, 2} - {running.primary_ordinal()})
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        patch(
            running,
            {
                "memberOptions": [{"member": target, "hidden": True, "tags": {"use": "reports"}}],
                "settings": {"electionTimeoutMillis": 8000, "chainingAllowed": False},
            },
        )
        eventually(lambda: member(running, target)["hidden"], 30, "it is hidden", running.explain)
        await_in_sync(running)
    assert (writer.errors, seen.elections, seen.violations) == ([], 0, [])
    assert len(seen.reconfigs) == 1
    entry = member(running, target)
    assert (entry["priority"], entry["tags"], entry["votes"]) == (0, {"use": "reports"}, 1)
    assert running.rs_config()["settings"]["chainingAllowed"] is False
    patch(running, {"memberOptions": [], "settings": None})
    eventually(lambda: not member(running, target)["hidden"], 30, "it is back", running.explain)
    await_in_sync(running)
    assert running.rs_config()["settings"]["electionTimeoutMillis"] == 10000


def test_the_primary_that_may_not_be_one_hands_over_first(running: ReplicaSet) -> None:
    """Rule 25."""
    primary = running.primary_ordinal()
    with Writer(running) as writer, Watched(running) as seen:
        writer.await_more()
        patch(running, {"memberOptions": [{"member": primary, "delaySeconds": 60}]})
        eventually(
            lambda: member(running, primary).get("secondaryDelaySecs") == 60,
            60, "it is delayed", running.explain,
        )  # fmt: skip
        await_in_sync(running)
        writer.await_more()
    assert (writer.errors, seen.elections, seen.violations) == ([], 1, [])
    entry = member(running, primary)
    assert (entry["priority"], entry["votes"]) == (0, 0)
    patch(running, {"memberOptions": []})
    eventually(
        lambda: member(running, primary)["votes"] == 1, 120, "it votes again", running.explain
    )
    await_in_sync(running)
    writer.check_every_member()


def test_what_somebody_changed_by_hand_comes_back(running: ReplicaSet) -> None:
    """F61: fields that are ours are restored, others stay."""

    def change(config: Raw) -> None:
        config["members"][1]["priority"] = 3
        config["settings"]["heartbeatTimeoutSecs"] = 33
        config["settings"]["catchUpTakeoverDelayMillis"] = 31000
        config["members"][1]["tags"] = {"use": "nothing"}

    edit(running, change)
    eventually(
        lambda: member(running, 1)["priority"] == 1
        and running.rs_config()["settings"]["heartbeatTimeoutSecs"] == 10,
        60, "it is restored", running.explain,
    )  # fmt: skip
    await_in_sync(running)
    assert member(running, 1)["tags"] == {}
    assert running.rs_config()["settings"]["catchUpTakeoverDelayMillis"] == 31000


def test_a_member_that_is_not_ours_is_reported_and_left_alone(running: ReplicaSet) -> None:
    stranger = {"_id": 77, "host": "stranger.example:27017", "votes": 0, "priority": 0}
    edit(running, lambda config: config["members"].append(stranger))
    said = running.await_condition("MembersInSync", "False", "UnknownMembers", 60)
    assert "stranger.example:27017" in said["message"]
    patch(running, {"settings": {"electionTimeoutMillis": 7000}})
    eventually(
        lambda: running.rs_config()["settings"]["electionTimeoutMillis"] == 7000,
        30, "the rest is kept as wanted", running.explain,
    )  # fmt: skip
    hosts = [each["host"] for each in running.rs_config()["members"]]
    assert "stranger.example:27017" in hosts
    edit(running, lambda config: config["members"].pop())
    await_in_sync(running)


@pytest.mark.parametrize("version", ["4.4.2", "6.0.5"])
def test_acknowledged_means_by_a_majority(replica_set: ReplicaSet, version: str) -> None:
    """Rule 47: before 5.0 the server's own default is one member."""
    replica_set.apply(members=1, version=version)
    replica_set.await_ready()
    primary = replica_set.primary_ordinal()
    with replica_set.member(primary) as client:
        assert concern(client.admin.command("getDefaultRWConcern")) == "majority"
        client.admin.command({"setDefaultRWConcern": 1, "defaultWriteConcern": {"w": 1}})
    replica_set.run("annotate", "mrs/mongo", "somebody=looked")
    with replica_set.member(primary) as client:
        eventually(
            lambda: concern(client.admin.command("getDefaultRWConcern")) == "majority",
            60, "it is raised again", replica_set.explain,
        )  # fmt: skip


def concern(reply: Raw) -> object:
    return reply["defaultWriteConcern"]["w"]
