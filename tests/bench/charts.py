"""Charts of what was measured, as SVG: medians with the least and the most."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from bench.growth import sets_of
from bench.record import Line

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "mongors"
"""Equal figures make equal files."""

_WIDTH = 0.8
_SIZE = (8.0, 3.6)


def bars(target: Path, title: str, lines: Sequence[Line], unit: str) -> None:
    """A group of bars for each case, a bar for each contestant."""
    figure, axes = plt.subplots(figsize=_SIZE, layout="constrained")
    cases = sorted({each.case for each in lines})
    contestants = list(dict.fromkeys(each.contestant for each in lines))
    width = _WIDTH / len(contestants)
    for at, name in enumerate(contestants):
        mine = {each.case: each for each in lines if each.contestant == name}
        places = [cases.index(case) + (at - (len(contestants) - 1) / 2) * width for case in mine]
        medians = [each.median for each in mine.values()]
        below = [each.median - min(each.values) for each in mine.values()]
        above = [max(each.values) - each.median for each in mine.values()]
        axes.bar(places, medians, width * 0.95, yerr=[below, above], label=name, capsize=2)
    axes.set_xticks(range(len(cases)), cases)
    axes.set_ylabel(unit)
    axes.set_title(title, loc="left")
    axes.legend(frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, target)


def growth(target: Path, title: str, lines: Sequence[Line], unit: str) -> None:
    """A curve for each metric over the number of sets, both axes logarithmic."""
    figure, axes = plt.subplots(figsize=_SIZE, layout="constrained")
    for metric in dict.fromkeys(each.metric for each in lines):
        points = sorted((sets_of(each), each.median) for each in lines if each.metric == metric)
        axes.plot(*zip(*points, strict=True), marker="o", label=metric)
    axes.set(xscale="log", yscale="log", xlabel="sets of three members", ylabel=unit)
    axes.set_title(title, loc="left")
    axes.legend(frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, target)


def _save(figure: Figure, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None})
    plt.close(figure)
