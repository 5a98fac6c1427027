"""Everything wrong that a manifest can say, and what its author must be told.

Both judges are put to the same list: the API server in `test_bad_input.py`, and the operator's own
parser in `unit/api/test_bad_input.py`. The ids name the line of the reliability bar.
"""

from e2e.bad_configuration import CONFIGURATION
from e2e.bad_members import MEMBER_OPTIONS, SETTINGS
from e2e.wrong import (
    GOOD,
    OUR_UNKNOWN,
    OUR_WHOLE,
    REMOVED,
    UNKNOWN,
    WHOLE,
    BadInput,
    Manifest,
    edited,
    several,
)

__all__ = ["ALL", "GOOD", "REMOVED", "WITHIN_SPEC", "BadInput", "Manifest", "edited"]

_OWN_LABEL = "podLabels cannot set"
_REQUEST = {"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}

NAMES = (
    BadInput("B12", "metadata.name", "m" * 51, "at most 50 characters"),
    BadInput("B13", "metadata.name", "a.b", "must be one DNS label that starts with a letter"),
    BadInput("B14", "metadata.name", "123", "starts with a letter"),
    BadInput("B14", "metadata.name", "1mongo", "starts with a letter"),
    BadInput("B14", "metadata.name", "Mongo", "lower-case"),
)

MEMBERS = (
    BadInput("B2", "spec.members", 0, "at least 1 member; to rest the operator use paused"),
    BadInput("B3", "spec.members", -1, "at least 1 member"),
    BadInput("B3", "spec.members", 1.5, WHOLE, OUR_WHOLE),
    BadInput("B3", "spec.members", "3", WHOLE, OUR_WHOLE),
    BadInput("B4", "spec.members", 51, "at most 50 members"),
)

REPLICA_SET_NAMES = (
    *several(
        "B16",
        "spec.replicaSetName",
        ("rs 0", "'rs0'", 'rs"0', "rs$0", "rs/0", "rs,0", "rs?0", "rs0\n", "rs\0", "", "rś0"),
        "use letters, digits, '-' and '_' only",
    ),
    BadInput("B16", "spec.replicaSetName", "r" * 65, "Too long", "at most 64 characters"),
)

VERSIONS = (
    BadInput("B18", "spec.version", "latest", "must name one exact release"),
    *several(
        "B19",
        "spec.version",
        ("6", "6.0", "6.0.x", "v6.0.5", "6.0.5; rm -rf /", "6.0.5-rc1", "6.0.5\n", "", "^6.0.5"),
        "must name one exact release",
    ),
    BadInput("B19", "spec.version", "6" * 17, "Too long", "must name one exact release"),
    BadInput("B20", "spec.version", 6, "put the version in quotes", "put it in quotes"),
    BadInput("B20", "spec.version", 7.3, "must be of type", "put it in quotes"),
    *several("B21", "spec.version", ("3.6.23", "4.2.24", "99.0.0"), "is not supported; use a"),
    *several("B22", "spec.version", ("7.3.4", "5.1.0", "8.2.1"), "rapid releases"),
)

IMAGES = (
    BadInput("B26", "spec.version", REMOVED, "spec.version: Required", "version: is required"),
    *several(
        "B27",
        "spec.image",
        ("mongo :6", "mongo;rm", "mongo:$(id)", "", "MONGO:6", "mongo:6\n", "mongo:", "-mongo"),
        "must be an image reference",
    ),
    BadInput("B27", "spec.image", "m" * 513, "Too long", "at most 512 characters"),
    BadInput("B27", "spec.imagePullPolicy", "Sometimes", "supported values", "must be one of"),
)

STORAGE = (
    BadInput("B32", "spec.storage", REMOVED, "spec.storage: Required", "storage: is required"),
    BadInput("B32", "spec.storage.size", REMOVED, "storage.size: Required", "size: is required"),
    BadInput("B32", "spec.storage.size", "0", "at least 1Gi"),
    BadInput("B32", "spec.storage.size", "-1Gi", "at least 1Gi", "must be an amount"),
    BadInput("B32", "spec.storage.size", "ten", "with a unit, such as 10Gi", "amount"),
    BadInput("B32", "spec.storage.size", "1Gii", "with a unit, such as 10Gi", "amount"),
    BadInput("B32", "spec.storage.size", "", "with a unit, such as 10Gi", "amount"),
    BadInput("B32", "spec.storage.size", 10, "must carry a unit", "at least 1Gi"),
    BadInput("B32", "spec.storage.size", 1.5, "must be of type", "amount"),
    *several("B33", "spec.storage.size", ("1Mi", "1023Mi", "10", "1G"), "at least 1Gi"),
    BadInput("B35", "spec.storage.className", "Fast Disk", "must be the name of an object"),
    BadInput("B38", "spec.storage.emptyDir", {}, UNKNOWN, OUR_UNKNOWN),
    BadInput("storage", "spec.storage.claimName", "Data", "must be one DNS label"),
    BadInput("storage", "spec.storage.claimName", "a.b", "must be one DNS label"),
    BadInput(
        "storage",
        "spec.storage",
        {"size": "2Gi", "class": {"provisioner": "example.com/disk"}},
        "class needs className beside it",
    ),
    BadInput("storage", "spec.storage.class", {}, "provisioner: Required", "is required"),
    BadInput(
        "storage",
        "spec.storage.class",
        {"provisioner": "example.com/disk", "volumeBindingMode": "Later"},
        "supported values",
        "must be one of",
    ),
)

RESOURCES = (
    BadInput("B39", "spec.resources", {"limits": {"memory": "64Mi"}}, "at least 256Mi"),
    BadInput("B40", "spec.resources", _REQUEST, "a request exceeds its limit"),
    BadInput(
        "B40",
        "spec.resources",
        {"requests": {"memory": "1025Mi"}, "limits": {"memory": "1Gi"}},
        "a request exceeds its limit",
    ),
    BadInput("resources", "spec.resources", {"limits": {"cpu": "lots"}}, "must be an amount"),
    BadInput("resources", "spec.resources", {"requests": {"cpu": "-1"}}, "must be an amount"),
    BadInput("resources", "spec.resources", {"requests": {"mem": "1Gi"}}, "unknown resource"),
)

PODS = (
    BadInput("labels", "spec.podLabels", {"app.kubernetes.io/instance": "x"}, _OWN_LABEL),
    BadInput("labels", "spec.podLabels", {"app.kubernetes.io/name": "x"}, _OWN_LABEL),
    BadInput("labels", "spec.podLabels", {"app.kubernetes.io/managed-by": "x"}, _OWN_LABEL),
    BadInput("labels", "spec.podLabels", {"mongors.io/role": "primary"}, _OWN_LABEL),
    BadInput("labels", "spec.podLabels", {"a b": "x"}, "a key has up to 63"),
    BadInput("labels", "spec.podLabels", {"role": "a b"}, "a label value has"),
    BadInput("annotations", "spec.podAnnotations", {"mongors.io/x": "y"}, "choose other keys"),
    BadInput(
        "B89", "spec.terminationGracePeriodSeconds", 0, "terminationGracePeriodSeconds must be"
    ),
    BadInput("B89", "spec.terminationGracePeriodSeconds", 29, "at least 30"),
    BadInput("B89", "spec.terminationGracePeriodSeconds", 86401, "at most 86400"),
    BadInput("pods", "spec.tolerations", [{"operator": "Near"}], "supported values", "one of"),
    BadInput("pods", "spec.tolerations", [{"effect": "NoExecute"}], "it needs operator Exists"),
    BadInput(
        "pods",
        "spec.tolerations",
        [{"key": "a", "operator": "Exists", "value": "b"}],
        "operator Exists takes no value",
    ),
    BadInput(
        "pods",
        "spec.tolerations",
        [{"key": "a", "tolerationSeconds": 5}],
        "tolerationSeconds needs effect NoExecute",
    ),
    BadInput("pods", "spec.nodeSelector", {"zone": 1}, "must be of type string", "be text"),
    BadInput("pods", "spec.affinity", "near", "must be of type object", "must be a map"),
    BadInput("pods", "spec.priorityClassName", "Very High", "must be the name of an object"),
    BadInput("pods", "spec.paused", "yes", "must be of type boolean", "must be true or false"),
    BadInput("pods", "spec.deletionPolicy", "Keep", "supported values", "must be one of"),
    BadInput("pods", "spec.approval", "manual", "supported values", "must be one of"),
    BadInput("rbac", "spec.rbac", {}, "clusterRole: Required", "is required"),
    BadInput("rbac", "spec.rbac.clusterRole", "a/b", "must be the name of a ClusterRole"),
    *several(
        "B100",
        "spec.clusterDomain",
        ("Cluster Local", "cluster.local.", ".", "", "-a.b"),
        "must be a DNS domain",
    ),
)

STRAY_FIELDS = (
    BadInput("B70", "spec.password", "secret", UNKNOWN, OUR_UNKNOWN),
    BadInput("B87", "spec.podTemplate", {"spec": {}}, UNKNOWN, OUR_UNKNOWN),
    BadInput("B88", "spec.hostNetwork", True, UNKNOWN, OUR_UNKNOWN),
    BadInput("B91", "spec.replicas", 5, UNKNOWN, OUR_UNKNOWN),
    BadInput(
        "B92",
        "spec.imagePullSecrets",
        [{"name": "registry", "namespace": "other"}],
        UNKNOWN,
        OUR_UNKNOWN,
    ),
    BadInput("B93", "spec.memebers", 3, UNKNOWN, "did you mean members?"),
    BadInput("B93", "spec.storage.sizze", "2Gi", UNKNOWN, "did you mean size?"),
    BadInput(
        "B94",
        "spec.podLabels",
        {f"label-{number}": "x" for number in range(33)},
        "must have at most 32 items",
        "at most 32 entries",
    ),
    BadInput(
        "B94",
        "spec.imagePullSecrets",
        [{"name": f"registry-{number}"} for number in range(17)],
        "must have at most 16 items",
        "at most 16 entries",
    ),
)

WITHIN_SPEC = (
    *MEMBERS,
    *REPLICA_SET_NAMES,
    *VERSIONS,
    *IMAGES,
    *STORAGE,
    *RESOURCES,
    *PODS,
    *MEMBER_OPTIONS,
    *SETTINGS,
    *CONFIGURATION,
    *STRAY_FIELDS,
)
ALL = (*NAMES, *WITHIN_SPEC)
