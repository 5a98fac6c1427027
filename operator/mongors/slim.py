"""What of an object is worth its place in memory.

The record of who wrote which field is half of the bytes of any object, and of use to nobody here.
Most of a pod is its spec, which is that of its template: where it runs is all that is new. A node
is mostly a list of images, and says every few minutes that it is alive: of it, only what can
matter to the members on it is kept.
"""

from collections.abc import Mapping
from typing import Any

NODE_KIND = "Node"
POD_KIND = "Pod"

_POD_SPEC = ("nodeName",)

_NODE_LABELS = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
_NODE_METADATA = ("name", "uid", "resourceVersion", "deletionTimestamp")
_NODE_SPEC = ("unschedulable", "taints")
_CONDITION = ("type", "status", "reason")


def slim(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """Copy an object without what nobody looks at."""
    if obj.get("kind") == NODE_KIND:
        return _slim_node(obj)
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    if obj.get("kind") == POD_KIND:
        return {**obj, "metadata": metadata, "spec": _only(_POD_SPEC, obj.get("spec") or {})}
    return {**obj, "metadata": metadata}


def is_news(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether the newer of two slim states of an object can matter to anybody.

    Of a node there are newer states that differ in nothing that is kept.
    """
    return after.get("kind") != NODE_KIND or _facts(before) != _facts(after)


def _slim_node(node: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = node["metadata"]
    conditions = (node.get("status") or {}).get("conditions") or ()
    return {
        "apiVersion": node["apiVersion"],
        "kind": NODE_KIND,
        "metadata": {
            **_only(_NODE_METADATA, metadata),
            "labels": _only(_NODE_LABELS, metadata.get("labels") or {}),
        },
        "spec": _only(_NODE_SPEC, node.get("spec") or {}),
        "status": {
            "conditions": [_only(_CONDITION, c) for c in conditions if c["type"] == "Ready"]
        },
    }


def _only(keys: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: given[key] for key in keys if key in given}


def _facts(obj: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}
    return {**obj, "metadata": metadata}
