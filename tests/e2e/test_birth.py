"""Birth on a real cluster: one resource becomes a working, authenticated replica set."""

from typing import Any

import pytest
from pymongo import MongoClient

from e2e.sets import ReplicaSet, eventually

HOST = "{pod}.mongo.{namespace}.svc.cluster.local:27017"


@pytest.mark.smoke
@pytest.mark.parametrize(("members", "voters"), [(1, 1), (2, 2), (4, 3), (7, 7)])
def test_set_of_any_size_is_born_with_its_votes(
    replica_set: ReplicaSet, members: int, voters: int
) -> None:
    replica_set.apply(members=members)
    replica_set.await_ready(180)
    config = replica_set.rs_config()
    assert [member["host"] for member in config["members"]] == [
        HOST.format(pod=f"mongo-{ordinal}", namespace=replica_set.namespace)
        for ordinal in range(members)
    ]
    assert [member["votes"] for member in config["members"]] == [
        int(ordinal < voters) for ordinal in range(members)
    ]
    assert all(member["priority"] == member["votes"] for member in config["members"])
    states = [member["stateStr"] for member in replica_set.rs_status()["members"]]
    assert sorted(states) == ["PRIMARY"] + ["SECONDARY"] * (members - 1)


@pytest.mark.parametrize("version", ["4.4.2", "5.0.4", "6.0.27"])
def test_set_of_every_version_is_born_and_grows(replica_set: ReplicaSet, version: str) -> None:
    replica_set.apply(version=version, members=1)
    replica_set.await_ready(120)
    replica_set.scale(3)
    replica_set.await_ready(120)
    status = replica_set.status()
    assert status["version"] == version
    assert status["votingMembers"] == 3


@pytest.mark.smoke
def test_birth_is_one_initiate_and_one_election(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    config = replica_set.rs_config()
    assert config["version"] == 1, "the founding members stand in the first configuration"
    assert config["term"] == 1, "the first election was won at the first attempt"
    replica_set.await_event("Initiated")
    reasons = [event["reason"] for event in replica_set.events()]
    assert reasons.count("Initiated") == 1
    status = replica_set.status()
    assert status["replicaSetId"] == str(config["settings"]["replicaSetId"])
    annotations = replica_set.get("secret", "mongo-keyfile")["metadata"]["annotations"]
    assert annotations["mongors.io/replica-set-id"] == status["replicaSetId"]
    assert status["binding"]["name"] == "mongo-connection"
    assert status["observedGeneration"] == replica_set.get()["metadata"]["generation"]


@pytest.mark.smoke
def test_application_writes_with_the_secrets_uri_in_both_forms(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    secret = replica_set.secret("connection")
    assert secret["type"] == "mongodb"
    assert secret["uri"] == secret["connectionString.standard"]
    with replica_set.application() as client:
        client.app.things.insert_one({"from": "the list of members"})
    with MongoClient[dict[str, Any]](secret["connectionString.standardSrv"]) as client:
        assert client.app.things.count_documents({}) == 1
        eventually(lambda: len(client.nodes) == 3, 20, "all members are found by the URI")


def test_unschedulable_member_does_not_hold_the_others_back(replica_set: ReplicaSet) -> None:
    only_two_nodes = {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {
                    "topologyKey": "kubernetes.io/hostname",
                    "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": "mongo"}},
                }
            ]
        },
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {
                        "matchExpressions": [
                            {
                                "key": "topology.kubernetes.io/zone",
                                "operator": "NotIn",
                                "values": ["zone-3"],
                            }
                        ]
                    }
                ]
            }
        },
    }
    replica_set.apply(members=3, affinity=only_two_nodes)
    condition = replica_set.await_condition("Ready", "False", "PodsPending", 60)
    assert "mongo-" in condition["message"]
    replica_set.await_condition("PrimaryElected", "True", "PrimaryElected", 120)
    eventually(
        lambda: replica_set.status()["readyMembers"] == 2,
        60, "both others are in service", replica_set.explain,
    )  # fmt: skip
    assert replica_set.condition("Ready")["status"] == "False"
