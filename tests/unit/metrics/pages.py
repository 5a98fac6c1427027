"""What is exported, read back as Prometheus reads it."""

from collections.abc import Mapping
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from mongors.metrics.figures import Figures
from mongors.metrics.snapshot import SetView, Snapshot, samples
from mongors.metrics.text import page_of
from mongors.observed.observed import Observed
from mongors.planning.plan import Plan
from mongors.planning.report import report
from unit.builders import resource, running, wanted

Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def values(page: str) -> Values:
    """Every sample of a page, by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def found(page: str, metric: str, /, **labels: str) -> dict[str, float]:
    """The samples of one metric that have these labels, by the values of their other labels."""
    return {
        "/".join(value for _, value in sorted(set(has) - set(labels.items()))): value
        for (each, has), value in values(page).items()
        if each == metric and set(labels.items()) <= set(has)
    }


def view(
    observed: Observed | None = None,
    figures: Figures | None = None,
    *,
    members: int = 3,
    metadata: Mapping[str, Any] | None = None,
    failures: int = 0,
    **spec: Any,
) -> SetView:
    """A set with the status that the operator would write of what it sees."""
    desired = wanted(members)
    status = report(desired, observed or running(desired), Plan(), ())
    raw = resource(members, **spec)
    raw = {**raw, "status": status.to_wire(), "metadata": {**raw["metadata"], **(metadata or {})}}
    return SetView(raw, figures or Figures(), failures)


def page(*views: SetView) -> str:
    """The page of these sets."""
    return page_of(samples(Snapshot(sets=views)))
