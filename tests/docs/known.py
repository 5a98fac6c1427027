"""Every name that the documentation may use, taken from the code that gives it its meaning."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from docs import fields, marks
from docs.markdown import ROOT
from mongors.api.conditions import ConditionType
from mongors.api.identity import API_VERSION
from mongors.api.reasons import EventReason, Reason
from mongors.metrics.of_operator import OF_OPERATOR
from mongors.metrics.of_sets import OF_CANARIES, OF_MEMBERS, OF_SETS
from mongors.metrics.outcomes import ACTIONS
from mongors.settings import Settings, variable

CHART = ROOT / "deploy/chart/mongors"
PACKAGE = ROOT / "operator/mongors"
PREFIX = "mongors.io/"

FIELDS = frozenset(fields.paths())
FREE = ("spec.configuration", "spec.affinity", "spec.resources", "status.conditions")
"""Below these, others say what there is."""

MARKS = frozenset(key for key in marks.described() if key.startswith(PREFIX)) | {
    PREFIX + API_VERSION
}
"""Labels, annotations and conditions of ours."""

TYPES = frozenset(each.value for each in ConditionType)
METRICS = frozenset(each.name for each in (*OF_SETS, *OF_MEMBERS, *OF_CANARIES, *OF_OPERATOR))
VARIABLES = frozenset(variable(name) for name in Settings.model_fields)

KINDS = frozenset({
    *("ClusterRole", "ClusterRoleBinding", "RoleBinding", "ServiceAccount", "StorageClass"),
    *("StatefulSet", "PersistentVolumeClaim", "PodDisruptionBudget", "NetworkPolicy"),
    *("HorizontalPodAutoscaler", "ConfigMap", "ServiceMonitor", "PrometheusRule"),
    *("EndpointSlices", "MongoReplicaSet", "MongoDB", "MongoDBCommunity", "MongoDBMultiCluster"),
})  # fmt: skip
"""Of Kubernetes, of ours, and of other operators."""

VALUES = frozenset(fields.values()) | {"RuntimeDefault"}

WORDS = TYPES | KINDS | VALUES | {each.value for each in (*Reason, *EventReason)} | set(ACTIONS)
"""Whatever may be written in one word with several capitals."""


def alerts() -> frozenset[str]:
    """The alerts of the chart."""
    groups = yaml.safe_load((CHART / "files/alerts.yaml").read_text())["groups"]
    return frozenset(rule["alert"] for group in groups for rule in group["rules"])


def chart_values() -> frozenset[str]:
    """Every value of the chart by its path, such as `metrics.rules.enabled`."""
    return frozenset(_paths(yaml.safe_load((CHART / "values.yaml").read_text())))


def _paths(tree: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield above + name
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{name}.")


def is_field(path: str) -> bool:
    """Whether there is such a field, or room for one."""
    bare = path.replace("[]", "")
    return bare in FIELDS or any(bare == each or bare.startswith(f"{each}.") for each in FREE)


def sentences() -> frozenset[str]:
    """Every text in the code; where a value is filled in stands an ellipsis."""
    trees = (ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py"))
    return frozenset(said for tree in trees for node in ast.walk(tree) if (said := _said(node)))


def _said(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return " ".join(text.replace("%s", "…").replace("%.1f", "…").split())
        case ast.JoinedStr(values=values):
            return "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in values)
        case _:
            return ""
