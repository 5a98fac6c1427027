"""Whatever the documentation names exists: annotations, conditions, fields, values, commands."""

import re

import click
import pytest

from docs import known
from docs.markdown import DOCS, ROOT, Page, pages
from mongors.cli.app import COMMANDS, program

PAGES = [*pages(), Page(ROOT / "README.md"), Page(ROOT / "CONTRIBUTING.md")]
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page) for page in PAGES])

_FIELD = re.compile(r"(?<![\w.{/])\.?((?:spec|status)(?:\.[a-zA-Z]+(?:\[\])?)+)(?![\w/])")
_VALUE = re.compile(r"^[a-z][A-Za-z]*(?:\.[A-Za-z]+)+(?==|$)")
_SET = re.compile(r"--set ([A-Za-z.]+)=")
_MONGORS = re.compile(r"kubectl[ -]mongors((?:[ \t]+[^\s`;|>#]+)*)")


@each_page
def test_mark_exists(page: Page) -> None:
    named = set(re.findall(r"mongors\.io/[a-z0-9-]*[a-z0-9]", page.text))
    assert named - known.MARKS == set()


@each_page
def test_condition_exists(page: Page) -> None:
    waited = re.findall(r"--for=condition=(\w+)(?:=\w+)?", page.text)
    said = re.findall(r"\b([A-Z]\w+)=(?:True|False|Unknown)\b", page.text)
    assert {*waited, *said} - known.TYPES - {"Established"} == set()


@each_page
def test_word_of_several_capitals_exists(page: Page) -> None:
    named = {each for each in page.code if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", each)}
    assert named - known.WORDS - known.alerts() == set()


@each_page
def test_field_exists(page: Page) -> None:
    named = {found for found in _FIELD.findall(page.text) if "(" not in found}
    others = {"status.phase"}  # of a pod
    assert {each for each in named if not known.is_field(each)} - others == set()


@each_page
def test_value_of_the_chart_exists(page: Page) -> None:
    given = set(_SET.findall(page.text))
    assert given - known.chart_values() == set()


@each_page
def test_dotted_name_is_a_value_or_a_field(page: Page) -> None:
    """A name such as `metrics.rules.enabled` begins with a value of the chart or with a field."""
    values = known.chart_values()
    named = {found[0] for each in page.code if (found := _VALUE.match(each))}
    ours = {each for each in named if each.partition(".")[0] in values}
    others = {each for each in ours if each.endswith(".md")}
    assert {each for each in ours - values - others if not known.is_field(f"spec.{each}")} == set()


@each_page
def test_metric_exists(page: Page) -> None:
    named = {each for each in page.code if re.fullmatch(r"mongors_\w+", each)}
    assert named - known.METRICS == set()


@each_page
def test_variable_exists(page: Page) -> None:
    named = set(re.findall(r"\bMONGORS_[A-Z_]+", page.text))
    assert named - known.VARIABLES == set()


@each_page
def test_command_of_the_plugin_exists_with_its_options(page: Page) -> None:
    for words in _MONGORS.findall(page.text):
        first, *rest = words.split() or [""]
        if not re.fullmatch(r"[a-z]+", first) or first not in COMMANDS:
            assert not _is_typed(page, words), f"kubectl mongors{words}"
            continue
        command = program.get_command(click.Context(program), first)
        assert command is not None
        options = {name for each in (*command.params, *program.params) for name in each.opts}
        options |= {name for each in command.params for name in each.secondary_opts}
        asked = {each.partition("=")[0] for each in rest if each.startswith("-")}
        assert asked - options == set(), f"kubectl mongors{words}"


def _is_typed(page: Page, words: str) -> bool:
    """Whether these words stand in a block that people copy."""
    return bool(words) and any(f"kubectl mongors{words}" in each.text for each in page.blocks)


@each_page
def test_file_that_is_named_exists(page: Page) -> None:
    named = re.findall(r"`((?:examples|deploy|docs|operator|tests|crds)/[\w./-]*)`", page.text)
    drawn_later = "docs/performance/"
    assert [each for each in named if each != drawn_later and not (ROOT / each).exists()] == []


def test_first_column_of_troubleshooting_is_what_the_code_says() -> None:
    """What Kubernetes or an application says itself stands under headings of its own."""
    text = Page(DOCS / "troubleshooting.md").text
    others = r"(?ms)^### Kubernetes' own words\n.*?(?=^##)|^## An application.*?(?=^##)"
    rows = re.findall(r"(?m)^\| (.+?) \| .+ \|$", re.sub(others, "", text))
    said = [quote for row in rows if "kubectl logs" not in row for quote in _quotes(row)]
    texts = known.sentences()
    assert len(said) > 60
    assert [each for each in said if not _is_said(each, texts)] == []


def _quotes(row: str) -> list[str]:
    return re.findall(r"`([^`]+)`", row)


def _is_said(quote: str, texts: frozenset[str]) -> bool:
    """Whether one text of the code has all parts of a quote; what is filled in may be anything."""
    parts = [part.strip(" ;:") for part in quote.split("…") if part.strip(" ;:")]
    return any(all(part in text for part in parts) for text in texts)
