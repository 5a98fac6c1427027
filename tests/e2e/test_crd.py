"""The definition on a real API server: explained, listed, scaled, defaulted, reported to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.bad_inputs import Manifest
from mongors.api.crd import definition
from mongors.api.quantity import canonical

from .conftest import Kubectl
from .rest import operator_at_rest

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("crd_installed", "alone")]

ROOT = Path(__file__).resolve().parents[2]
SMALLEST: Manifest = yaml.safe_load((ROOT / "examples/smallest.yaml").read_text())
MOMENT = "2026-01-02T03:04:05Z"


@pytest.fixture(scope="module")
def alone(kubectl: Kubectl) -> Iterator[None]:
    """No operator writes over what the tests report."""
    with operator_at_rest(kubectl):
        yield


def fields(schema: dict[str, Any], path: str) -> Iterator[str]:
    """List every field below a schema as `kubectl explain` names it."""
    inner = schema.get("items", schema)
    for name, part in inner.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from fields(part, f"{path}.{name}")


def schema() -> dict[str, Any]:
    (version,) = definition()["spec"]["versions"]
    whole: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return whole


def run(kubectl: Kubectl, *args: str, stdin: str | None = None) -> str:
    done = kubectl(*args, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def create(kubectl: Kubectl, namespace: str, name: str, **extra: Any) -> Manifest:
    manifest = SMALLEST | {"metadata": {"name": name}} | extra
    shown = run(kubectl, "create", "-f-", "-ojson", f"-n{namespace}", stdin=json.dumps(manifest))
    made: Manifest = json.loads(shown)
    return made


def report(kubectl: Kubectl, namespace: str, name: str, status: Manifest) -> Manifest:
    """Write a status as the operator does: by server-side apply, with strict validation."""
    manifest = {key: SMALLEST[key] for key in ("apiVersion", "kind")} | {
        "metadata": {"name": name},
        "status": status,
    }
    shown = run(
        kubectl,
        *("apply", "--server-side", "--subresource=status", "--validate=strict"),
        *("--field-manager=mongors", "-f-", "-ojson", f"-n{namespace}"),
        stdin=json.dumps(manifest),
    )
    written: Manifest = json.loads(shown)["status"]
    return written


@pytest.mark.parametrize("field", [*fields(schema(), "mongoreplicaset")])
def test_kubectl_explains_every_field(kubectl: Kubectl, field: str) -> None:
    explained = run(kubectl, "explain", field)

    _, _, description = explained.partition("DESCRIPTION:")
    assert description.strip()
    assert "<empty>" not in description


def test_columns_show_the_state_of_a_set(kubectl: Kubectl, namespace: str) -> None:
    create(kubectl, namespace, "columns")
    report(
        kubectl,
        namespace,
        "columns",
        {
            "ready": "2/3",
            "primary": "columns-1",
            "version": "6.0.5",
            "phase": "Joining",
            "featureCompatibilityVersion": "6.0",
            "votingMembers": 3,
            "plan": "waiting",
        },
    )

    heading, row = run(kubectl, "get", "mrs", "columns", f"-n{namespace}").splitlines()
    wide_heading, wide = run(
        kubectl, "get", "mrs", "columns", "-owide", f"-n{namespace}"
    ).splitlines()

    assert heading.split() == ["NAME", "READY", "PRIMARY", "VERSION", "PHASE", "AGE"]
    assert row.split()[:5] == ["columns", "2/3", "columns-1", "6.0.5", "Joining"]
    assert wide_heading.split()[6:] == ["FCV", "VOTERS", "PLAN"]
    assert wide.split()[6:] == ["6.0", "3", "waiting"]


def test_sets_are_listed_by_short_name_and_category(kubectl: Kubectl, namespace: str) -> None:
    create(kubectl, namespace, "listed")

    for name in ("mrs", "mongors", "mongoreplicasets"):
        listed = run(kubectl, "get", name, "-oname", f"-n{namespace}")
        assert "mongoreplicaset.mongors.io/listed" in listed


def test_scale_changes_the_members_and_shows_those_that_exist(
    kubectl: Kubectl, namespace: str
) -> None:
    create(kubectl, namespace, "scaled")
    report(kubectl, namespace, "scaled", {"members": 3, "selector": "app.kubernetes.io/instance=x"})

    run(kubectl, "scale", "mrs/scaled", "--replicas=5", f"-n{namespace}")

    kept = json.loads(run(kubectl, "get", "mrs", "scaled", "-ojson", f"-n{namespace}"))
    scale = json.loads(
        run(kubectl, "get", "mrs", "scaled", "--subresource=scale", "-ojson", f"-n{namespace}")
    )
    assert kept["spec"]["members"] == 5
    assert scale["spec"] == {"replicas": 5}
    assert scale["status"] == {"replicas": 3, "selector": "app.kubernetes.io/instance=x"}


def test_defaults_are_written_out(kubectl: Kubectl, namespace: str) -> None:
    made = create(
        kubectl,
        namespace,
        "defaults",
        spec={
            "version": "6.0.5",
            "storage": {"size": "2Gi", "className": "unused", "class": {"provisioner": "x"}},
            "rbac": {"clusterRole": "view"},
            "memberOptions": [{"member": 2, "priority": 2}],
        },
    )

    assert made["spec"] == {
        "members": 3,
        "version": "6.0.5",
        "imagePullPolicy": "IfNotPresent",
        "replicaSetName": "rs0",
        "storage": {
            "size": "2Gi",
            "className": "unused",
            "claimName": "data",
            "class": {
                "provisioner": "x",
                "reclaimPolicy": "Delete",
                "allowVolumeExpansion": False,
                "volumeBindingMode": "WaitForFirstConsumer",
            },
        },
        "rbac": {"clusterRole": "view", "clusterWide": False},
        "terminationGracePeriodSeconds": 60,
        "memberOptions": [{"member": 2, "priority": 2, "hidden": False, "delaySeconds": 0}],
        "settings": {
            "electionTimeoutMillis": 10000,
            "heartbeatIntervalMillis": 2000,
            "heartbeatTimeoutSecs": 10,
            "catchUpTimeoutMillis": -1,
            "chainingAllowed": True,
        },
        "defaultWriteConcern": "majority",
        "clusterDomain": "cluster.local",
        "deletionPolicy": "Retain",
        "approval": "Automatic",
        "monitoring": {
            "canary": {"enabled": False, "periodSeconds": 5},
            "exporter": {"enabled": False},
        },
        "paused": False,
    }


FREE = {
    "storage": {
        "engine": "wiredTiger",
        "wiredTiger": {"engineConfig": {"cacheSizeGB": 0.5, "journalCompressor": "zstd"}},
    },
    "net": {"maxIncomingConnections": 2000, "compression": {"compressors": "zstd"}},
    "operationProfiling": {"mode": "slowOp", "slowOpThresholdMs": 200},
    "replication": {"oplogSizeMB": 990, "enableMajorityReadConcern": True},
    "security": {"javascriptEnabled": False},
    "setParameter": {
        "ttlMonitorEnabled": False,
        "cursorTimeoutMillis": 60000,
        "logComponentVerbosity": {"query": {"verbosity": 1}},
    },
    "systemLog": {"component": {"replication": {"verbosity": 1}}},
}


def test_configuration_is_kept_as_it_is_written(kubectl: Kubectl, namespace: str) -> None:
    made = create(kubectl, namespace, "configured", spec=SMALLEST["spec"] | {"configuration": FREE})

    assert made["spec"]["configuration"] == FREE


def test_one_setting_leaves_the_others_at_their_defaults(kubectl: Kubectl, namespace: str) -> None:
    spec = SMALLEST["spec"] | {"settings": {"chainingAllowed": False}}

    made = create(kubectl, namespace, "unchained", spec=spec)

    assert made["spec"]["settings"] == {
        "electionTimeoutMillis": 10000,
        "heartbeatIntervalMillis": 2000,
        "heartbeatTimeoutSecs": 10,
        "catchUpTimeoutMillis": -1,
        "chainingAllowed": False,
    }


GOOD_OPTIONS: dict[str, list[Manifest]] = {
    "analytics": [{"member": 2, "hidden": True, "votes": 1, "tags": {"use": "analytics"}}],
    "delayed": [{"member": 2, "delaySeconds": 3600, "hidden": True, "priority": 0}],
    "preferred": [{"member": 0, "priority": 1000}, {"member": 1, "priority": 0.5}],
    "absent": [{"member": 9, "hidden": True}, {"member": 10, "votes": 0}],
    "one-left": [{"member": 0, "votes": 0}, {"member": 1, "hidden": True}],
}


@pytest.mark.parametrize("name", GOOD_OPTIONS)
def test_options_of_members_are_kept(kubectl: Kubectl, namespace: str, name: str) -> None:
    spec = SMALLEST["spec"] | {"memberOptions": GOOD_OPTIONS[name]}

    made = create(kubectl, namespace, name, spec=spec)

    defaults = {"hidden": False, "delaySeconds": 0}
    assert made["spec"]["memberOptions"] == [defaults | each for each in GOOD_OPTIONS[name]]


def test_scale_cannot_leave_only_members_that_are_never_primary(
    kubectl: Kubectl, namespace: str
) -> None:
    hidden = [{"member": member, "hidden": True} for member in (0, 1)]
    create(kubectl, namespace, "shrunk", spec=SMALLEST["spec"] | {"memberOptions": hidden})

    done = kubectl("scale", "mrs/shrunk", "--replicas=2", f"-n{namespace}")

    assert "at least one member must be able to become primary" in done.stderr


def test_status_in_a_manifest_is_ignored(kubectl: Kubectl, namespace: str) -> None:
    made = create(kubectl, namespace, "boast", status={"ready": "9/9"})

    assert "status" not in made


def test_every_status_field_is_kept(kubectl: Kubectl, namespace: str) -> None:
    create(kubectl, namespace, "full")
    status = filled(schema()["properties"]["status"])

    assert report(kubectl, namespace, "full", status) == status


def filled(part: dict[str, Any]) -> Any:
    """Make a value that has every field of a schema."""
    match part:
        case {"properties": properties}:
            return {name: filled(inner) for name, inner in properties.items()}
        case {"items": items}:
            return [filled(items)]
        case {"enum": [first, *_]}:
            return first
        case {"format": "date-time"}:
            return MOMENT
        case {"type": kind}:
            return {"boolean": True, "integer": 1, "number": 1}.get(kind, "text")


def test_condition_can_be_waited_for(kubectl: Kubectl, namespace: str) -> None:
    create(kubectl, namespace, "awaited")
    condition = {"type": "Ready", "status": "True", "reason": "AllMembersHealthy"}
    report(kubectl, namespace, "awaited", {"conditions": [condition | {"observedGeneration": 1}]})

    run(kubectl, "wait", "--for=condition=Ready", "mrs/awaited", "--timeout=5s", f"-n{namespace}")


def test_conditions_left_out_of_a_report_disappear(kubectl: Kubectl, namespace: str) -> None:
    create(kubectl, namespace, "quieter")
    ready = {"type": "Ready", "status": "True", "reason": "AllMembersHealthy"}
    stalled = {"type": "Stalled", "status": "True", "reason": "NameConflict"}
    report(kubectl, namespace, "quieter", {"conditions": [ready, stalled]})

    left = report(kubectl, namespace, "quieter", {"conditions": [ready]})

    assert [condition["type"] for condition in left["conditions"]] == ["Ready"]


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda p: p.stem
)
def test_example_is_accepted(kubectl: Kubectl, namespace: str, example: Path) -> None:
    manifest = yaml.safe_load(example.read_text())
    manifest["metadata"].pop("namespace", None)

    run(
        kubectl,
        *("create", "--dry-run=server", "--validate=strict", "-f-", f"-n{namespace}"),
        stdin=json.dumps(manifest),
    )


AMOUNTS = (
    *("0.5", "1000m", "1500m", "1.500", "1.5", "2.125", "2", "007", "+1", ".5", "12.345k", "1000k"),
    *("1024Mi", "1Gi", "0.5Gi", "1.5Gi", "1536Mi", "1000Ki", "2048", "1e3", "1E3", "1e4", "1E"),
    *("0", "00", "0Gi", "100u", "1500u", "0.0001", "0.00000000001", "1023Ki", "1.0005Ki"),
)


def test_amounts_are_spelled_as_the_api_server_does(kubectl: Kubectl, namespace: str) -> None:
    containers = [
        {
            "name": f"amount-{at}",
            "image": "none",
            "resources": {"requests": {"ephemeral-storage": amount}},
        }
        for at, amount in enumerate(AMOUNTS)
    ]
    labels = {"app": "amounts"}
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "amounts"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }

    shown = run(
        kubectl,
        *("create", "--dry-run=server", "-f-", "-ojson", f"-n{namespace}"),
        stdin=json.dumps(manifest),
    )

    spelled = [
        container["resources"]["requests"]["ephemeral-storage"]
        for container in json.loads(shown)["spec"]["template"]["spec"]["containers"]
    ]
    assert spelled == [canonical(amount) for amount in AMOUNTS]
