"""What was measured: a line of CSV for every figure, medians and ratios at the end."""

import csv
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one round."""

    bench: str
    contestant: str
    case: str
    """What else was varied, such as `3 members` or `8 writers, no retries`."""
    metric: str
    value: float
    unit: str = "s"


class Record:
    """Appends figures to a CSV file and prints them as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            self._append([each.name for each in fields(Figure)])

    def add(self, figure: Figure) -> None:
        """Note one figure."""
        self._append(list(astuple(figure)))
        said = f"{figure.bench:10} {figure.contestant:22} {figure.case:24} {figure.metric:28}"
        print(f"{said} {figure.value:8.2f} {figure.unit}", flush=True)

    def _append(self, cells: list[object] | list[str]) -> None:
        with self._path.open("a", encoding="utf-8", newline="") as out:
            csv.writer(out).writerow(cells)


def read(path: Path) -> list[Figure]:
    """Read all figures of a file."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [Figure(**{**row, "value": float(row["value"])}) for row in rows]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Line:
    """All rounds of one contestant in one case."""

    bench: str
    case: str
    metric: str
    contestant: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)


def lines(figures: Iterable[Figure]) -> Iterator[Line]:
    """Gather the figures of equal rounds."""
    gathered: dict[tuple[str, str, str, str, str], list[float]] = {}
    for each in figures:
        key = (each.bench, each.case, each.metric, each.contestant, each.unit)
        gathered.setdefault(key, []).append(each.value)
    for key, values in gathered.items():
        yield Line(*key, tuple(values))


def told(value: float) -> str:
    """A number in three digits, and never in powers of ten."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Iterable[Figure], *, floor: str) -> str:
    """Write a Markdown table; each contestant's ratio is to that of the name `floor`."""
    found = sorted(lines(figures), key=lambda each: (each.case, each.metric, each.contestant))
    floors = {(each.case, each.metric): each.median for each in found if each.contestant == floor}
    head = (
        "| case | metric | contestant | median | least | most | rounds | ratio |",
        "|---" * 8 + "|",
    )
    return "\n".join((*head, *(_row(each, floors.get((each.case, each.metric))) for each in found)))


def _row(line: Line, floor: float | None) -> str:
    ratio = f"{line.median / floor:.2f}" if floor else ""
    low, high = min(line.values), max(line.values)
    return (
        f"| {line.case} | {line.metric} | {line.contestant} | {line.median:.2f} {line.unit} "
        f"| {low:.2f} | {high:.2f} | {len(line.values)} | {ratio} |"
    )
