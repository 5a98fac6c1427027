"""The article's set: one resource gives all that it builds by hand, and its checks pass."""

from pathlib import Path

import pytest
import yaml

from e2e.sets import ReplicaSet, eventually

pytestmark = pytest.mark.smoke

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "from-the-article.yaml"


@pytest.fixture(scope="module")
def article(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    manifest = yaml.safe_load(EXAMPLE.read_text())
    del manifest["metadata"]["namespace"]
    replica_set_of_module.apply_manifest(manifest)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def test_pods_are_found_by_the_articles_label_and_run(article: ReplicaSet) -> None:
    pods = article.all_of("pods", "role=mongo")
    assert sorted(pod["metadata"]["name"] for pod in pods) == ["mongo-0", "mongo-1", "mongo-2"]
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    assert {pod["metadata"]["labels"]["environment"] for pod in pods} == {"test"}


def test_claims_are_bound_as_in_the_article(article: ReplicaSet) -> None:
    claims = article.all_of("pvc", "role=mongo")
    assert sorted(claim["metadata"]["name"] for claim in claims) == [
        f"mongo-persistent-storage-mongo-{ordinal}" for ordinal in range(3)
    ]
    for claim in claims:
        assert claim["status"]["phase"] == "Bound"
        assert claim["status"]["capacity"]["storage"] == "2Gi"
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
        assert claim["spec"]["storageClassName"] == "fast"


def test_volume_of_a_pod_is_its_claim(article: ReplicaSet) -> None:
    volumes = article.get("pod", "mongo-0")["spec"]["volumes"]
    claims = [
        each["persistentVolumeClaim"]["claimName"]
        for each in volumes
        if "persistentVolumeClaim" in each
    ]
    assert claims == ["mongo-persistent-storage-mongo-0"]


def test_storage_class_is_the_articles(article: ReplicaSet) -> None:
    found = article.get("storageclass", "fast")
    assert found["provisioner"] == "rancher.io/local-path"
    assert found["volumeBindingMode"] == "WaitForFirstConsumer"


def test_members_have_the_articles_names_and_roles(article: ReplicaSet) -> None:
    members = article.rs_status()["members"]
    assert sorted(member["name"] for member in members) == [
        f"mongo-{ordinal}.mongo.{article.namespace}.svc.cluster.local:27017" for ordinal in range(3)
    ]
    assert sorted(member["stateStr"] for member in members) == ["PRIMARY", "SECONDARY", "SECONDARY"]


def test_pods_may_list_pods_as_the_bound_role_says(article: ReplicaSet) -> None:
    account = f"system:serviceaccount:{article.namespace}:mongo"
    asked = article.kubectl(
        "auth", "can-i", "list", "pods", "-n", article.namespace, "--as", account
    )
    assert asked.stdout.strip() == "yes"
    mounts = article.get("pod", "mongo-0")["spec"]["automountServiceAccountToken"]
    assert mounts is True


def test_change_of_scale_updates_the_set_by_itself(article: ReplicaSet) -> None:
    article.scale(5)
    article.await_ready(180)
    assert article.status()["votingMembers"] == 5
    article.scale(3)
    article.await_ready(180)
    assert len(article.rs_config(article.primary_ordinal())["members"]) == 3
    eventually(lambda: len(article.pods()) == 3, 60, "two pods are gone", article.explain)
    claims = article.all_of("pvc", "role=mongo")
    assert len(claims) == 5, "volumes are kept"
