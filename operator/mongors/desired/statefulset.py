"""The StatefulSet: the official image, unmodified, with one init container and no sidecar."""

from collections.abc import Sequence
from typing import Any

from mongors.api.spec import MongoReplicaSetSpec
from mongors.api.version import major_of
from mongors.desired import labels
from mongors.desired.manifest import Manifest, manifest
from mongors.desired.names import PORT, Names

MONGOD_UID = 999
"""The user `mongodb` of the official image."""

_LOCKED_DOWN = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}

_PREPARE = """\
set -eu
trap 'exit 1' TERM
cp /etc/mongors/keyfile/keyfile /run/mongors/keyfile
chmod 0400 /run/mongors/keyfile
if [ -e /data/db/WiredTiger ]; then
  echo "The data directory holds data: mongod may start."
  exit 0
fi
echo "The data directory is empty: waiting for the operator to permit an empty start."
until grep -q "^mongors.io/empty-start=\\"$POD_UID\\"" /etc/mongors/pod/annotations; do
  sleep 0.1
done
echo "An empty start is permitted."
"""
"""Copies the keyFile to memory with the mode that mongod demands, and holds the start gate.

A volume with `fsGroup` shows the Secret with mode 0440, which mongod refuses. A member that has
lost its data still has its vote, and could elect a primary without the writes that it helped to
acknowledge: so an empty member starts only when the operator has judged that it may.
"""


def statefulset(
    metadata: dict[str, Any],
    names: Names,
    spec: MongoReplicaSetSpec,
    replicas: int,
    claim_templates: Sequence[Manifest],
) -> Manifest:
    """The StatefulSet with so many pods.

    Pods start in parallel, because readiness needs a majority; and restart only when the operator
    says so, because only it knows which of them is primary.
    """
    after_deletion = spec.deletion_policy.value
    return manifest(
        "apps/v1",
        "StatefulSet",
        metadata,
        {
            "spec": {
                "replicas": replicas,
                "serviceName": names.name,
                "podManagementPolicy": "Parallel",
                "updateStrategy": {"type": "OnDelete"},
                "persistentVolumeClaimRetentionPolicy": {
                    "whenDeleted": after_deletion,
                    "whenScaled": "Retain",
                },
                "selector": {"matchLabels": labels.selector(names.name)},
                "template": _template(names, spec),
                "volumeClaimTemplates": list(claim_templates),
            }
        },
    )


def _template(names: Names, spec: MongoReplicaSetSpec) -> Manifest:
    return {
        "metadata": {
            "labels": {
                **spec.pod_labels,
                **labels.common(names.name),
                labels.ROLE: labels.Role.OTHER.value,
            },
            "annotations": {**spec.pod_annotations},
        },
        "spec": {
            "serviceAccountName": names.name,
            "automountServiceAccountToken": spec.rbac is not None,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": spec.termination_grace_period_seconds,
            "readinessGates": [{"conditionType": labels.IN_SERVICE}],
            "securityContext": {
                "runAsUser": MONGOD_UID,
                "runAsGroup": MONGOD_UID,
                "fsGroup": MONGOD_UID,
                "fsGroupChangePolicy": "OnRootMismatch",
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "initContainers": [_prepare(spec)],
            "containers": [_mongod(spec)],
            "volumes": _volumes(names),
            **_placement(names, spec),
        },
    }


def _image(spec: MongoReplicaSetSpec) -> Manifest:
    return {"image": spec.mongod_image, "imagePullPolicy": spec.image_pull_policy}


def _prepare(spec: MongoReplicaSetSpec) -> Manifest:
    return {
        "name": "prepare",
        **_image(spec),
        "command": ["sh", "-c", _PREPARE],
        "env": [{"name": "POD_UID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}],
        "securityContext": _LOCKED_DOWN,
        "volumeMounts": [
            {"name": "keyfile-secret", "mountPath": "/etc/mongors/keyfile", "readOnly": True},
            {"name": "pod", "mountPath": "/etc/mongors/pod", "readOnly": True},
            {"name": "keyfile", "mountPath": "/run/mongors"},
            {"name": spec.storage.claim_name, "mountPath": "/data/db"},
        ],
    }


def _mongod(spec: MongoReplicaSetSpec) -> Manifest:
    probe = {"tcpSocket": {"port": PORT}, "timeoutSeconds": 5}
    return {
        "name": "mongod",
        **_image(spec),
        "command": ["mongod", *mongod_arguments(spec)],
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 - mongosh writes beside its home
        "ports": [{"name": "mongodb", "containerPort": PORT, "protocol": "TCP"}],
        **({"resources": spec.resources.to_wire()} if spec.resources else {}),
        "securityContext": _LOCKED_DOWN,
        # A day of patience: recovery and index builds come before the port opens.
        "startupProbe": {**probe, "periodSeconds": 1, "failureThreshold": 86400},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 6},
        "readinessProbe": {**probe, "periodSeconds": 5, "failureThreshold": 3},
        "volumeMounts": [
            {"name": spec.storage.claim_name, "mountPath": "/data/db"},
            {"name": "keyfile", "mountPath": "/run/mongors", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod's own
        ],
    }


def mongod_arguments(spec: MongoReplicaSetSpec) -> list[str]:
    """The command line; no secret is on it.

    From the first start on no login is possible without a password: the localhost exception is
    off. From 5.0 on a signalled mongod waits 15 s for its clients to leave; 100 ms are enough
    for drivers that retry, and each restart is 15 s shorter.
    """
    arguments = [
        f"--replSet={spec.replica_set_name}",
        "--dbpath=/data/db",
        "--bind_ip_all",
        f"--port={PORT}",
        "--keyFile=/run/mongors/keyfile",
        "--setParameter=enableLocalhostAuthBypass=false",
    ]
    if major_of(spec.version) >= (5, 0):
        arguments.append("--setParameter=shutdownTimeoutMillisForSignaledShutdown=100")
    return arguments


def _volumes(names: Names) -> list[Manifest]:
    annotations = {"path": "annotations", "fieldRef": {"fieldPath": "metadata.annotations"}}
    return [
        {
            "name": "keyfile-secret",
            "secret": {
                "secretName": names.keyfile,
                "items": [{"key": "keyfile", "path": "keyfile"}],
            },
        },
        {"name": "keyfile", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "pod", "downwardAPI": {"items": [annotations]}},
        {"name": "tmp", "emptyDir": {}},
    ]


def _placement(names: Names, spec: MongoReplicaSetSpec) -> Manifest:
    given: Manifest = {
        "nodeSelector": dict(spec.node_selector),
        "tolerations": [toleration.to_wire() for toleration in spec.tolerations],
        "affinity": dict(spec.affinity or {}),
        "topologySpreadConstraints": [dict(each) for each in spec.topology_spread_constraints]
        or _soft_spread(names),
        "priorityClassName": spec.priority_class_name,
        "imagePullSecrets": [secret.to_wire() for secret in spec.image_pull_secrets],
    }
    return {key: value for key, value in given.items() if value}


def _soft_spread(names: Names) -> list[Manifest]:
    return [
        {
            "topologyKey": key,
            "maxSkew": 1,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels.selector(names.name)},
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
