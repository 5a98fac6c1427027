"""The objects of a hand-made replica set."""

from typing import Any, Literal

from e2e.sets import Raw

NAME = "plain"
IMAGE = "mongo:6.0.5"
QUIESCE_MS = 100
"""mongod's own 15 s would only lengthen every restart; the operator's members have the same."""

StartPolicy = Literal["OrderedReady", "Parallel"]


def service() -> Raw:
    """A headless Service that names pods before they are ready."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": {"app": NAME},
            "ports": [{"port": 27017}],
        },
    }


def budget() -> Raw:
    """A disruption budget of one."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": NAME},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": NAME}}},
    }


def statefulset(members: int, start: StartPolicy) -> Raw:
    """A StatefulSet of mongods without authentication."""
    arguments = ["mongod", "--replSet=rs0", "--bind_ip_all", "--dbpath=/data/db"]
    arguments.append(f"--setParameter=shutdownTimeoutMillisForSignaledShutdown={QUIESCE_MS}")
    container: Raw = {
        "name": "mongod",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": arguments,
        "volumeMounts": [{"name": "data", "mountPath": "/data/db"}],
        "readinessProbe": {"tcpSocket": {"port": 27017}, "periodSeconds": 1},
    }
    spread: Raw = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": NAME}},
    }
    claim: dict[str, Any] = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": NAME},
        "spec": {
            "serviceName": NAME,
            "replicas": members,
            "podManagementPolicy": start,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {
                "metadata": {"labels": {"app": NAME}},
                "spec": {"containers": [container], "topologySpreadConstraints": [spread]},
            },
            "volumeClaimTemplates": [claim],
        },
    }
