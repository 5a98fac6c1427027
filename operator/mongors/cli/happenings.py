"""Events of a set and of what belongs to it, as values. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongors.desired.names import Names

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One Event, and how often it was told."""

    at: datetime
    kind: str
    name: str
    reason: str
    note: str
    is_warning: bool = False
    count: int = 1

    def to_wire(self) -> dict[str, Any]:
        """The Event for programs."""
        return {
            "at": self.at.isoformat(),
            "about": f"{self.kind}/{self.name}",
            "type": "Warning" if self.is_warning else "Normal",
            "reason": self.reason,
            "note": self.note,
            "count": self.count,
        }


def happenings(raws: Iterable[Raw], names: Names) -> tuple[Happening, ...]:
    """The Events that concern a set, the oldest first."""
    told = (_of(raw) for raw in raws if _concerns(raw.get("regarding") or {}, names))
    return tuple(sorted((each for each in told if each is not None), key=lambda each: each.at))


def _concerns(regarding: Raw, names: Names) -> bool:
    kind, name = regarding.get("kind"), str(regarding.get("name", ""))
    match kind:
        case "Pod":
            return names.ordinal_of_pod(name) is not None
        case "PersistentVolumeClaim":
            return names.ordinal_of_claim(name) is not None
        case "MongoReplicaSet" | "StatefulSet" | "PodDisruptionBudget":
            return name == names.name
        case _:
            return False


def _of(raw: Raw) -> Happening | None:
    series, regarding = raw.get("series") or {}, raw.get("regarding") or {}
    moments = (
        series.get("lastObservedTime"),
        raw.get("deprecatedLastTimestamp"),
        raw.get("eventTime"),
        raw["metadata"].get("creationTimestamp"),
    )
    at = next(filter(None, moments), None)
    if at is None:
        return None
    return Happening(
        at=datetime.fromisoformat(at),
        kind=str(regarding.get("kind", "")),
        name=str(regarding.get("name", "")),
        reason=str(raw.get("reason", "")),
        note=" ".join(str(raw.get("note") or "").split()),
        is_warning=raw.get("type") == "Warning",
        count=int(series.get("count") or raw.get("deprecatedCount") or 1),
    )
