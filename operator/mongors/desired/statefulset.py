"""The StatefulSet, which makes the pods, and restarts none of them by itself."""

from collections.abc import Sequence
from typing import Any

from mongors.api.spec import MongoReplicaSetSpec
from mongors.desired import labels
from mongors.desired.manifest import Manifest, manifest
from mongors.desired.names import Names
from mongors.desired.template import template


def statefulset(
    metadata: dict[str, Any],
    names: Names,
    spec: MongoReplicaSetSpec,
    replicas: int,
    claim_templates: Sequence[Manifest],
    restart: str | None = None,
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
                "template": template(names, spec, restart),
                "volumeClaimTemplates": list(claim_templates),
            }
        },
    )
