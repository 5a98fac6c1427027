"""What Prometheus makes of it: the alerts by its own tests, and a scrape of the operator."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from e2e.own import ROOT
from e2e.panels import panels
from e2e.prometheus import ALERTS, Prometheus, programs, prometheus
from e2e.sets import Kubectl, ReplicaSet, eventually

OFTEN_EMPTY = {
    *("Actions", "Failed passes in a row", "Handovers and times without Ready, 9 of 10"),
    *("Duration of passes and waits, 99 of 100", "Answers of the API server, 99 of 100"),
    "Oplog window",
}
"""What shows nothing where nothing is done or nobody is behind, or until a few scrapes later."""


def promtool(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(programs() / "promtool"), *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "--lint=all", "--lint-fatal", str(ALERTS)),
        ("test", "rules", "tests/rules/alerts.yaml"),
    ],
    ids=["check", "test"],
)
def test_promtool_agrees_with_the_alerts(words: tuple[str, ...]) -> None:
    done = promtool(*words)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def watching(kubectl: Kubectl, tmp_path: Path) -> Iterator[Prometheus]:
    """A Prometheus that scrapes the installed operator."""
    ip = kubectl(
        *("get", "pods", "-n", "mongors", "-l", "app.kubernetes.io/name=mongors"),
        *("-o", "jsonpath={.items[0].status.podIP}"),
    ).stdout
    with prometheus(tmp_path, [f"{ip}:8081"], ALERTS) as running:
        yield running


def shows(watching: Prometheus, expression: str, may_be_empty: bool) -> None:
    """It is a query without an error, which has a value: a rate needs two scrapes."""
    eventually(lambda: watching.samples(expression) or may_be_empty, 15, f"a value of {expression}")


def test_prometheus_takes_every_metric_alert_and_panel(
    replica_set: ReplicaSet, watching: Prometheus
) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    ours = f'namespace="{replica_set.namespace}",name="mongo"'
    has_primary = f"mongors_replicaset_has_primary{{{ours}}}"
    eventually(
        lambda: [each["value"][1] for each in watching.samples(has_primary)] == ["1"],
        30, "the set is scraped",
    )  # fmt: skip
    rules = [rule for group in watching.ask("rules")["groups"] for rule in group["rules"]]
    wanted = [
        rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
    ]
    assert {rule["name"] for rule in rules} == {rule["alert"] for rule in wanted}
    assert [rule for rule in rules if rule["health"] == "err"] == []
    for panel in panels(replica_set.namespace):
        for query in panel.queries:
            shows(watching, query.expression, panel.title in OFTEN_EMPTY)
    replica_set.delete()
    eventually(lambda: watching.samples(has_primary) == [], 30, "a set that is gone vanishes")
