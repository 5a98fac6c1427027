"""The spec as a value: defaults, wire names, examples."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from e2e.bad_inputs import GOOD, edited
from mongors.api.scheduling import TolerationOperator
from mongors.api.spec import (
    Approval,
    DeletionPolicy,
    ImagePullPolicy,
    InvalidSpec,
    MongoReplicaSet,
    MongoReplicaSetSpec,
    Resources,
)
from mongors.api.storage import StorageClassTemplate, VolumeBindingMode
from mongors.api.version import major_of, series_of

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def spec_of(**fields: object) -> MongoReplicaSetSpec:
    return MongoReplicaSetSpec.model_validate(GOOD["spec"] | fields)


def test_defaults_are_those_of_a_safe_set() -> None:
    spec = MongoReplicaSetSpec.model_validate({"version": "6.0.5", "storage": {"size": "2Gi"}})

    assert spec.members == 3
    assert spec.replica_set_name == "rs0"
    assert spec.storage.claim_name == "data"
    assert spec.storage.class_name is None
    assert spec.image_pull_policy is ImagePullPolicy.IF_NOT_PRESENT
    assert spec.termination_grace_period_seconds == 60
    assert spec.cluster_domain == "cluster.local"
    assert spec.deletion_policy is DeletionPolicy.RETAIN
    assert spec.approval is Approval.AUTOMATIC
    assert spec.paused is False
    assert spec.rbac is None


def test_image_follows_the_version_unless_named() -> None:
    assert spec_of().mongod_image == "mongo:6.0.5"
    assert spec_of(image="registry.example.com/db/mongo:6").mongod_image == (
        "registry.example.com/db/mongo:6"
    )


@pytest.mark.parametrize(
    "image",
    [
        "mongo",
        "mongo:6.0.5",
        "library/mongo",
        "registry.example.com:5000/a/b-c/mongo_db:6.0.5-ubi8",
        "localhost:5000/mongo",
        f"mongo@sha256:{'0' * 64}",
        f"mongo:6.0.5@sha256:{'a' * 64}",
    ],
)
def test_image_reference_is_accepted(image: str) -> None:
    assert spec_of(image=image).mongod_image == image


def test_wire_names_are_camel_case() -> None:
    spec = spec_of(
        podLabels={"role": "mongo"},
        imagePullSecrets=[{"name": "registry"}],
        tolerations=[{"key": "db", "operator": "Exists", "effect": "NoSchedule"}],
        topologySpreadConstraints=[{"maxSkew": 1}],
        storage={
            "size": "1024Mi",
            "className": "fast",
            "class": {"provisioner": "x", "mountOptions": ["noatime"]},
        },
    )

    assert spec.pod_labels == {"role": "mongo"}
    assert spec.image_pull_secrets[0].name == "registry"
    assert spec.tolerations[0].operator is TolerationOperator.EXISTS
    assert spec.topology_spread_constraints == ({"maxSkew": 1},)
    assert spec.storage.size == "1Gi"
    assert spec.storage.class_ == StorageClassTemplate(provisioner="x", mount_options=("noatime",))
    assert spec.storage.class_.volume_binding_mode is VolumeBindingMode.WAIT_FOR_FIRST_CONSUMER


def test_request_may_equal_its_limit_in_another_spelling() -> None:
    resources = spec_of(
        resources={"requests": {"memory": "1024Mi", "cpu": "1"}, "limits": {"memory": "1Gi"}}
    ).resources

    assert resources == Resources(requests={"memory": "1Gi", "cpu": "1"}, limits={"memory": "1Gi"})


@pytest.mark.parametrize("name", ["example.com/device", "hugepages-2Mi", "ephemeral-storage"])
def test_extended_resource_is_accepted(name: str) -> None:
    assert spec_of(resources={"limits": {name: 1}}).resources is not None


def test_spec_cannot_be_changed() -> None:
    spec = spec_of()

    with pytest.raises(ValidationError, match="frozen"):
        spec.members = 5  # type: ignore[misc]


def test_metadata_is_read_narrowly() -> None:
    whole = MongoReplicaSet.parse(
        edited(
            GOOD,
            "metadata",
            {
                "name": "mongo",
                "namespace": "shop",
                "uid": "u-1",
                "generation": 4,
                "annotations": {"a": "b"},
                "deletionTimestamp": "2026-01-02T03:04:05Z",
                "managedFields": [{}],
            },
        )
    )

    assert whole.metadata.namespace == "shop"
    assert whole.metadata.uid == "u-1"
    assert whole.metadata.generation == 4
    assert whole.metadata.annotations == {"a": "b"}
    assert whole.metadata.deletion_timestamp == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_status_is_kept_as_given_and_read_leniently() -> None:
    status = {"ready": "3/3", "members": "three", "invented": 1}

    whole = MongoReplicaSet.parse(GOOD | {"status": status})

    assert whole.status == status
    assert whole.reported.ready == "3/3"
    assert whole.reported.members is None


@pytest.mark.parametrize(("fcv", "version"), [("6.0", "6.0.5"), ("4.4", "4.4.29")])
def test_series_is_the_first_two_numbers(fcv: str, version: str) -> None:
    assert series_of(version) == fcv
    assert ".".join(map(str, major_of(version))) == fcv


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_example_can_be_followed(example: Path) -> None:
    whole = MongoReplicaSet.parse(yaml.safe_load(example.read_text()))

    assert whole.spec.version == "6.0.5"


def test_there_are_examples() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} >= {
        "smallest",
        "from-the-article",
        "production",
    }


def test_fields_of_a_later_definition_are_ignored_in_what_the_api_server_keeps() -> None:
    """In the middle of an upgrade the definition is ahead of the operator that still works."""
    raw = {
        "metadata": {"name": "mongo", "namespace": "shop", "uid": "uid", "generation": 1},
        "spec": {
            "version": "6.0.5",
            "storage": {"size": "1Gi", "later": True},
            "monitoring": {"later": {"enabled": False}},
            "later": 1,
        },
    }
    assert MongoReplicaSet.stored(raw).spec.version == "6.0.5"
    with pytest.raises(InvalidSpec):
        MongoReplicaSet.parse(raw)
    with pytest.raises(InvalidSpec):
        MongoReplicaSet.stored({**raw, "spec": {**raw["spec"], "members": 0}})
