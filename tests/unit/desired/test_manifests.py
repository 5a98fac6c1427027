"""Manifests: valid in Kubernetes' own eyes, and safe in ours."""

from typing import Any

import pytest
from kubernetes.aio import client

from mongors.api.spec import MongoReplicaSet
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.manifest import Manifest, stamped
from mongors.desired.start import PREPARE
from unit.builders import NOW, resource, secrets_of, wanted

FULL: dict[str, Any] = {
    "version": "8.0.4",
    "podLabels": {"role": "mongo"},
    "podAnnotations": {"note": "hello"},
    "resources": {"requests": {"cpu": "0.5", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "db", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
    ],
    "priorityClassName": "high",
    "imagePullSecrets": [{"name": "registry"}],
    "terminationGracePeriodSeconds": 90,
    "rbac": {"clusterRole": "view"},
    "deletionPolicy": "Delete",
    "storage": {
        "size": "2Gi",
        "className": "fast",
        "claimName": "disk",
        "class": {"provisioner": "example.com/x", "parameters": {"a": "b"}},
    },
}
SMALL = wanted(3)
LARGE = wanted(5, **FULL)
EVERYWHERE = wanted(3, rbac={"clusterRole": "view", "clusterWide": True})


def manifests(desired: Desired) -> list[Manifest]:
    """Everything that a set applies."""
    storage_class = desired.storage_class()
    return [
        *desired.fixed(),
        *secrets_of(desired),
        desired.statefulset(len(desired.members), desired.claim_templates),
        *([storage_class] if storage_class else []),
    ]


def statefulset(desired: Desired = SMALL) -> dict[str, Any]:
    """The spec of a StatefulSet."""
    spec: dict[str, Any] = desired.statefulset(3, desired.claim_templates)["spec"]
    return spec


def pod(desired: Desired = SMALL) -> dict[str, Any]:
    """The spec of its pods."""
    spec: dict[str, Any] = statefulset(desired)["template"]["spec"]
    return spec


def named(desired: Desired, kind: str, name: str) -> Manifest:
    """One manifest."""
    found = [
        each
        for each in manifests(desired)
        if (each["kind"], each["metadata"]["name"]) == (kind, name)
    ]
    (manifest,) = found
    return manifest


@pytest.mark.parametrize("desired", [SMALL, LARGE, EVERYWHERE, wanted(1), wanted(50)])
def test_every_manifest_is_one_that_kubernetes_knows(desired: Desired) -> None:
    """The models forbid keys that are not in the API, so a misspelt field fails here."""
    for manifest in manifests(desired):
        getattr(client, f"V1{manifest['kind']}").model_validate(manifest)


@pytest.mark.parametrize("desired", [SMALL, LARGE, EVERYWHERE])
def test_every_manifest_says_whose_it_is(desired: Desired) -> None:
    for manifest in manifests(desired):
        assert manifest["metadata"]["labels"][labels.MANAGED_BY] == "mongors"
        if manifest["kind"] not in ("Secret", "StorageClass", "ClusterRoleBinding"):
            (owner,) = manifest["metadata"]["ownerReferences"]
            assert (owner["kind"], owner["uid"]) == ("MongoReplicaSet", "uid-set")
            assert owner["controller"] is True


def test_every_manifest_but_the_storage_class_is_stamped() -> None:
    for manifest in manifests(LARGE):
        annotations = manifest["metadata"].get("annotations", {})
        assert (labels.APPLIED in annotations) is (manifest["kind"] != "StorageClass")


def test_the_stamp_follows_the_manifest_and_nothing_secret() -> None:
    """A digest of a password could be tried out by whoever may read annotations."""

    def digest(**fields: Any) -> str:
        metadata = {"name": "a"}
        made = stamped({"kind": "Secret", "metadata": metadata, **fields})
        return str(made["metadata"]["annotations"][labels.APPLIED])

    assert digest(type="a") == digest(type="a")
    assert digest(type="a") != digest(type="b")
    assert digest(data={"a": "b"}) == digest(data={"a": "c"}), "no value shows"
    assert digest(data={"a": "b"}) != digest(data={"c": "b"}), "a key that is given up does"


def test_stamping_leaves_the_manifest_itself_alone() -> None:
    before: Manifest = {"kind": "Service", "metadata": {"name": "a"}}
    stamped(before)
    assert before == {"kind": "Service", "metadata": {"name": "a"}}


class TestStatefulSet:
    """Pods that only the operator takes down."""

    def test_restarts_pods_only_when_the_operator_says_so(self) -> None:
        """Rule 55: ordinal order would not ask who is primary."""
        assert statefulset()["updateStrategy"] == {"type": "OnDelete"}

    def test_starts_pods_in_parallel(self) -> None:
        """Rule 56: in order, the first would wait for a majority that never comes."""
        assert statefulset()["podManagementPolicy"] == "Parallel"

    def test_keeps_claims_unless_told(self) -> None:
        """Rule 42: a scale-in never removes data, whatever the policy."""
        kept = {"whenDeleted": "Retain", "whenScaled": "Retain"}
        assert statefulset()["persistentVolumeClaimRetentionPolicy"] == kept
        gone = {"whenDeleted": "Delete", "whenScaled": "Retain"}
        assert statefulset(LARGE)["persistentVolumeClaimRetentionPolicy"] == gone

    def test_gives_members_time_to_hand_over(self) -> None:
        """Rule 58."""
        assert pod()["terminationGracePeriodSeconds"] == 60
        assert pod(LARGE)["terminationGracePeriodSeconds"] == 90

    def test_claims_carry_the_pods_labels(self) -> None:
        (template,) = statefulset(LARGE)["volumeClaimTemplates"]
        assert template["metadata"]["name"] == "disk"
        assert template["metadata"]["labels"]["role"] == "mongo"
        assert template["spec"]["storageClassName"] == "fast"
        assert "storageClassName" not in statefulset()["volumeClaimTemplates"][0]["spec"]

    def test_labels_of_users_never_replace_those_that_select(self) -> None:
        marks = statefulset(LARGE)["template"]["metadata"]["labels"]
        assert marks.items() >= statefulset(LARGE)["selector"]["matchLabels"].items()
        assert marks[labels.ROLE] == "other"

    def test_places_pods_as_told(self) -> None:
        spec = pod(LARGE)
        assert spec["nodeSelector"] == {"disk": "ssd"}
        assert spec["tolerations"][0]["key"] == "db"
        assert spec["priorityClassName"] == "high"
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
        assert spec["topologySpreadConstraints"][0]["topologyKey"] == "zone"

    def test_spreads_pods_over_hosts_and_zones_unless_told(self) -> None:
        spread = pod()["topologySpreadConstraints"]
        assert [each["whenUnsatisfiable"] for each in spread] == ["ScheduleAnyway"] * 2
        assert "nodeSelector" not in pod()


class TestContainers:
    """What runs in a pod, and how it is asked whether it does."""

    def test_liveness_asks_only_whether_the_program_answers(self) -> None:
        """Rule 61: never role, lag, majority or login."""
        (mongod,) = pod()["containers"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert mongod[probe]["tcpSocket"] == {"port": 27017}
            assert "exec" not in mongod[probe]

    def test_recovery_has_hours_before_a_start_counts_as_failed(self) -> None:
        """Rule 61."""
        (mongod,) = pod()["containers"]
        probe = mongod["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] >= 3600 * 6

    def test_ready_means_in_service(self) -> None:
        """Rule 61: the budget must not count a member that still syncs."""
        assert pod()["readinessGates"] == [{"conditionType": labels.IN_SERVICE}]

    def test_no_login_is_possible_without_a_password_from_the_first_start(self) -> None:
        """Rule 75."""
        (mongod,) = pod()["containers"]
        assert "--setParameter=enableLocalhostAuthBypass=false" in mongod["command"]
        assert "--keyFile=/run/mongors/keyfile" in mongod["command"]

    def test_the_set_s_name_is_that_of_the_spec(self) -> None:
        """Rule 6."""
        (mongod,) = pod(wanted(3, replicaSetName="shop"))["containers"]
        assert "--replSet=shop" in mongod["command"]

    @pytest.mark.parametrize(("version", "quick"), [("4.4.29", False), ("5.0.0", True)])
    def test_a_quick_shutdown_is_asked_of_servers_that_know_it(
        self, version: str, quick: bool
    ) -> None:
        (mongod,) = pod(wanted(3, version=version))["containers"]
        asked = any("shutdownTimeoutMillis" in each for each in mongod["command"])
        assert asked is quick

    def test_the_keyfile_is_readable_by_mongod_alone(self) -> None:
        """Rule 66: mongod refuses any other mode, and a Secret's volume has one."""
        (prepare,) = pod()["initContainers"]
        assert "chmod 0400 /run/mongors/keyfile" in prepare["command"][2]
        volume = next(each for each in pod()["volumes"] if each["name"] == "keyfile")
        assert volume["emptyDir"]["medium"] == "Memory"
        assert pod()["securityContext"]["runAsUser"] == 999

    def test_an_empty_member_waits_at_the_gate_for_a_permission_of_its_own(self) -> None:
        """Rule 34: bound to the pod's uid, so that no predecessor's is taken for it."""
        (prepare,) = pod()["initContainers"]
        assert prepare["command"] == ["sh", "-c", PREPARE]
        fields = {
            each["name"]: each["valueFrom"]["fieldRef"]["fieldPath"] for each in prepare["env"]
        }
        assert fields == {"POD_NAME": "metadata.name", "POD_UID": "metadata.uid"}

    def test_no_secret_is_on_a_command_line_or_in_the_environment(self) -> None:
        for container in (*pod()["containers"], *pod()["initContainers"]):
            assert all("secretKeyRef" not in str(each) for each in container.get("env", ()))

    def test_every_container_is_locked_down(self) -> None:
        for container in (*pod()["containers"], *pod()["initContainers"]):
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert security["readOnlyRootFilesystem"] is True

    def test_pods_have_a_token_only_with_a_role(self) -> None:
        assert pod()["automountServiceAccountToken"] is False
        assert pod(LARGE)["automountServiceAccountToken"] is True

    def test_resources_are_passed_on(self) -> None:
        (mongod,) = pod(LARGE)["containers"]
        assert mongod["resources"]["limits"] == {"memory": "2Gi"}
        assert "resources" not in pod()["containers"][0]


class TestServicesAndBudget:
    """How members and clients find each other, and how many may be away."""

    def test_members_find_each_other_before_they_are_ready(self) -> None:
        """Rule 8."""
        spec = named(SMALL, "Service", "mongo")["spec"]
        assert spec["clusterIP"] == "None"
        assert spec["publishNotReadyAddresses"] is True

    @pytest.mark.parametrize(
        ("name", "role"), [("mongo-primary", "primary"), ("mongo-read", "secondary")]
    )
    def test_clients_find_only_members_in_service(self, name: str, role: str) -> None:
        """Rule 8: what clients use never leads to a member that is not ready."""
        spec = named(SMALL, "Service", name)["spec"]
        assert "publishNotReadyAddresses" not in spec
        assert spec["selector"][labels.ROLE] == role

    def test_one_member_may_be_away_at_a_time(self) -> None:
        """Rules 38 and 60."""
        spec = named(SMALL, "PodDisruptionBudget", "mongo")["spec"]
        assert spec["maxUnavailable"] == 1
        assert spec["selector"]["matchLabels"] == statefulset()["selector"]["matchLabels"]


class TestRights:
    """What the pods may do in the cluster."""

    def test_are_none_unless_asked_for(self) -> None:
        assert not [each for each in manifests(SMALL) if each["kind"].endswith("Binding")]

    def test_hold_in_the_namespace(self) -> None:
        binding = named(LARGE, "RoleBinding", "mongo")
        assert binding["roleRef"]["name"] == "view"
        assert binding["subjects"][0]["namespace"] == "default"

    def test_hold_everywhere_only_when_told_so(self) -> None:
        binding = named(EVERYWHERE, "ClusterRoleBinding", "mongors:default:mongo")
        assert binding["metadata"]["labels"][labels.OWNER_UID] == "uid-set"
        assert "ownerReferences" not in binding["metadata"]


def test_storage_class_has_only_what_was_given() -> None:
    manifest = LARGE.storage_class()
    assert manifest is not None
    assert manifest["provisioner"] == "example.com/x"
    assert manifest["parameters"] == {"a": "b"}
    assert "mountOptions" not in manifest
    assert SMALL.storage_class() is None
    class_only = {"size": "2Gi", "className": "fast"}
    assert wanted(3, storage=class_only).storage_class() is None


def test_before_a_resource_without_a_date_every_claim_is_old() -> None:
    """Rules 34 and 78: what may be from before may hold data."""
    raw = resource(3)
    del raw["metadata"]["creationTimestamp"]
    assert Desired.of(MongoReplicaSet.parse(raw)).created > NOW
