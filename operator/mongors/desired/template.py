"""The pod template: the official image, unmodified, with one init container and no sidecar."""

from mongors.api.spec import MongoReplicaSetSpec
from mongors.desired import labels
from mongors.desired.configuration import mongod_conf, without_set_parameter_values
from mongors.desired.manifest import Manifest, digest_of
from mongors.desired.names import PORT, Names
from mongors.desired.start import IN_BASH, PREPARE, START, STOP, mongod_arguments

MONGOD_UID = 999
"""The user `mongodb` of the official image."""

_LOCKED_DOWN = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}


def template(names: Names, spec: MongoReplicaSetSpec, restart: str | None) -> Manifest:
    """The pod template; its digest changes when a member has to be restarted for it."""
    bare = _bare_template(names, spec, restart)
    annotations = {
        **bare["metadata"]["annotations"],
        labels.TEMPLATE: digest_of([bare, _needing_restart(spec)]),
        labels.CONFIGURATION: mongod_conf(spec.configuration),
    }
    return {**bare, "metadata": {**bare["metadata"], "annotations": annotations}}


def _needing_restart(spec: MongoReplicaSetSpec) -> Manifest:
    """The configuration but for server parameters: many of those can be set while mongod runs."""
    tree = without_set_parameter_values(spec.configuration)
    return {key: value for key, value in tree.items() if key != "setParameter"}


def _bare_template(names: Names, spec: MongoReplicaSetSpec, restart: str | None) -> Manifest:
    return {
        "metadata": {
            "labels": {
                **spec.pod_labels,
                **labels.common(names.name),
                labels.ROLE: labels.Role.OTHER.value,
            },
            "annotations": {**spec.pod_annotations}
            | ({labels.RESTART: restart} if restart else {}),
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
        "command": ["sh", "-c", PREPARE],
        "env": [
            {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
            for name, path in (("POD_NAME", "metadata.name"), ("POD_UID", "metadata.uid"))
        ],
        "terminationMessagePolicy": "FallbackToLogsOnError",
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
        "command": ["sh", "-c", START, "mongod", *mongod_arguments(spec)],
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 - mongosh writes beside its home
        "ports": [{"name": "mongodb", "containerPort": PORT, "protocol": "TCP"}],
        **({"resources": spec.resources.to_wire()} if spec.resources else {}),
        "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", IN_BASH, STOP]}}},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": _LOCKED_DOWN,
        # A day of patience: recovery and index builds come before the port opens.
        "startupProbe": {**probe, "periodSeconds": 1, "failureThreshold": 86400},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 6},
        "readinessProbe": {**probe, "periodSeconds": 5, "failureThreshold": 3},
        "volumeMounts": [
            {"name": spec.storage.claim_name, "mountPath": "/data/db"},
            {"name": "keyfile", "mountPath": "/run/mongors"},
            {"name": "pod", "mountPath": "/etc/mongors/pod", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod's own
        ],
    }


def _volumes(names: Names) -> list[Manifest]:
    shown = {
        "annotations": "metadata.annotations",
        "mongod.conf": f"metadata.annotations['{labels.CONFIGURATION}']",
    }
    items = [{"path": path, "fieldRef": {"fieldPath": field}} for path, field in shown.items()]
    secret = [
        {"secret": {"name": names.keyfile, "optional": optional, "items": [{"key": k, "path": k}]}}
        for k, optional in (("keyfile", False), ("held", True))
    ]
    return [
        {"name": "keyfile-secret", "projected": {"sources": secret}},
        {"name": "keyfile", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
        {"name": "pod", "downwardAPI": {"items": items}},
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
