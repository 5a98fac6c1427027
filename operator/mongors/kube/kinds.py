"""The kinds that the operator deals with, and where the API server keeps them.

A table instead of discovery: no request at start, and what the operator can reach shows in one
place. The watched kinds are the ones that the store holds.
"""

from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object and its place in the API."""

    name: str
    group: str
    version: str
    plural: str
    namespaced: bool = True
    watched: bool = True

    @property
    def api_version(self) -> str:
        """The `apiVersion` that objects of the kind carry."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """The name that RBAC and kubectl know the kind by."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str | None, name: str = "", subresource: str = "") -> str:
        """Build the URL path of the collection, of one object or of its subresource."""
        parts = ["apis" if self.group else "api", *self.api_version.split("/")]
        if self.namespaced and namespace is not None:
            parts += ["namespaces", namespace]
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/" + "/".join(quote(part, safe="") for part in parts)


_ALL = (
    Kind("MongoReplicaSet", "mongors.io", "v1alpha1", "mongoreplicasets"),
    Kind("Pod", "", "v1", "pods"),
    Kind("Service", "", "v1", "services"),
    Kind("Secret", "", "v1", "secrets"),
    Kind("ServiceAccount", "", "v1", "serviceaccounts"),
    Kind("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims"),
    Kind("StatefulSet", "apps", "v1", "statefulsets"),
    Kind("Deployment", "apps", "v1", "deployments", watched=False),  # only if allowed
    Kind("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets"),
    Kind("RoleBinding", "rbac.authorization.k8s.io", "v1", "rolebindings"),
    Kind("EndpointSlice", "discovery.k8s.io", "v1", "endpointslices"),
    Kind("Node", "", "v1", "nodes", namespaced=False, watched=False),  # only if wanted and allowed
    Kind("Event", "events.k8s.io", "v1", "events", watched=False),
    Kind("Lease", "coordination.k8s.io", "v1", "leases", watched=False),
    Kind("StorageClass", "storage.k8s.io", "v1", "storageclasses", namespaced=False, watched=False),
    Kind(
        "SelfSubjectAccessReview",
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        namespaced=False,
        watched=False,
    ),
    Kind(
        "ClusterRoleBinding",
        "rbac.authorization.k8s.io",
        "v1",
        "clusterrolebindings",
        namespaced=False,
        watched=False,
    ),
)

KINDS = MappingProxyType({kind.name: kind for kind in _ALL})
WATCHED = tuple(kind for kind in _ALL if kind.watched)
