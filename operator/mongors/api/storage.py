"""The part of the spec that says where the members keep their data."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, WithJsonSchema

from mongors.api.base import ApiModel
from mongors.api.quantity import MAX_LENGTH, Quantity, amount
from mongors.api.rules import Rule, unchanging
from mongors.api.text import DnsLabel, OptionalObjectName

SMALLEST = "1Gi"
"""mongod's journal and its first files already take some hundred MiB."""

_PARSES = "type(self) == string && isQuantity(self)"
_BOTH_PARSE = f"{_PARSES} && type(oldSelf) == string && isQuantity(oldSelf)"
_COMPARED = "quantity(self).compareTo(quantity(oldSelf))"

NOT_A_SIZE = Rule(
    cel="type(self) != string || isQuantity(self)",
    message="size must be an amount with a unit, such as 10Gi",
)
NO_UNIT = Rule(
    cel="type(self) == string",
    message="size must carry a unit, such as 10Gi: a bare number would be a number of bytes",
)
TOO_SMALL = Rule(
    cel=f"!({_PARSES}) || quantity(self).compareTo(quantity('{SMALLEST}')) >= 0",
    message=f"size must be at least {SMALLEST}: mongod's own files do not fit into less",
    holds=lambda size: amount(size) >= amount(SMALLEST),
)
NEVER_SHRINKS = Rule(
    cel=f"!({_BOTH_PARSE}) || {_COMPARED} >= 0",
    message=(
        "size cannot shrink: volumes only grow. To use smaller volumes, make a new set and move "
        "the data into it"
    ),
)
StorageSize = Annotated[
    Quantity,
    WithJsonSchema({"x-kubernetes-int-or-string": True, "maxLength": MAX_LENGTH}),
    NO_UNIT,
    NOT_A_SIZE,
    TOO_SMALL,
    NEVER_SHRINKS,
]


class DeletionPolicy(StrEnum):
    """What becomes of claims and keys when the resource is deleted."""

    RETAIN = "Retain"
    DELETE = "Delete"


class ReclaimPolicy(StrEnum):
    """What becomes of a volume when its claim is deleted."""

    DELETE = "Delete"
    RETAIN = "Retain"


class VolumeBindingMode(StrEnum):
    """When a volume is chosen for a claim."""

    IMMEDIATE = "Immediate"
    WAIT_FOR_FIRST_CONSUMER = "WaitForFirstConsumer"


class StorageClassTemplate(ApiModel):
    """The StorageClass to make when the one that is named does not exist."""

    provisioner: str = Field(
        min_length=1,
        max_length=253,
        description="The program that makes the volumes, as its documentation names it.",
    )
    parameters: dict[
        Annotated[str, Field(max_length=253)], Annotated[str, Field(max_length=1024)]
    ] = Field(
        default_factory=dict,
        max_length=64,
        description="Settings handed to the provisioner; their meaning is its own.",
    )
    reclaim_policy: ReclaimPolicy = Field(
        default=ReclaimPolicy.DELETE,
        description="What becomes of a volume once its claim is deleted: Delete or Retain.",
    )
    allow_volume_expansion: bool = Field(
        default=False,
        strict=True,
        description="Whether volumes of this class may grow; the provisioner must be able to.",
    )
    volume_binding_mode: VolumeBindingMode = Field(
        default=VolumeBindingMode.WAIT_FOR_FIRST_CONSUMER,
        description=(
            "When a volume is chosen: WaitForFirstConsumer (once the pod has a node, so that "
            "zones fit) or Immediate."
        ),
    )
    mount_options: tuple[Annotated[str, Field(max_length=256)], ...] = Field(
        default=(),
        max_length=32,
        description="Options for mounting the volumes, such as noatime. They are not checked.",
    )


class Storage(ApiModel):
    """The volume that every member gets."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel=(
                "has(self.className) == has(oldSelf.className) "
                "&& (!has(self.className) || self.className == oldSelf.className)"
            ),
            message=(
                "className cannot be changed: the volumes exist already. To use another class, "
                "make a new set and move the data into it"
            ),
            path=".className",
        ),
        Rule(
            cel="!has(self.class) || (has(self.className) && self.className != '')",
            message="class needs className beside it: the name under which the class is made",
            holds=lambda storage: storage.class_ is None or bool(storage.class_name),
            path=".className",
        ),
    )

    size: StorageSize = Field(
        description=(
            "Size of each member's volume, such as 10Gi; at least 1Gi. It may grow, while the "
            "members run, where the StorageClass allows it; it never shrinks."
        )
    )
    class_name: OptionalObjectName | None = Field(
        default=None,
        description=(
            "Name of the StorageClass of the volumes. Left out: the cluster's default class. "
            "Empty text: no class, for volumes made by hand. Cannot be changed."
        ),
    )
    claim_name: Annotated[
        DnsLabel,
        unchanging("claimName cannot be changed: the members' claims carry it in their names"),
    ] = Field(
        default="data",
        description=(
            "First part of the names of the claims, which are claimName, the name of the set and "
            "the member's number, joined by '-'. Cannot be changed."
        ),
    )
    class_: StorageClassTemplate | None = Field(
        default=None,
        alias="class",
        description=(
            "Makes the StorageClass className when it does not exist. A class that exists is "
            "never changed and never deleted, so a later edit here has no effect on it."
        ),
    )
