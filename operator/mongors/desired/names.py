"""Every name of one set, in one place. A host name is made here and taken apart here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PORT = 27017

CLUSTER_WIDE = frozenset({"StorageClass", "ClusterRoleBinding"})
"""The kinds of ours that live in no namespace."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one set's objects and hosts, worked out from its own name."""

    namespace: str
    name: str
    cluster_domain: str = "cluster.local"
    claim_template: str = "data"

    @property
    def keyfile(self) -> str:
        """The Secret of the key that members prove themselves with."""
        return f"{self.name}-keyfile"

    @property
    def operator(self) -> str:
        """The Secret of the operator's own users."""
        return f"{self.name}-operator"

    @property
    def connection(self) -> str:
        """The Secret that an application binds to."""
        return f"{self.name}-connection"

    @property
    def primary(self) -> str:
        """The Service that leads to the primary."""
        return f"{self.name}-primary"

    @property
    def read(self) -> str:
        """The Service that leads to the secondaries."""
        return f"{self.name}-read"

    @property
    def exporter(self) -> str:
        """The Deployment that asks the members for their own metrics."""
        return f"{self.name}-exporter"

    @property
    def cluster_binding(self) -> str:
        """The ClusterRoleBinding; cluster-wide names need the namespace in them."""
        return f"mongors:{self.namespace}:{self.name}"

    @property
    def domain(self) -> str:
        """The DNS domain that the headless Service gives to the pods."""
        return f"{self.name}.{self.namespace}.svc.{self.cluster_domain}"

    def pod(self, ordinal: int) -> str:
        """The pod of a member."""
        return f"{self.name}-{ordinal}"

    def claim(self, ordinal: int) -> str:
        """The volume claim of a member."""
        return f"{self.claim_template}-{self.pod(ordinal)}"

    def host(self, ordinal: int) -> str:
        """A member's `host` in the replica-set configuration: a stable DNS name, never an IP."""
        return f"{self.pod(ordinal)}.{self.domain}:{PORT}"

    def ordinal_of_pod(self, pod: str) -> int | None:
        """The ordinal in a pod's name, or None for a name that is not this set's."""
        found = re.fullmatch(rf"{re.escape(self.name)}-(0|[1-9]\d*)", pod)
        return int(found[1]) if found else None

    def ordinal_of_claim(self, claim: str) -> int | None:
        """The ordinal in a claim's name, or None for a name that is not this set's."""
        found = re.fullmatch(rf"{re.escape(self.claim_template)}-(.+)", claim)
        return self.ordinal_of_pod(found[1]) if found else None

    def ordinal_of_host(self, host: str) -> int | None:
        """The ordinal in a member's `host`, or None for a host that is not this set's."""
        suffix = f".{self.domain}:{PORT}"
        return self.ordinal_of_pod(host.removesuffix(suffix)) if host.endswith(suffix) else None

    def include(self, hosts: Iterable[str]) -> bool:
        """Whether any of these hosts is this set's."""
        return any(self.ordinal_of_host(host) is not None for host in hosts)
