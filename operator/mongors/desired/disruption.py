"""The PodDisruptionBudget: the lock that keeps voluntary disruptions to one member at a time."""

from typing import Any

from mongors.desired import labels
from mongors.desired.manifest import Manifest, manifest


def budget(metadata: dict[str, Any], instance: str) -> Manifest:
    """At most one member away; a member in initial sync is not in service and counts as away."""
    return manifest(
        "policy/v1",
        "PodDisruptionBudget",
        metadata,
        {
            "spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": labels.selector(instance)},
            }
        },
    )
