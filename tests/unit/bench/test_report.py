"""Tables and charts of what was measured."""

from pathlib import Path

import pytest

from bench import charts, report
from bench.record import Figure, Record, lines, read, table

PAGE = "words\n\n<!-- scale -->\nold\n<!-- end -->\nmore\n"


def figures(
    metric: str, *values: float, counts: tuple[int, ...] = (1, 10, 100, 1000)
) -> list[Figure]:
    return [
        Figure("scale", "mongors", f"{count:4} sets", metric, value, "s")
        for count, value in zip(counts, values, strict=True)
    ]


def test_a_part_is_exchanged_and_the_words_stay() -> None:
    done = report.filled(PAGE, "scale", "new\nlines")
    assert done == PAGE.replace("old", "new\nlines")
    assert report.filled(done, "scale", "old") == PAGE


def test_a_part_that_the_page_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="births"):
        report.filled(PAGE, "births", "new")


def test_growth_is_judged_from_ten_sets_on() -> None:
    written = report._wide(list(lines(figures("time", 5, 1, 10, 100))))
    assert "| time (s) | 5 | 1 | 10 | 100 | n^1.00 |" in written
    square = report._wide(list(lines(figures("time", 5, 1, 100, 10000))))
    assert "n^2.00" in square


def test_ratios_are_to_the_floor_of_the_same_case() -> None:
    rounds = [("script", 2.0), ("script", 4.0), ("mongors", 6.0)]
    found = [Figure("birth", name, "3 members", "ready", value) for name, value in rounds]
    written = table(found, floor="script")
    assert "| 3 members | ready | script | 3.00 s | 2.00 | 4.00 | 2 | 1.00 |" in written
    assert "| 3 members | ready | mongors | 6.00 s | 6.00 | 6.00 | 1 | 2.00 |" in written


def test_equal_figures_make_equal_charts(tmp_path: Path) -> None:
    found = list(lines(figures("time", 5, 1, 10, 100)))
    for name in ("one.svg", "two.svg"):
        charts.growth(tmp_path / name, "title", found, "s")
        charts.bars(tmp_path / f"bars-{name}", "title", found, "s")
    assert (tmp_path / "one.svg").read_text() == (tmp_path / "two.svg").read_text()
    assert "<svg" in (tmp_path / "bars-one.svg").read_text()


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = figures("time", 1, 2, 3, 4)
    record = Record(tmp_path / "deep" / "file.csv")
    for each in written:
        record.add(each)
    assert read(tmp_path / "deep" / "file.csv") == written


def test_every_part_is_on_the_page() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    for name in report.PARTS:
        report.filled(page, name, "")
