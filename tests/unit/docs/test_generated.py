"""What is generated in docs/ is fresh, whole, and says nothing that no code says."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from docs import fields, gaps, marks, reference, values, words
from docs.known import FIELDS, PACKAGE
from docs.markdown import DOCS, Page, table
from mongors.api.reasons import EventReason, Explained, Reason
from mongors.planning.report import phase_of

FIELDS_PAGE, WORDS_PAGE = fields.render(), words.render()

BESIDE = {"reasons.py", "ways_out.py", "waits.py"}
"""They list and explain reasons, and give none."""

SOURCES = [each.read_text() for each in PACKAGE.rglob("*.py") if each.name not in BESIDE]
SAID = {each for source in SOURCES for each in re.findall(r"\b\w*Reason\.[A-Z_]+\b", source)}


@pytest.mark.parametrize(
    ("path", "render"), reference.GENERATED.items(), ids=[p.stem for p in reference.GENERATED]
)
def test_committed_page_is_fresh(path: Path, render: Callable[[], str]) -> None:
    assert path.read_text() == render(), "run make reference"


def test_pages_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "GENERATED", {tmp_path / "page.md": lambda: "text"})
    reference.main()
    assert (tmp_path / "page.md").read_text() == "text"


@pytest.mark.parametrize("path", sorted(FIELDS - {"spec", "status"}))
def test_field_has_a_row_with_a_description(path: str) -> None:
    above, _, name = path.rpartition(".")
    if above.startswith(fields.FREE):
        return
    begin = rf"^### {re.escape(above)}(?:\[\])?\n"
    (section,) = re.findall(rf"(?ms){begin}(.*?)(?=^##|\Z)", FIELDS_PAGE)
    row = rf"(?m)^\| `{name}` \| [^|]+ \|[^|]*\| [A-Z0-9].*\. \|$"
    assert re.search(row, section), section


@pytest.mark.parametrize("word", [*Reason, *EventReason])
def test_word_is_on_the_page_exactly_if_some_code_says_it(word: Explained) -> None:
    says = f"{type(word).__name__}.{word.name}"
    is_said = says in SAID
    assert is_said is (word not in words.UNTOLD)
    assert not is_said or f"| `{word}` | {word.meaning} |" in WORDS_PAGE


def test_every_mark_is_described() -> None:
    keys = re.findall(r': Final = "([^"]+)"', (PACKAGE / "desired/labels.py").read_text())
    assert set(keys) == set(marks.described())


def test_every_value_of_the_chart_says_what_it_is() -> None:
    known = values.described()
    assert len(known) > 40
    assert [each.name for each in known if each.default is not None and not each.said] == []


def test_phases_are_those_that_the_code_knows() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", Page(DOCS / "how-to/monitor.md").text, re.MULTILINE)
    source = inspect.getsource(phase_of)
    assert listed
    assert set(listed) == set(re.findall(r'"(\w+)"', source))


def test_measured_times_are_found_under_the_names_of_the_scenarios() -> None:
    known = gaps.measured()
    assert len(known) > 40
    assert all(re.fullmatch(r"\d+(\.\d+)?", each) for each in known.values())


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a", "b"), [("1|2", "x\ny")]) == "| a | b |\n| --- | --- |\n| 1\\|2 | x y |\n"
