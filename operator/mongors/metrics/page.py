"""The page of all metrics, made from what describes them: `python -m mongors.metrics.page`."""

import sys
from collections.abc import Iterable, Sequence

from mongors.metrics import of_operator, of_sets
from mongors.metrics.metric import LABELS, Metric
from mongors.metrics.outcomes import ACTIONS, ActionOutcome, PassOutcome

_BEGIN = """\
<!-- Made from operator/mongors/metrics by `make metrics`; edits here are lost. -->
# Metrics

The operator serves these under `/metrics` in the text format of Prometheus. The chart gives them a
port of their own, `metrics`, and switches them off with `metrics.enabled=false`; a process without
`MONGORS_METRICS_PORT` serves them beside `/healthz`. No metric carries a secret.

What belongs to a set is read from the operator's memory when Prometheus asks: a set that is deleted
is gone from the next scrape. Only the active operator tells of sets; one that stands by has
`mongors_leader` 0 and no sets. Everything is exported as the last look at a set found it; lags
are looked at about every ten seconds.

The labels `namespace` and `pod` name the set and its member, not the operator: let the scrape keep
them (`honorLabels: true`, as the chart's ServiceMonitor does), or they become `exported_…`.

One flag of the chart each, all off by default, for clusters that run the Prometheus operator and a
Grafana with a sidecar for dashboards:

| flag | what it makes |
|---|---|
| `metrics.serviceMonitor.enabled` | a Service and a ServiceMonitor |
| `metrics.podMonitor.enabled` | a PodMonitor for the exporters of sets |
| `metrics.rules.enabled` | a PrometheusRule with the alerts of [`runbooks.md`](runbooks.md) |
| `metrics.dashboard.enabled` | a ConfigMap with a dashboard |

At 1000 sets of three members a page has 46 000 values. To write it took 0.14 to 0.16 s of CPU time
on two busy cores, and 0.01 s more to compress it from 4.3 MB to 0.2 MB (`python -m bench.scrape`):
at a scrape every 30 s, some half a percent of a core. The passes go on meanwhile; only the snapshot
itself holds them, for about 0.01 s.
"""

_END = """\
The usual `process_…` metrics (CPU time, memory, open files, start) are there too, on Linux.
"""


def render() -> str:
    """Return the page, as it lies in docs/."""
    parts = [
        _BEGIN,
        "## Sets\n",
        _metrics(of_sets.OF_SETS),
        "## Members\n",
        _metrics(of_sets.OF_MEMBERS),
        "## Canaries\n",
        "Of sets with `spec.monitoring.canary.enabled` alone.\n",
        _metrics(of_sets.OF_CANARIES),
        "## The operator\n",
        _metrics(of_operator.OF_OPERATOR),
        _END,
        "## Labels\n",
        _table(("label", "what it tells"), ((f"`{each}`", LABELS[each]) for each in LABELS)),
        f"Actions: {', '.join(f'`{each}`' for each in ACTIONS)}.\n",
        "### Outcomes of passes\n",
        _table(("outcome", "what it means"), ((f"`{o}`", o.meaning) for o in PassOutcome)),
        "### Outcomes of actions\n",
        _table(("outcome", "what it means"), ((f"`{o}`", o.meaning) for o in ActionOutcome)),
    ]
    return "\n".join(parts)


def _metrics(metrics: Iterable[Metric]) -> str:
    return _table(
        ("metric", "kind", "labels", "what it tells"),
        ((f"`{each.name}`", each.kind.value, _labels(each), each.tells) for each in metrics),
    )


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{each}`" for each in metric.labels)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |\n"

    return line(heads) + "|" + "---|" * len(heads) + "\n" + "".join(line(row) for row in rows)


def main() -> None:
    """Print the page."""
    sys.stdout.write(render())


if __name__ == "__main__":
    main()
