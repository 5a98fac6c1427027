"""One wrong value of a manifest, and the manifest in which all else is right."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

Manifest = dict[str, Any]

REMOVED: Final = object()
"""Stands for a field that is taken out."""

GOOD: Final[Manifest] = {
    "apiVersion": "mongors.io/v1alpha1",
    "kind": "MongoReplicaSet",
    "metadata": {"name": "mongo"},
    "spec": {
        "members": 3,
        "version": "6.0.5",
        "storage": {"size": "2Gi", "className": "fast"},
    },
}

WHOLE = "must be of type integer"
OUR_WHOLE = "must be a whole number"
UNKNOWN = "unknown field"
OUR_UNKNOWN = "is not a field of this resource"


@dataclass(frozen=True)
class BadInput:
    """One wrong value, what the API server says to it, and what our parser says if it differs."""

    line: str
    field: str
    value: Any
    says: str
    ours: str = ""

    @property
    def id(self) -> str:
        shown = "removed" if self.value is REMOVED else str(self.value)[:24]
        return f"{self.line} {self.field.removeprefix('spec.')}={shown}"

    @property
    def expected_of_us(self) -> str:
        return self.ours or self.says


def edited(manifest: Manifest, field: str, value: Any) -> Manifest:
    """Return a copy in which one field, written as a path with dots, has another value."""
    copy = deepcopy(manifest)
    *parents, last = field.split(".")
    place = copy
    for parent in parents:
        place = place.setdefault(parent, {})
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return copy


def several(line: str, field: str, values: tuple[Any, ...], says: str) -> tuple[BadInput, ...]:
    return tuple(BadInput(line, field, value, says) for value in values)
