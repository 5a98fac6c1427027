"""The set's ServiceAccount and, when asked for, its binding to a ClusterRole."""

from typing import Any

from mongors.api.spec import Rbac
from mongors.desired.manifest import Manifest, manifest
from mongors.desired.names import Names

_RBAC = "rbac.authorization.k8s.io/v1"


def service_account(metadata: dict[str, Any]) -> Manifest:
    """The pods' identity; no token is mounted unless a role is bound to it."""
    return manifest("v1", "ServiceAccount", metadata, {"automountServiceAccountToken": False})


def role_binding(metadata: dict[str, Any], names: Names, rbac: Rbac) -> Manifest:
    """The ClusterRole, bound in the set's namespace or, when asked, in the whole cluster."""
    kind = "ClusterRoleBinding" if rbac.cluster_wide else "RoleBinding"
    return manifest(
        _RBAC,
        kind,
        metadata,
        {
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": rbac.cluster_role,
            },
            "subjects": [
                {"kind": "ServiceAccount", "name": names.name, "namespace": names.namespace}
            ],
        },
    )
