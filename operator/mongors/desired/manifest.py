"""What all manifests share: identity, labels, owner, and the digest of what was applied."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mongors.desired import labels

Manifest = dict[str, Any]


def owner_reference(name: str, uid: str) -> Manifest:
    """The reference by which the garbage collector follows a set."""
    return {
        "apiVersion": "mongors.io/v1alpha1",
        "kind": "MongoReplicaSet",
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }


def manifest(
    api_version: str,
    kind: str,
    metadata: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
) -> Manifest:
    """One object to apply."""
    return {"apiVersion": api_version, "kind": kind, "metadata": dict(metadata), **(body or {})}


def stamped(applied: Manifest) -> Manifest:
    """The manifest with its own digest as an annotation; of a Secret's content, the keys alone."""
    body = {
        key: sorted(value) if key in ("data", "stringData") else value
        for key, value in applied.items()
    }
    metadata = applied["metadata"]
    annotations = {**metadata.get("annotations", {}), labels.APPLIED: digest_of(body)}
    return {**applied, "metadata": {**metadata, "annotations": annotations}}


def digest_of(value: Any) -> str:
    """A short digest of anything that JSON can say: 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
