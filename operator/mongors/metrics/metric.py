"""What a metric is: name, kind, labels, and what it tells. Pure data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """How the values of a metric move."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One metric as it is documented and exported."""

    name: str
    kind: Kind
    tells: str
    """One sentence for the exposition and for the page of all metrics."""
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram's buckets, in the unit that the name ends with."""

    @property
    def is_of_a_set(self) -> bool:
        """Whether it tells of one set, or of one of its members."""
        return self.labels[:2] == SET


class Sample(NamedTuple):
    """One value of a metric; the values of its labels in the metric's order."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


SET = ("namespace", "name")
MEMBER = (*SET, "pod")

LABELS = {
    "namespace": "The namespace of the set.",
    "name": "The name of the set.",
    "pod": "The pod of the member.",
    "version": "Of `mongors_build_info` the operator's, of a set that of mongod.",
    "feature_compatibility_version": "The featureCompatibilityVersion of the data.",
    "type": "The type of a condition, such as `Ready`.",
    "status": "The status of a condition: `True`, `False` or `Unknown`.",
    "state": "The state of a member in MongoDB's words, such as `PRIMARY`.",
    "outcome": "What became of a pass or an action; see below.",
    "action": "The kind of an action, such as `Evict`.",
    "verb": "What was asked of the API server, in the words of RBAC.",
    "resource": "The resource as a Role names it, such as `pods/eviction`.",
    "code": "The HTTP status of the answer; `none` when there was none.",
}
"""Every label that there is. Each has few values, but for those that name a set or a member."""
