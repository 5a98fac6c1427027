"""Draws the chart's dashboard of the operator that runs, from a real Prometheus.

Not as Grafana would paint it, but from the same panels and queries:

tests/cluster/cluster exec -- env PYTHONPATH=operator:tests \\
  .venv/bin/python -m docs.dashboard POD_IP:8081 MINUTES NAMESPACE
"""

import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter

from docs.markdown import DOCS
from e2e.panels import Panel, Query, panels
from e2e.prometheus import ALERTS, Prometheus, prometheus

TARGET = DOCS / "pictures" / "dashboard.svg"
COLUMNS = 24
INCHES = (0.55, 0.42)
"""Of a column, and of a row of the grid."""
STEP_SECONDS = 5
_LABEL = re.compile(r"\{\{(\w+)\}\}")

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "mongors"
mpl.rcParams["font.size"] = 7


def legend(query: Query, labels: dict[str, str]) -> str:
    """The name of a line."""
    return _LABEL.sub(lambda found: labels.get(found[1], ""), query.legend)


def draw_lines(axes: Axes, panel: Panel, running: Prometheus, since: float) -> None:
    """Values over time, a line for each series."""
    for query in panel.queries:
        over = {"start": str(since), "end": str(time.time()), "step": str(STEP_SECONDS)}
        for series in running.ask("query_range", query=query.expression, **over)["result"]:
            times = [datetime.fromtimestamp(at, UTC) for at, _ in series["values"]]
            values = [float(value) for _, value in series["values"]]
            axes.plot(times, values, linewidth=1, label=legend(query, series["metric"]))  # type: ignore[arg-type]
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M"))  # type: ignore[no-untyped-call]
    axes.set_ylabel(panel.unit if panel.unit != "short" else "")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.lines:
        axes.legend(frameon=False, fontsize=5, loc="upper left", ncols=2)


def draw_number(axes: Axes, panel: Panel, running: Prometheus) -> None:
    """One large value, or the name of what there is."""
    axes.axis("off")
    found = [
        (each["value"][1], legend(query, each["metric"]))
        for query in panel.queries
        for each in running.samples(query.expression)
    ]
    said = ", ".join(name or value for value, name in found)
    axes.text(0.5, 0.4, said, ha="center", va="center", fontsize=16)


def draw_table(axes: Axes, panel: Panel, running: Prometheus) -> None:
    """A line for each set of labels, a column for each query."""
    rows = dict[tuple[str, ...], list[str]]()
    for at, query in enumerate(panel.queries):
        for each in running.samples(query.expression):
            key = tuple(value for _, value in sorted(each["metric"].items()))
            cells = rows.setdefault(key, [""] * len(panel.queries))
            cells[at] = each["value"][1]
    texts: list[list[Any]] = [[*key, *cells] for key, cells in sorted(rows.items())]
    axes.axis("off")
    if texts:
        axes.table(cellText=texts, loc="upper center", edges="horizontal")


def draw_panel(axes: Axes, panel: Panel, running: Prometheus, since: float) -> None:
    """One panel, by its kind."""
    axes.set_title(panel.title, loc="left", fontsize=8)
    if panel.kind == "timeseries":
        draw_lines(axes, panel, running, since)
    elif panel.kind == "stat":
        draw_number(axes, panel, running)
    else:
        draw_table(axes, panel, running)


def draw(running: Prometheus, since: float, namespace: str) -> None:
    """All panels in their places, on one sheet."""
    shown = list(panels(namespace))
    rows = max(each.y + each.height for each in shown)
    figure = plt.figure(figsize=(COLUMNS * INCHES[0], rows * INCHES[1]))
    grid = figure.add_gridspec(
        rows, COLUMNS, left=0.04, right=0.99, top=0.99, bottom=0.01, wspace=4, hspace=1
    )
    for panel in shown:
        if panel.kind == "row":
            axes = figure.add_subplot(grid[panel.y, :])
            axes.axis("off")
            axes.text(0, 0, panel.title, fontsize=11, fontweight="bold")
        else:
            place = grid[panel.y + 1 : panel.y + panel.height, panel.x : panel.x + panel.width]
            draw_panel(figure.add_subplot(place), panel, running, since)
    figure.savefig(TARGET, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Scrape for a while, then draw."""
    target, minutes, namespace = sys.argv[1:]
    with (
        tempfile.TemporaryDirectory() as folder,
        prometheus(Path(folder), [target], ALERTS, every="5s") as running,
    ):
        since = time.time()
        time.sleep(60 * float(minutes))
        draw(running, since, namespace)


if __name__ == "__main__":
    main()
