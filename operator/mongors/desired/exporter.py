"""mongod's own metrics: Percona's mongodb_exporter beside the members, never inside their pods.

A container in a member's pod would take the member out of service whenever it failed, and would
need a restart of every member to come, to change and to go.
"""

from collections.abc import Iterable
from typing import Any

from mongors.api.monitoring import Exporter
from mongors.api.spec import MongoReplicaSetSpec
from mongors.desired import labels
from mongors.desired.manifest import Manifest, manifest
from mongors.desired.names import PORT, Names
from mongors.desired.secrets import EXPORTER_PASSWORD, EXPORTER_USER

KIND = "Deployment"
"""The one kind of ours that nothing hangs on."""

FIRST_PORT = 9216
"""The exporter's usual port: of member 0; each has one of its own, as all share one address."""

IMAGE = "docker.io/percona/mongodb_exporter:0.47.1"
COLLECTORS = ("--collector.diagnosticdata", "--collector.replicasetstatus")
"""What it runs and collects unless the spec says otherwise."""

_USER_ID = 65535


def exporter_selector(instance: str) -> dict[str, str]:
    """The labels that find the exporter's pod: none by which people look for members."""
    return {
        labels.NAME: "mongodb-exporter",
        labels.COMPONENT: "exporter",
        labels.EXPORTER_OF: instance,
    }


def deployment(
    metadata: dict[str, Any],
    names: Names,
    spec: MongoReplicaSetSpec,
    ordinals: Iterable[int],
    password_digest: str,
) -> Manifest:
    """One pod, with a container for each of these members."""
    marks = exporter_selector(names.name)
    wanted = spec.monitoring.exporter
    template = {
        "metadata": {"labels": marks, "annotations": {labels.LOGIN_DIGEST: password_digest}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": _USER_ID,
                "runAsGroup": _USER_ID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [_container(names, wanted, each) for each in sorted(ordinals)],
            **_placement(spec),
        },
    }
    body = {"replicas": 1, "selector": {"matchLabels": marks}, "template": template}
    return manifest("apps/v1", KIND, metadata, {"spec": body})


def _container(names: Names, exporter: Exporter, ordinal: int) -> Manifest:
    port = FIRST_PORT + ordinal
    host = names.host(ordinal).removesuffix(f":{PORT}")
    password = {"name": names.operator, "key": EXPORTER_PASSWORD}
    return {
        "name": names.pod(ordinal),
        "image": exporter.image or IMAGE,
        "args": [f"--web.listen-address=:{port}", *(exporter.args or COLLECTORS)],
        "env": [
            {"name": "MONGODB_URI", "value": f"mongodb://{host}:{PORT}/?directConnection=true"},
            {"name": "MONGODB_USER", "value": EXPORTER_USER},
            {"name": "MONGODB_PASSWORD", "valueFrom": {"secretKeyRef": password}},
        ],
        "ports": [{"name": f"metrics-{ordinal}", "containerPort": port, "protocol": "TCP"}],
        **({"resources": exporter.resources.to_wire()} if exporter.resources else {}),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }


def _placement(spec: MongoReplicaSetSpec) -> Manifest:
    """Where members may run and be pulled from, the exporter may as well."""
    given: Manifest = {
        "nodeSelector": dict(spec.node_selector),
        "tolerations": [each.to_wire() for each in spec.tolerations],
        "imagePullSecrets": [each.to_wire() for each in spec.image_pull_secrets],
    }
    return {key: value for key, value in given.items() if value}
