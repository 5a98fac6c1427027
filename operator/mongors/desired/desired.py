"""The whole of what should exist for one set, in one value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from mongors.api.spec import MongoReplicaSet, MongoReplicaSetSpec
from mongors.desired import access, disruption, exporter, labels, secrets, services, storage
from mongors.desired.asked import Asked
from mongors.desired.configuration import mongod_conf, set_parameters
from mongors.desired.manifest import Manifest, owner_reference, stamped
from mongors.desired.members import WantedMember, wanted_members
from mongors.desired.names import Names
from mongors.desired.secrets import Data, SecretKind
from mongors.desired.statefulset import statefulset
from mongors.desired.template import template

_NEVER = datetime.max.replace(tzinfo=UTC)
"""Stands for a date that is not known: every claim then counts as older, and may hold data."""


@dataclass(frozen=True)
class Desired:
    """What one custom resource asks for."""

    names: Names
    uid: str
    generation: int
    created: datetime
    """When the resource was made; a claim that is older may hold data."""
    spec: MongoReplicaSetSpec
    asked: Asked
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
            asked=Asked.of(metadata.annotations),
            members=wanted_members(names, spec.members, spec.member_options),
        )

    @cached_property
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

    @cached_property
    def template(self) -> str:
        """The digest of the pod template: what a pod carries that needs no restart."""
        made = template(self.names, self.spec, self.asked.restart)
        return str(made["metadata"]["annotations"][labels.TEMPLATE])

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the replica-set configuration, in the server's own names."""
        return self.spec.settings.to_wire()

    @cached_property
    def configuration(self) -> str:
        """The members' mongod.conf."""
        return mongod_conf(self.spec.configuration)

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The server parameters that the configuration sets."""
        return set_parameters(self.spec.configuration)

    def statefulset(
        self, replicas: int, claim_templates: Sequence[Manifest], key_digest: str | None = None
    ) -> Manifest:
        """The StatefulSet with so many pods, and with the digest of the key that they are given."""
        metadata = self.metadata(self.names.name)
        if key_digest is not None:
            metadata["annotations"] = {labels.KEY_DIGEST: key_digest}
        restart = self.asked.restart
        return stamped(
            statefulset(metadata, self.names, self.spec, replicas, claim_templates, restart)
        )

    def exporter(self, ordinals: Iterable[int], password: str) -> Manifest:
        """The Deployment that exports the metrics of these members.

        Of the password, which its pod takes from the Secret, only a digest stands in it.
        """
        metadata = self.metadata(self.names.exporter)
        digest = secrets.digest_of_secret(password, self.uid)
        return stamped(exporter.deployment(metadata, self.names, self.spec, ordinals, digest))

    def secret(
        self,
        kind: SecretKind,
        random: Data,
        annotations: dict[str, str],
        leaving: tuple[str, ...] = (),
        held: Iterable[str] = (),
    ) -> Manifest:
        """One of the set's Secrets around its generated values.

        Applications are told of members that are to leave for as long as they serve. Pods in
        `held` stop at the start gate even when they have data.
        """
        data = {
            SecretKind.KEYFILE: lambda: secrets.keyfile_data(random, held),
            SecretKind.OPERATOR: lambda: secrets.operator_data(random, self.spec.monitoring),
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
