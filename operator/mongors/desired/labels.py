"""Every label and annotation, in one place."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

NAME: Final = "app.kubernetes.io/name"
"""On every object: `mongodb`."""
INSTANCE: Final = "app.kubernetes.io/instance"
"""On every object: the name of the set."""
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
"""On every object: `mongors`."""
COMPONENT: Final = "app.kubernetes.io/component"
"""On the exporter's pod: `exporter`."""
ROLE: Final = "mongors.io/role"
"""On every pod: `primary`, `secondary` or `other`; the Services select by it."""
OWNER_UID: Final = "mongors.io/owner-uid"
"""On cluster-wide objects, which cannot carry an owner reference to a namespaced one."""

APPLIED: Final = "mongors.io/applied"
"""On every object: digest of the manifest last applied, to see that a field was given up."""
EMPTY_START: Final = "mongors.io/empty-start"
"""On a pod: permission for mongod to start over an empty data directory (the start gate)."""
PERMITTED_AT: Final = "mongors.io/permitted-at"
"""On a pod: when that permission was given, or given once more because its kubelet missed it."""
REPLICA_SET_ID: Final = "mongors.io/replica-set-id"
"""On the keyFile Secret: the identity of the data; a set that has one is never initiated again."""
HIGHEST_MEMBER_ID: Final = "mongors.io/highest-member-id"
"""On the keyFile Secret: the highest member `_id` ever used; an `_id` is never used twice."""
USERS_MADE: Final = "mongors.io/users-made"
"""On the keyFile Secret: which Secrets' users exist in the database."""

KEY_DIGEST: Final = "mongors.io/key-digest"
"""On the StatefulSet: digest of the keyFile that the members were made with."""
EXPORTER_OF: Final = "mongors.io/exporter-of"
"""On the exporter's pod: the name of the set."""
LOGIN_DIGEST: Final = "mongors.io/login-digest"
"""On the exporter's pod: digest of the password that it was started with."""
RECOVERY: Final = "mongors.io/recovery"
"""On the keyFile Secret: the confirmed recovery; members outside of the live set are wiped."""
FORCED: Final = "mongors.io/forced"
"""On the keyFile Secret, for ever: the configuration that was forced without a majority."""
PERHAPS_FORCED: Final = "mongors.io/perhaps-forced"
"""On the keyFile Secret, for ever: what was confirmed, and nobody saw whether it was forced."""
GIVEN_UP: Final = "mongors.io/given-up"
"""On the keyFile Secret: the replicaSetId of the data that a person has given up."""

TEMPLATE: Final = "mongors.io/template"
"""On every pod: digest of its template; live-settable server parameters are not part of it."""
CONFIGURATION: Final = "mongors.io/configuration"
"""On every pod: the mongod.conf that its mongod starts with."""
RESTART: Final = "mongors.io/restart"
"""On the resource, by people: a new value restarts the members one by one; copied to the pods."""
SWITCH_TO: Final = "mongors.io/primary"
"""On the resource, by people: the pod that shall become primary now."""
RECOVER: Final = "mongors.io/recover"
"""On the resource, by people: confirms the recovery from the loss of a majority."""
BEGIN_ANEW: Final = "mongors.io/begin-anew"
"""On the resource, by people: gives up lost data, and permits to begin with empty volumes."""
RESYNC: Final = "mongors.io/resync"
"""On the resource, by people: the member whose data are to be copied anew."""
APPROVED: Final = "mongors.io/approved"
"""On the resource, by people: the id of the disruptive plan that may run."""

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
