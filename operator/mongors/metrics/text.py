"""The text format of Prometheus, for what is collected at a scrape. Pure.

The client library writes what it counted itself. For a value that is made for one scrape it would
build and sort a dict; at a thousand sets that is three quarters of the cost of a page.
"""

from collections.abc import Iterable

from mongors.metrics.metric import Metric, Sample

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def page_of(samples: Iterable[Sample]) -> str:
    """Write samples down; those of a metric stand together, after what it tells."""
    families = dict[Metric, list[str]]()
    for sample in samples:
        lines = families.get(sample.metric)
        if lines is None:
            lines = families[sample.metric] = [_head(sample.metric)]
        lines.append(_line(sample))
    return "".join("".join(lines) for lines in families.values())


def _head(metric: Metric) -> str:
    return f"# HELP {metric.name} {metric.tells}\n# TYPE {metric.name} {metric.kind.value}\n"


def _line(sample: Sample) -> str:
    metric, values, value = sample
    if not metric.labels:
        return f"{metric.name} {value}\n"
    labels = ",".join([f'{key}="{text}"' for key, text in zip(metric.labels, values, strict=True)])
    if labels.count('"') != 2 * len(values) or "\\" in labels or "\n" in labels:
        labels = ",".join(
            f'{key}="{text.translate(_ESCAPES)}"'
            for key, text in zip(metric.labels, values, strict=True)
        )
    return f"{metric.name}{{{labels}}} {value}\n"
