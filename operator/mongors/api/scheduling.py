"""The parts of the spec that shape the pods: where they run and what they carry."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field, WithJsonSchema

from mongors.api.base import ApiModel
from mongors.api.rules import Rule, matching_keys
from mongors.api.text import (
    QUALIFIED_NAME,
    AnnotationValue,
    LabelKey,
    LabelValue,
)

OWN_LABELS = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
)
OWN_PREFIX = "mongors.io/"

NOT_OUR_LABELS = Rule(
    cel=f"self.all(key, !(key in {list(OWN_LABELS)}) && !key.startsWith('{OWN_PREFIX}'))",
    message=(
        f"podLabels cannot set {', '.join(OWN_LABELS)} or anything under {OWN_PREFIX}: Services "
        "and budgets select the pods by them; choose other keys"
    ),
    holds=lambda labels: not any(key in OWN_LABELS or key.startswith(OWN_PREFIX) for key in labels),
)
NOT_OUR_ANNOTATIONS = Rule(
    cel=f"self.all(key, !key.startsWith('{OWN_PREFIX}'))",
    message=(
        f"podAnnotations cannot set anything under {OWN_PREFIX}: such annotations permit a member "
        "to start; choose other keys"
    ),
    holds=lambda annotations: not any(key.startswith(OWN_PREFIX) for key in annotations),
)
GOOD_KEYS = matching_keys(
    QUALIFIED_NAME,
    "a key has up to 63 letters, digits, '-', '_' and '.', and may follow a DNS domain and '/'",
)

PodLabels = Annotated[dict[LabelKey, LabelValue], Field(max_length=32), GOOD_KEYS, NOT_OUR_LABELS]
PodAnnotations = Annotated[
    dict[LabelKey, AnnotationValue], Field(max_length=32), GOOD_KEYS, NOT_OUR_ANNOTATIONS
]
NodeSelector = Annotated[dict[LabelKey, LabelValue], Field(max_length=32), GOOD_KEYS]
KubernetesObject = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
]
"""A value that Kubernetes defines and checks; its schema is left out to keep ours small."""


class TolerationOperator(StrEnum):
    """How a toleration compares."""

    EQUAL = "Equal"
    EXISTS = "Exists"


class TaintEffect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Toleration(ApiModel):
    """A taint that the pods put up with."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="!has(self.operator) || self.operator != 'Exists' || !has(self.value)",
            message="operator Exists takes no value: remove the value, or use operator Equal",
            holds=lambda toleration: (
                toleration.operator is not TolerationOperator.EXISTS or toleration.value is None
            ),
        ),
        Rule(
            cel="has(self.key) || (has(self.operator) && self.operator == 'Exists')",
            message="a toleration without key tolerates everything: it needs operator Exists",
            holds=lambda toleration: (
                toleration.key is not None or toleration.operator is TolerationOperator.EXISTS
            ),
        ),
        Rule(
            cel="!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
            message="tolerationSeconds needs effect NoExecute",
            holds=lambda toleration: (
                toleration.toleration_seconds is None or toleration.effect is TaintEffect.NO_EXECUTE
            ),
        ),
    )

    key: LabelKey | None = Field(
        default=None, description="Key of the taint. Left out: every key, with operator Exists."
    )
    operator: TolerationOperator | None = Field(
        default=None,
        description="Equal (the taint has this value; meant when left out) or Exists (any value).",
    )
    value: LabelValue | None = Field(
        default=None, description="Value of the taint, with operator Equal."
    )
    effect: TaintEffect | None = Field(
        default=None,
        description="Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute; none: all.",
    )
    toleration_seconds: Annotated[int, Field(strict=True)] | None = Field(
        default=None,
        description="How long a pod stays after a NoExecute taint appears; left out: for ever.",
    )
