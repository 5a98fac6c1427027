"""The parts of the spec about images and rights: what the pods may fetch and may do."""

from enum import StrEnum

from pydantic import Field

from mongors.api.base import ApiModel
from mongors.api.text import ObjectName, RoleName


class ImagePullPolicy(StrEnum):
    """When the kubelet fetches the image."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


class LocalObjectReference(ApiModel):
    """An object in the namespace of the set."""

    name: ObjectName = Field(description="Name of the object, in the namespace of the set.")


class Rbac(ApiModel):
    """A ClusterRole for the ServiceAccount of the pods."""

    cluster_role: RoleName = Field(
        description="Name of the ClusterRole that the set's own ServiceAccount is given."
    )
    cluster_wide: bool = Field(
        default=False,
        strict=True,
        description=(
            "Whether the role holds in the whole cluster and not only in the namespace of the "
            "set. It works only where the operator is installed with the right to do so."
        ),
    )
