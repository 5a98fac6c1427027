"""Writes the tables and charts of docs/performance.md anew from the figures beside it.

    python -m bench.report

The page's words are written by hand; each part between `<!-- name -->` and `<!-- end -->` is
written here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench import aims, charts, circumstances
from bench.births import BEST, OPERATOR, whole
from bench.growth import exponent, sets_of
from bench.parts import PARTS as PARTS_OF_BIRTH
from bench.record import Line, lines, read, table, told

DOCS = Path(__file__).resolve().parents[2] / "docs"
FIGURES = DOCS / "performance"
PAGE = DOCS / "performance.md"


def filled(page: str, name: str, content: str) -> str:
    """The page with one part exchanged; one that it does not have is an error."""
    part = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    done, count = part.subn(lambda found: f"{found[1]}{content}\n{found[2]}", page)
    if count != 1:
        raise ValueError(f"the page has {count} parts {name!r}")
    return done


def births() -> str:
    """Time to ready."""
    figures = whole(FIGURES / "births.csv")
    found = list(lines(figures))
    running = [each for each in found if each.metric == "last Running to ready"]
    charts.bars(FIGURES / "births.svg", "Last pod Running to ready", running, "seconds")
    return table(figures, floor=BEST)


def parts() -> str:
    """What births are made of: medians, for the operator and the best script."""
    found = [each for each in lines(read(FIGURES / "births.csv")) if each.bench == "parts"]
    medians = {(each.case, each.contestant, each.metric): each.median for each in found}
    rows = [f"| case | contestant | {' | '.join(PARTS_OF_BIRTH)} |", "|---" * 6 + "|"]
    for case in sorted({each.case for each in found}):
        for name in (BEST, OPERATOR):
            cells = (f"{medians[case, name, part]:.2f} s" for part in PARTS_OF_BIRTH)
            rows.append(f"| {case} | {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def gaps(contest: str) -> Callable[[], str]:
    """One kind of primary change."""

    def written() -> str:
        figures = [each for each in read(FIGURES / "gaps.csv") if each.bench == contest]
        longest = [each for each in lines(figures) if each.metric == "longest gap"]
        name = f"{contest.replace(' ', '-')}.svg"
        charts.bars(FIGURES / name, f"Longest gap between writes: {contest}", longest, "seconds")
        floor = "hand-made set" if contest in {"kill", "drain"} else "bare step-down"
        return table(figures, floor=floor)

    return written


def scale() -> str:
    """One operator and many sets: a column for each number of them."""
    found = list(lines(read(FIGURES / "scale.csv")))
    for name, metrics in _CHARTS.items():
        mine = [each for each in found if each.metric in metrics]
        title, unit = metrics[mine[0].metric], mine[0].unit
        charts.growth(FIGURES / f"scale-{name}.svg", title, mine, unit)
    return _wide(found)


_CHARTS = {
    "cpu": dict.fromkeys(("idle, unasked, CPU", "idle, CPU"), "What rest costs"),
    "start": dict.fromkeys(("start, until the last first pass",), "From start to last first pass"),
    "memory": dict.fromkeys(("idle, memory",), "Resident memory"),
}


def _wide(found: Sequence[Line]) -> str:
    counts = sorted({sets_of(each) for each in found})
    head = "".join(f" {count} |" for count in counts)
    rows = [f"| sets of three members |{head} grows with |", "|---" * (len(counts) + 2) + "|"]
    for metric in dict.fromkeys(each.metric for each in found):
        mine = {sets_of(each): each for each in found if each.metric == metric}
        unit = next(iter(mine.values())).unit
        cells = "".join(f" {_number(mine.get(count))} |" for count in counts)
        rows.append(
            f"| {metric}{f' ({unit})' if unit else ''} |{cells} {_exponent(mine.values())} |"
        )
    return "\n".join(rows)


def _number(line: Line | None) -> str:
    return "" if line is None else told(line.median)


def _exponent(mine: Iterable[Line]) -> str:
    found = exponent(mine)
    return "" if found is None else f"n^{found:.2f}"


def all_aims() -> str:
    """Every aim, whichever bench measures it."""
    files = sorted({file for file, _ in PARTS.values() if (FIGURES / file).exists()})
    return aims.table([each for file in files for each in lines(read(FIGURES / file))])


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "births": ("births.csv", births),
    "parts": ("births.csv", parts),
    "hand over": ("gaps.csv", gaps("hand over")),
    "restart": ("gaps.csv", gaps("restart")),
    "kill": ("gaps.csv", gaps("kill")),
    "drain": ("gaps.csv", gaps("drain")),
    "scale": ("scale.csv", scale),
}


def main() -> None:
    """Write every part that there are figures for."""
    page = PAGE.read_text(encoding="utf-8")
    for name, (file, written) in PARTS.items():
        if (FIGURES / file).exists():
            page = filled(page, name, written())
    page = filled(page, "aims", all_aims())
    page = filled(page, "circumstances", circumstances.table(circumstances.noted()))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
