"""Kubernetes objects: made when absent, corrected when changed, never taken from others."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.api.status import Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import SecretKind, key_digest
from mongors.observed.kubernetes import StatefulSet
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import Apply, Generate, Remove
from mongors.planning.steps.objects import (
    hold_for_conflicts,
    keep_objects,
    remove_bindings,
    secret_values,
)
from mongors.planning.waits import Wait
from unit.builders import (
    IDENTITY,
    KEY,
    NOW,
    only,
    pod,
    running,
    wanted,
    without,
)

SET = wanted(3)
RELABELLED = wanted(3, podLabels={"role": "mongo"})
NOTHING = Observed(at=NOW)
STATEFULSET = ("StatefulSet", "mongo")
KEYFILE = ("Secret", "mongo-keyfile")


def applied(desired: Desired, observed: Observed) -> list[tuple[str, str]]:
    """Kind and name of everything that is applied."""
    said = keep_objects(desired, observed)
    return [(each.kind, each.name) for each in said if isinstance(each, Apply)]


def waits(desired: Desired, observed: Observed) -> list[Wait]:
    """What is waited for."""
    return [each for each in keep_objects(desired, observed) if isinstance(each, Wait)]


def blocked(place: str, key: tuple[str, str]) -> dict[str, Any]:
    """The field of a snapshot that says that a name is not free."""
    return {place: frozenset({key})}


def edited(observed: Observed, key: tuple[str, str], **fields: Any) -> Observed:
    """The same snapshot, with another spec of one object."""
    raw = observed.objects[key]
    raw = {**raw, "spec": {**raw["spec"], **fields}}
    return replace(observed, objects={**observed.objects, key: raw})


def test_everything_is_made_that_is_absent() -> None:
    said = list(keep_objects(SET, NOTHING))
    assert [str(each) for each in said] == [
        "generate Secret mongo-keyfile",
        "generate Secret mongo-operator",
        "generate Secret mongo-connection",
        "create ServiceAccount mongo",
        "create Service mongo",
        "create Service mongo-primary",
        "create Service mongo-read",
        "create PodDisruptionBudget mongo",
    ]


def test_the_statefulset_is_made_once_its_key_is_there() -> None:
    """Rule 64: it carries the digest of the key, by which a change of the key is seen."""
    secret = running(SET).objects[KEYFILE]
    observed = replace(NOTHING, objects={KEYFILE: secret})
    action = [each for each in keep_objects(SET, observed) if isinstance(each, Apply)][-1]
    assert (action.kind, action.uid) == ("StatefulSet", None)
    assert action.manifest["metadata"]["annotations"][labels.KEY_DIGEST] == key_digest(KEY, SET.uid)


def test_new_objects_are_made_without_a_uid() -> None:
    """Rule 82: creation must fail where somebody else made the object meanwhile."""
    assert all(each.uid is None for each in keep_objects(SET, NOTHING) if isinstance(each, Apply))


def test_nothing_is_applied_to_a_set_that_is_as_wanted() -> None:
    """Rule 28."""
    assert list(keep_objects(SET, running(SET))) == []


def test_a_changed_object_is_corrected_by_its_uid() -> None:
    """Rule 82: the correction is of this object, not of another of the same name."""
    observed = edited(running(SET), ("Service", "mongo"), publishNotReadyAddresses=False)
    action = only(keep_objects(SET, observed))
    assert isinstance(action, Apply)
    assert (action.kind, action.name, action.uid) == ("Service", "mongo", "uid-Service-mongo")
    assert action.manifest["spec"]["publishNotReadyAddresses"] is True


def test_fields_of_others_are_left_alone() -> None:
    observed = edited(running(SET), ("Service", "mongo"), ipFamilies=["IPv4"])
    assert list(keep_objects(SET, observed)) == []


def test_changed_pod_labels_change_the_statefulset_alone() -> None:
    assert applied(RELABELLED, running(SET)) == [STATEFULSET]


def test_a_live_statefulset_keeps_its_claim_templates() -> None:
    """Rule 62: they can never change; an apply with others would always be rejected."""
    live: dict[str, Any] = {
        "metadata": {"name": "data", "labels": {"a": "b"}, "creationTimestamp": None},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    }
    observed = replace(running(SET), statefulset=StatefulSet("uid", 3, (live,)))
    action = only(
        keep_objects(RELABELLED, edited(observed, STATEFULSET, volumeClaimTemplates=[live]))
    )
    assert isinstance(action, Apply)
    assert action.manifest["spec"]["volumeClaimTemplates"] == [
        {
            "metadata": {"name": "data", "labels": {"a": "b"}},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        }
    ]


def test_the_statefulset_is_corrected_by_the_version_that_was_seen() -> None:
    """Rules 36 and 82: a number of pods from an older picture must not be applied."""
    observed = edited(running(SET), STATEFULSET, podManagementPolicy="OrderedReady")
    raw = observed.objects[STATEFULSET]
    seen = {**raw, "metadata": {**raw["metadata"], "resourceVersion": "41"}}
    observed = replace(observed, objects={**observed.objects, STATEFULSET: seen})
    action = only(keep_objects(SET, observed))
    assert isinstance(action, Apply)
    assert (action.uid, action.version) == ("uid-StatefulSet-mongo", "41")


class TestSecrets:
    """Keys and passwords are generated once; a key in use is never replaced (rule 64)."""

    def test_missing_password_is_made_anew(self) -> None:
        observed = without(running(SET), ("Secret", "mongo-operator"))
        assert only(keep_objects(SET, observed)) == Generate(SecretKind.OPERATOR, "mongo-operator")

    def test_incomplete_secret_counts_as_missing(self) -> None:
        observed = running(SET)
        key = ("Secret", "mongo-operator")
        raw = {**observed.objects[key], "data": {"clusterPassword": "eA=="}}
        observed = replace(observed, objects={**observed.objects, key: raw})
        assert only(keep_objects(SET, observed)) == Generate(SecretKind.OPERATOR, "mongo-operator")
        assert secret_values(observed, SecretKind.OPERATOR, "mongo-operator") is None

    @pytest.mark.parametrize(
        "left",
        [
            replace(NOTHING, statefulset=StatefulSet("uid", 3, ())),
            replace(NOTHING, pods={0: pod(0)}),
            replace(NOTHING, status=Status(replica_set_id=IDENTITY)),
        ],
    )
    def test_a_lost_key_of_a_set_is_never_replaced(self, left: Observed) -> None:
        """Rule 64: the members would not accept it, and lock the operator out for good."""
        said = list(keep_objects(SET, left))
        assert Generate(SecretKind.KEYFILE, "mongo-keyfile") not in said
        assert [each.reason for each in said if isinstance(each, Wait)] == [Reason.KEY_FILE_MISSING]

    def test_a_lost_key_does_not_stop_the_rest(self) -> None:
        observed = without(running(SET), KEYFILE, ("Service", "mongo-read"))
        assert applied(SET, observed) == [("Service", "mongo-read")]

    def test_a_lost_key_holds_a_lost_statefulset_back(self) -> None:
        """Pods without the Secret would only hang."""
        observed = without(running(SET), KEYFILE, STATEFULSET)
        assert applied(SET, replace(observed, statefulset=None)) == []

    def test_keys_outlive_the_resource_unless_told(self) -> None:
        """Rule 43: without its keys, data that was kept is locked."""
        kept = running(SET).objects[KEYFILE]
        assert "ownerReferences" not in kept["metadata"]
        desired = wanted(3, deletionPolicy="Delete")
        gone = running(desired).objects[KEYFILE]
        assert gone["metadata"]["ownerReferences"][0]["uid"] == "uid-set"

    def test_the_keyfile_carries_the_record(self) -> None:
        """Rules 2 and 21: status may be lost; what cannot be seen again is kept twice."""
        observed = replace(running(SET), record=Record())
        action = only(keep_objects(SET, observed))
        assert isinstance(action, Apply)
        annotations = action.manifest["metadata"]["annotations"]
        assert annotations[labels.REPLICA_SET_ID] == IDENTITY
        assert annotations[labels.HIGHEST_MEMBER_ID] == "2"

    def test_generated_values_survive_a_correction(self) -> None:
        observed = replace(running(SET), record=Record(IDENTITY, 5))
        action = only(keep_objects(SET, observed))
        assert isinstance(action, Apply)
        assert action.manifest["data"] == observed.objects[KEYFILE]["data"]


class TestConflicts:
    """What belongs to somebody else is never touched (rule 88)."""

    @pytest.mark.parametrize("place", ["taken", "leaving", "denied"])
    @pytest.mark.parametrize("key", [("Service", "mongo"), KEYFILE, STATEFULSET])
    def test_an_object_that_is_not_ours_is_left_alone(
        self, place: str, key: tuple[str, str]
    ) -> None:
        observed = replace(without(running(SET), key), **blocked(place, key))
        said = list(keep_objects(SET, observed))
        assert len(said) == 1
        assert isinstance(said[0], Wait)

    def test_each_kind_of_conflict_is_told(self) -> None:
        taken = replace(NOTHING, taken=frozenset({("Service", "mongo")}))
        assert waits(SET, taken)[0].reason is Reason.NAME_CONFLICT
        leaving = replace(NOTHING, leaving=frozenset({("Service", "mongo")}))
        assert waits(SET, leaving)[0].message == (
            "Service mongo of an earlier set of this name is still being removed"
        )
        denied = replace(NOTHING, denied=frozenset({("ClusterRoleBinding", "x")}))
        assert waits(SET, denied)[0].reason is Reason.PERMISSION_MISSING

    @pytest.mark.parametrize("place", ["taken", "leaving", "denied"])
    def test_no_set_is_begun_beside_a_conflict(self, place: str) -> None:
        observed = replace(NOTHING, **blocked(place, ("Service", "mongo")))
        assert STATEFULSET not in applied(SET, observed)
        assert only(hold_for_conflicts(SET, observed)).reason is Reason.PROGRESSING

    def test_a_running_set_goes_on_beside_a_conflict(self) -> None:
        observed = replace(running(SET), taken=frozenset({("Service", "mongo-read")}))
        assert list(hold_for_conflicts(SET, observed)) == []
        assert applied(RELABELLED, observed) == [STATEFULSET]

    def test_a_set_without_conflicts_is_begun(self) -> None:
        assert list(hold_for_conflicts(SET, NOTHING)) == []


class TestStorageClass:
    """Made when it is absent and described; reported when it is absent and not."""

    def test_that_is_described_is_made(self) -> None:
        desired = wanted(
            storage={"size": "2Gi", "className": "fast", "class": {"provisioner": "example.com/x"}}
        )
        observed = replace(running(desired), storage_class_exists=False)
        action = only(keep_objects(desired, observed))
        assert isinstance(action, Apply)
        assert (action.kind, action.name, action.uid) == ("StorageClass", "fast", None)

    def test_that_is_not_described_is_asked_for(self) -> None:
        desired = wanted(storage={"size": "2Gi", "className": "fast"})
        observed = replace(running(desired), storage_class_exists=False)
        said = only(keep_objects(desired, observed))
        assert isinstance(said, Wait)
        assert said.reason is Reason.STORAGE_CLASS_MISSING

    @pytest.mark.parametrize("exists", [True, None])
    def test_that_exists_or_was_not_looked_at_is_left_alone(self, exists: bool | None) -> None:
        assert list(keep_objects(SET, replace(running(SET), storage_class_exists=exists))) == []


class TestBindings:
    """A right that is not asked for any more is taken back."""

    BOUND = wanted(3, rbac={"clusterRole": "view"})

    def test_are_made_when_asked_for(self) -> None:
        observed = without(running(self.BOUND), ("RoleBinding", "mongo"))
        assert applied(self.BOUND, observed) == [("RoleBinding", "mongo")]

    def test_are_left_alone_as_they_are(self) -> None:
        assert list(remove_bindings(self.BOUND, running(self.BOUND))) == []

    def test_are_removed_when_not_asked_for(self) -> None:
        assert only(remove_bindings(SET, running(self.BOUND))) == Remove(
            "RoleBinding", "mongo", "uid-RoleBinding-mongo"
        )

    def test_to_another_role_are_removed_first(self) -> None:
        """Kubernetes lets no binding change its role."""
        desired = wanted(3, rbac={"clusterRole": "edit"})
        observed = running(self.BOUND)
        assert only(remove_bindings(desired, observed)).name == "mongo"
        assert ("RoleBinding", "mongo") not in applied(desired, observed)

    def test_of_an_earlier_set_are_replaced(self) -> None:
        """Rule 88: the ServiceAccount of this name is another one now."""
        desired = wanted(3, rbac={"clusterRole": "view", "clusterWide": True})
        observed = running(desired)
        key = ("ClusterRoleBinding", "mongors:default:mongo")
        raw = observed.objects[key]
        marks = {**raw["metadata"]["labels"], labels.OWNER_UID: "uid-older"}
        older = {**raw, "metadata": {**raw["metadata"], "labels": marks}}
        observed = replace(observed, objects={**observed.objects, key: older})
        assert only(remove_bindings(desired, observed)).name == key[1]
