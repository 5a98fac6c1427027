"""Every metric is named by the conventions of Prometheus, described, and on the page."""

import re
from pathlib import Path

import pytest

from mongors.metrics import page
from mongors.metrics.metric import LABELS, MEMBER, SET, Kind, Metric
from mongors.metrics.of_operator import OF_OPERATOR
from mongors.metrics.of_sets import OF_CANARIES, OF_MEMBERS, OF_SETS

COMMITTED = Path(__file__).resolve().parents[3] / "docs/metrics.md"
ALL = (*OF_SETS, *OF_MEMBERS, *OF_CANARIES, *OF_OPERATOR)

each_metric = pytest.mark.parametrize("metric", ALL, ids=[metric.name for metric in ALL])


def test_committed_page_is_fresh() -> None:
    assert COMMITTED.read_text() == page.render(), "run make metrics"


def test_page_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    page.main()
    assert capsys.readouterr().out == page.render()


def test_no_name_is_given_twice() -> None:
    names = [metric.name for metric in ALL]
    assert len(names) == len(set(names))


@each_metric
def test_name_follows_the_conventions(metric: Metric) -> None:
    assert re.fullmatch(r"mongors(_[a-z]+)+", metric.name)
    assert (metric.kind is Kind.COUNTER) == metric.name.endswith("_total")
    assert (metric.kind is Kind.HISTOGRAM) == bool(metric.buckets)
    assert not re.search("(milli|minute|hour|percent|kilo|mega)", metric.name)
    if metric.kind is Kind.HISTOGRAM:
        assert metric.name.endswith("_seconds"), "buckets need a unit"
        assert list(metric.buckets) == sorted(metric.buckets)


@each_metric
def test_metric_is_described_in_one_sentence(metric: Metric) -> None:
    assert re.fullmatch(r"[A-Z0-9][^\n]*\.", metric.tells)
    assert f"| `{metric.name}` | {metric.kind.value} |" in COMMITTED.read_text()


@each_metric
def test_only_sets_and_members_are_named_by_labels_without_bound(metric: Metric) -> None:
    assert set(metric.labels) <= set(LABELS)
    assert not set(metric.labels) & set(MEMBER) or metric.is_of_a_set
    is_wished_for = metric in OF_CANARIES
    is_costly = metric.kind is Kind.HISTOGRAM and metric.is_of_a_set
    assert is_wished_for or not is_costly, "too many series"


def test_every_label_is_used() -> None:
    assert {label for metric in ALL for label in metric.labels} == set(LABELS)


def test_metrics_of_members_tell_of_which_set_they_are() -> None:
    assert MEMBER[: len(SET)] == SET
    assert all(metric.labels[:3] == MEMBER for metric in OF_MEMBERS)
    assert all(metric.labels[:2] == SET for metric in OF_SETS)
