"""The whole of what should exist for one set, in one value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mongors.api.spec import MongoReplicaSet, MongoReplicaSetSpec
from mongors.desired import access, disruption, labels, secrets, services, storage
from mongors.desired.manifest import Manifest, owner_reference, stamped
from mongors.desired.members import WantedMember, wanted_members
from mongors.desired.names import Names
from mongors.desired.secrets import Data, SecretKind
from mongors.desired.statefulset import statefulset

_NEVER = datetime.max.replace(tzinfo=UTC)
"""Stands for a date that is not known: every claim then counts as older, and may hold data."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What one custom resource asks for."""

    names: Names
    uid: str
    generation: int
    created: datetime
    """When the resource was made; a claim that is older may hold data."""
    spec: MongoReplicaSetSpec
    members: tuple[WantedMember, ...]

    @classmethod
    def of(cls, cluster: MongoReplicaSet) -> "Desired":
        """Work it out from the custom resource alone."""
        spec, metadata = cluster.spec, cluster.metadata
        names = Names(
            metadata.namespace, metadata.name, spec.cluster_domain, spec.storage.claim_name
        )
        return cls(
            names=names,
            uid=metadata.uid,
            generation=metadata.generation,
            created=metadata.creation_timestamp or _NEVER,
            spec=spec,
            members=wanted_members(names, spec.members, spec.member_options),
        )

    @property
    def hosts(self) -> tuple[str, ...]:
        """The wanted members' hosts, in ordinal order."""
        return tuple(member.host for member in self.members)

    @property
    def claim_templates(self) -> tuple[Manifest, ...]:
        """The claim templates of a StatefulSet that does not exist yet."""
        marks = {**self.spec.pod_labels, **labels.common(self.names.name)}
        return (storage.claim_template(self.spec.storage, marks),)

    @property
    def keeps_secrets(self) -> bool:
        """Whether keys and passwords outlive the set, as its volumes do."""
        return self.spec.deletion_policy.value == "Retain"

    def storage_class(self) -> Manifest | None:
        """The StorageClass to make when there is none of its name."""
        return storage.storage_class(self.spec.storage, {labels.MANAGED_BY: "mongors"})

    def fixed(self) -> Iterator[Manifest]:
        """The objects that depend on nothing but the custom resource."""
        name = self.names.name
        yield stamped(access.service_account(self.metadata(name)))
        if self.spec.rbac is not None:
            yield stamped(access.role_binding(self._binding_metadata(), self.names, self.spec.rbac))
        yield stamped(services.headless(self.metadata(name), name))
        for service, role in (
            (self.names.primary, labels.Role.PRIMARY),
            (self.names.read, labels.Role.SECONDARY),
        ):
            yield stamped(services.for_role(self.metadata(service), name, role))
        yield stamped(disruption.budget(self.metadata(name), name))

    def statefulset(self, replicas: int, claim_templates: Sequence[Manifest]) -> Manifest:
        """The StatefulSet with so many pods."""
        metadata = self.metadata(self.names.name)
        return stamped(statefulset(metadata, self.names, self.spec, replicas, claim_templates))

    def secret(
        self,
        kind: SecretKind,
        random: Data,
        annotations: dict[str, str],
        leaving: tuple[str, ...] = (),
    ) -> Manifest:
        """One of the set's Secrets around its generated values.

        Applications are told of members that are to leave for as long as they serve.
        """
        data = {
            SecretKind.KEYFILE: lambda: {"keyfile": random["keyfile"]},
            SecretKind.OPERATOR: lambda: secrets.operator_data(random),
            SecretKind.CONNECTION: lambda: secrets.connection_data(
                self.names, self.spec.replica_set_name, (*self.hosts, *leaving), random
            ),
        }[kind]()
        metadata = self.metadata("", owned=not self.keeps_secrets)
        if annotations:
            metadata["annotations"] = annotations
        return stamped(secrets.secret(kind, metadata, self.names, data))

    def metadata(self, name: str, *, owned: bool = True) -> dict[str, Any]:
        """Name, labels and owner of a namespaced object."""
        result: dict[str, Any] = {
            "name": name,
            "namespace": self.names.namespace,
            "labels": labels.common(self.names.name),
        }
        if owned:
            result["ownerReferences"] = [owner_reference(self.names.name, self.uid)]
        return result

    def _binding_metadata(self) -> dict[str, Any]:
        if self.spec.rbac is None or not self.spec.rbac.cluster_wide:
            return self.metadata(self.names.name)
        # A cluster-wide object cannot be owned by a namespaced one: the uid is kept as a label.
        marks = {**labels.common(self.names.name), labels.OWNER_UID: self.uid}
        return {"name": self.names.cluster_binding, "labels": marks}
