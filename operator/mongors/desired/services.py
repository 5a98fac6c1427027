"""The three Services: one that names the members, one to the primary, one to the secondaries."""

from typing import Any

from mongors.desired import labels
from mongors.desired.manifest import Manifest, manifest
from mongors.desired.names import PORT

_PORTS = [
    {"name": "mongodb", "port": PORT, "targetPort": PORT, "protocol": "TCP"},
]


def headless(metadata: dict[str, Any], instance: str) -> Manifest:
    """The Service that gives each member its DNS name, ready or not.

    Members must find each other and themselves before any of them is in service. The port's name
    makes the SRV records that `mongodb+srv://` reads.
    """
    return manifest(
        "v1",
        "Service",
        metadata,
        {
            "spec": {
                "clusterIP": "None",
                "publishNotReadyAddresses": True,
                "selector": labels.selector(instance),
                "ports": _PORTS,
            }
        },
    )


def for_role(metadata: dict[str, Any], instance: str, role: labels.Role) -> Manifest:
    """A Service that follows a role: only members in service, wherever the role moves."""
    return manifest(
        "v1",
        "Service",
        metadata,
        {
            "spec": {
                "type": "ClusterIP",
                "selector": {**labels.selector(instance), labels.ROLE: role.value},
                "ports": _PORTS,
            }
        },
    )
