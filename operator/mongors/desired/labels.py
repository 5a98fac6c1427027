"""Every label and annotation, in one place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

NAME: Final = "app.kubernetes.io/name"
INSTANCE: Final = "app.kubernetes.io/instance"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
ROLE: Final = "mongors.io/role"
OWNER_UID: Final = "mongors.io/owner-uid"
"""On cluster-wide objects, which cannot carry an owner reference to a namespaced one."""

APPLIED: Final = "mongors.io/applied"
"""On every object: digest of the manifest last applied, to see that a field was given up."""
EMPTY_START: Final = "mongors.io/empty-start"
"""On a pod: permission for mongod to start over an empty data directory (the start gate)."""
REPLICA_SET_ID: Final = "mongors.io/replica-set-id"
"""On the keyFile Secret: the identity of the data; a set that has one is never initiated again."""
HIGHEST_MEMBER_ID: Final = "mongors.io/highest-member-id"
"""On the keyFile Secret: the highest member `_id` ever used; an `_id` is never used twice."""
USERS_MADE: Final = "mongors.io/users-made"
"""On the keyFile Secret: which Secrets' users exist in the database."""

IN_SERVICE: Final = "mongors.io/in-service"
"""Pod condition and readiness gate: True while the member is PRIMARY or SECONDARY."""


class Role(StrEnum):
    """The value of the role label."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    OTHER = "other"


def selector(instance: str) -> dict[str, str]:
    """The labels that find a set's pods; part of the StatefulSet, so never to change."""
    return {NAME: "mongodb", INSTANCE: instance}


def common(instance: str) -> dict[str, str]:
    """The labels on everything that belongs to a set."""
    return {**selector(instance), MANAGED_BY: "mongors"}


def are_ours(labels: Mapping[str, str], instance: str) -> bool:
    """Whether an object's labels say that it belongs to this set."""
    return labels.items() >= common(instance).items()
