"""The dashboard of the chart: its panels, and their queries as Prometheus takes them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from e2e.own import ROOT

FILE = ROOT / "deploy/chart/mongors/files/dashboard.json"


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a panel: the expression, and the text of its legend with labels in braces."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel, where it stands on a grid of 24 columns, and what it shows."""

    title: str
    kind: str
    x: int
    y: int
    width: int
    height: int
    unit: str
    queries: tuple[Query, ...]


def panels(namespace: str = ".*", name: str = ".*") -> Iterator[Panel]:
    """All panels, for these sets."""
    for raw in json.loads(FILE.read_text())["panels"]:
        at = raw["gridPos"]
        queries = tuple(
            Query(_filled(each["expr"], namespace, name), each.get("legendFormat") or "")
            for each in raw.get("targets") or ()
        )
        unit = _defaults(raw).get("unit") or ""
        yield Panel(
            raw["title"], raw["type"], at["x"], at["y"], at["w"], at["h"], unit, queries
        )  # fmt: skip


def _filled(expression: str, namespace: str, name: str) -> str:
    return expression.replace("$namespace", namespace).replace("$name", name)


def _defaults(raw: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = raw.get("fieldConfig", {}).get("defaults", {})
    return defaults
