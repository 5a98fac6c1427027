"""The StorageClass, made when it is absent, and the claim template."""

from typing import Any

from mongors.api.spec import Storage
from mongors.desired.manifest import Manifest, manifest


def storage_class(storage: Storage, labels: dict[str, str]) -> Manifest | None:
    """The class to make if there is none of this name; once it exists it is left alone."""
    wanted = storage.class_
    if wanted is None or storage.class_name is None:
        return None
    body = {
        "provisioner": wanted.provisioner,
        "parameters": dict(wanted.parameters),
        "reclaimPolicy": wanted.reclaim_policy,
        "allowVolumeExpansion": wanted.allow_volume_expansion,
        "volumeBindingMode": wanted.volume_binding_mode,
        "mountOptions": list(wanted.mount_options),
    }
    given = {key: value for key, value in body.items() if value not in (None, {}, [])}
    metadata = {"name": storage.class_name, "labels": labels}
    return manifest("storage.k8s.io/v1", "StorageClass", metadata, given)


def claim_template(storage: Storage, labels: dict[str, str]) -> dict[str, Any]:
    """The template of the members' volume claims."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage.size}},
    }
    if storage.class_name is not None:
        spec["storageClassName"] = storage.class_name
    return {"metadata": {"name": storage.claim_name, "labels": labels}, "spec": spec}
