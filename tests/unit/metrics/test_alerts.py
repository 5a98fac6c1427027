"""The alerts and the dashboard of the chart: made of metrics that exist, and explained."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mongors.api.conditions import ConditionStatus, ConditionType
from mongors.metrics.metric import LABELS, Kind, Metric
from mongors.metrics.of_operator import OF_OPERATOR
from mongors.metrics.of_sets import OF_CANARIES, OF_MEMBERS, OF_SETS
from mongors.metrics.outcomes import PassOutcome

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "deploy/chart/mongors/files"
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text()
METRICS = {metric.name: metric for metric in (*OF_SETS, *OF_MEMBERS, *OF_CANARIES, *OF_OPERATOR)}

WORDS = {
    "type": {each.value for each in ConditionType},
    "status": {each.value for each in ConditionStatus},
    "outcome": {each.value for each in PassOutcome},
}
"""Labels whose values are on a closed list."""

Rule = dict[str, Any]

GROUPS: list[dict[str, Any]] = yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"]
RULES: list[Rule] = [rule for group in GROUPS for rule in group["rules"]]
DASHBOARD: dict[str, Any] = json.loads((FILES / "dashboard.json").read_text())
PANELS: list[dict[str, Any]] = [each for each in DASHBOARD["panels"] if each["type"] != "row"]

each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
each_panel = pytest.mark.parametrize("panel", PANELS, ids=[each["title"] for each in PANELS])

_SERIES = re.compile(r"\b(mongors_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"')


def used(expression: str) -> list[tuple[str, dict[str, str]]]:
    """The series that an expression asks for: name and matchers."""
    return [(name, dict(_MATCHER.findall(found))) for name, found in _SERIES.findall(expression)]


def metric_of(series: str) -> Metric | None:
    """The metric that a series belongs to; a histogram has series of its own names."""
    for suffix in ("_bucket", "_sum", "_count"):
        found = METRICS.get(series.removesuffix(suffix))
        if series.endswith(suffix) and found is not None and found.kind is Kind.HISTOGRAM:
            return found
    found = METRICS.get(series)
    return None if found is None or found.kind is Kind.HISTOGRAM else found


def complaints(expression: str) -> list[str]:
    """What an expression asks for that there is not."""
    found = list[str]()
    for series, matchers in used(expression):
        metric = metric_of(series)
        if metric is None:
            found.append(f"no metric {series}")
            continue
        found += [f"{series} has no label {each}" for each in matchers.keys() - {*metric.labels}]
        found += [
            f"{label} is never {value}"
            for label, value in matchers.items()
            if value not in WORDS.get(label, {value})
        ]
    return found


def grouping(expression: str) -> set[str]:
    """The labels that an expression adds up or matches by."""
    lists = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    return {label.strip() for each in lists for label in each.split(",")}


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("mongors_nothing > 1", "no metric mongors_nothing"),
        ("mongors_pass_duration_seconds > 1", "no metric mongors_pass_duration_seconds"),
        ('mongors_leader{pod="x"}', "mongors_leader has no label pod"),
        ('mongors_replicaset_condition{type="Redy"}', "type is never Redy"),
    ],
)
def test_a_wrong_expression_is_found(expression: str, complaint: str) -> None:
    assert complaints(expression) == [complaint]


@each_rule
def test_alert_asks_for_metrics_that_exist(rule: Rule) -> None:
    assert used(rule["expr"])
    assert complaints(rule["expr"]) == []
    assert grouping(rule["expr"]) <= set(LABELS)


@each_rule
def test_alert_is_one_that_people_can_act_upon(rule: Rule) -> None:
    assert re.fullmatch(r"[1-9]\d*m", rule["for"])
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["description"].endswith(".")


@each_rule
def test_alert_tells_only_of_labels_that_it_has(rule: Rule) -> None:
    told = "".join(rule["annotations"].values())
    assert set(re.findall(r"\$labels\.(\w+)", told)) <= grouping(rule["expr"])


@each_rule
def test_alert_has_its_runbook(rule: Rule) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/runbooks.md", "the chart puts another place here if told to"
    assert anchor == rule["alert"].lower()
    assert f"\n## {rule['alert']}\n" in RUNBOOKS


def test_every_runbook_has_its_alert() -> None:
    assert re.findall(r"^## (\w+)$", RUNBOOKS, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_links_of_the_runbooks_lead_somewhere() -> None:
    headings = {
        page.name: {
            re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
        }
        for page in (ROOT / "docs").glob("*.md")
    }
    for page, anchor in re.findall(r"\]\(([\w.]*)#?([\w-]*)\)", RUNBOOKS):
        assert not anchor or anchor in headings[page or "runbooks.md"], (page, anchor)


def test_alerts_of_sets_outlive_a_restart_of_the_operator() -> None:
    """Whatever names the process that told goes; or each alert would begin its waiting anew."""
    (of_sets,) = (group for group in GROUPS if group["name"] == "mongors.sets")
    for rule in of_sets["rules"]:
        series = [metric_of(name) for name, _ in used(rule["expr"])]
        assert all(metric is not None and metric.is_of_a_set for metric in series)
        sums = len(re.findall(r"\b(?:max|sum) by \(namespace, name(?:, pod)?\)", rule["expr"]))
        assert sums == len(series)


EXPECTED = [
    (test["name"], case["alertname"], alert)
    for test in yaml.safe_load((ROOT / "tests/rules/alerts.yaml").read_text())["tests"]
    for case in test["alert_rule_test"]
    for alert in case["exp_alerts"] or [{}]
]


@pytest.mark.parametrize(("name", "alertname", "alert"), EXPECTED)
def test_what_is_expected_of_an_alert_is_what_it_says(
    name: str, alertname: str, alert: Rule
) -> None:
    """Of those who run promtool, nobody shall find that the two have drifted apart."""
    rule = next(rule for rule in RULES if rule["alert"] == alertname)
    if not alert:
        return
    labels = alert["exp_labels"]
    assert labels["severity"] == rule["labels"]["severity"]
    for key, text in rule["annotations"].items():
        told = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)
        assert alert["exp_annotations"][key] == told


@each_panel
def test_panel_asks_for_metrics_that_exist(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        assert used(target["expr"])
        assert complaints(target["expr"]) == []
        legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert legend <= grouping(target["expr"])


@each_panel
def test_panel_is_described_and_has_a_place_of_its_own(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    cells = [cell for each in DASHBOARD["panels"] for cell in _cells(each["gridPos"])]
    assert len(cells) == len(set(cells))


def test_every_metric_of_sets_and_members_is_on_the_dashboard() -> None:
    shown = {
        name for each in PANELS for target in each["targets"] for name, _ in used(target["expr"])
    }
    assert shown >= {metric.name for metric in (*OF_SETS, *OF_MEMBERS)} - {
        "mongors_replicaset_members"  # what exists is between what is wanted and what serves
    }


def _cells(place: dict[str, int]) -> list[tuple[int, int]]:
    across = range(place["x"], place["x"] + place["w"])
    return [(x, y) for x in across for y in range(place["y"], place["y"] + place["h"])]
