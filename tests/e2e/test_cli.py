"""`kubectl mongors` as a person uses it, on a real set."""

import json
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2e.conftest import ROOT
from e2e.leaks import leaks, secrets_in
from e2e.sets import ReplicaSet, eventually
from e2e.terminal import COLUMNS, INTERRUPT, terminal

READY, ERROR, NOT_READY = 0, 1, 2
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "operator"), "COLUMNS": "80"}
PROGRAM = (sys.executable, "-P", "-m", "mongors.cli")


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def cli(namespace: str, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program as kubectl would."""
    return subprocess.run(
        [*PROGRAM, *words, "-n", namespace],
        env=ENVIRONMENT, input=stdin, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_healthy_set_on_one_screen(running: ReplicaSet) -> None:
    """Members are asked through the API server and their kubelets."""
    shown = cli(running.namespace, "status", "mongo")
    assert (shown.returncode, shown.stderr) == (READY, "")
    assert "all 3 members are in service" in shown.stdout
    assert "could not" not in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert [f"mongo-{each}" in shown.stdout for each in range(3)] == [True] * 3
    told = json.loads(cli(running.namespace, "status", "mongo", "-o", "json").stdout)
    assert told["name"] == "mongo"


def test_a_watch_in_a_terminal_until_it_is_interrupted(running: ReplicaSet) -> None:
    words = ("status", "mongo", "--watch", "-n", running.namespace)
    coloured = {key: value for key, value in ENVIRONMENT.items() if key != "NO_COLOR"}
    with terminal([*PROGRAM, *words], coloured | {"TERM": "xterm"}) as seen:
        said = "all 3 members are in service"
        eventually(lambda: seen.text.count(said) >= 3, 30, "three screens", lambda: seen.text)
        seen.press(INTERRUPT)
        assert seen.process.wait(10) == READY, seen.text
        assert "\x1b[1m" in seen.written, "titles are bold"
        assert seen.written.rindex("\x1b[?25h") > seen.written.rindex("\x1b[?25l"), "the cursor"
        assert max(map(len, seen.text.splitlines())) <= COLUMNS
        assert "Traceback" not in seen.text


def test_kubectl_completes_sets_and_members(running: ReplicaSet, tmp_path: Path) -> None:
    """`kubectl __complete` is what its completion in a shell runs at every key."""
    helper = tmp_path / "kubectl_complete-mongors"
    code = "from mongors.cli.__main__ import complete; complete()"
    helper.write_text(f"#!/bin/sh\nexec {sys.executable} -P -c '{code}' \"$@\"\n")
    plugin = tmp_path / "kubectl-mongors"
    plugin.write_text("#!/bin/sh\n")
    for each in (helper, plugin):
        each.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    place = ("-n", running.namespace)
    for words, wanted in {
        ("status", *place, ""): ["mongo"],
        ("primary", *place, "mongo", ""): ["mongo-0", "mongo-1", "mongo-2"],
    }.items():
        done = subprocess.run(
            ["kubectl", "__complete", "mongors", *words],
            env=ENVIRONMENT | path, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.stdout.splitlines()[:-1] == wanted, done.stderr
        assert done.stdout.splitlines()[-1] == ":4", "no file names"


def test_a_settled_set_has_nothing_planned_and_a_changed_spec_has(
    running: ReplicaSet, tmp_path: Path
) -> None:
    settled = cli(running.namespace, "plan", "mongo")
    assert (settled.returncode, settled.stderr) == (READY, "")
    resource = running.get()
    resource["spec"]["members"] = 5
    changed = tmp_path / "changed.yaml"
    changed.write_text(json.dumps(resource))
    before = resource["metadata"]["resourceVersion"]
    foreseen = cli(running.namespace, "plan", "mongo", "-f", str(changed))
    assert (foreseen.returncode, foreseen.stderr) == (READY, ""), "it would settle"
    assert "add mongo-4 as member 4" in foreseen.stdout
    assert running.get()["metadata"]["resourceVersion"] == before, "nothing is changed"
    resource["spec"]["replicaSetName"] = "other"
    changed.write_text(json.dumps(resource))
    refused = cli(running.namespace, "plan", "mongo", "-f", str(changed))
    assert refused.returncode == ERROR
    assert "replicaSetName cannot be changed" in refused.stderr


def test_another_primary_on_demand(running: ReplicaSet) -> None:
    before = running.primary_ordinal()
    target = (before + 1) % 3
    asked = cli(running.namespace, "primary", "mongo", str(target))
    assert (asked.returncode, asked.stderr) == (READY, "")
    eventually(lambda: leads(running, target), 60, "it leads", running.explain)
    running.await_ready()
    assert f"mongo-{target}" in cli(running.namespace, "primary", "mongo").stdout


def leads(replica_set: ReplicaSet, ordinal: int) -> bool:
    """Whether the status calls this member primary; for a moment it may call none so."""
    return bool(replica_set.status().get("primary") == f"mongo-{ordinal}")


def test_gaps_are_measured_while_another_becomes_primary(running: ReplicaSet) -> None:
    """People measure their own failover, and nothing is left of it."""
    before = running.primary_ordinal()
    with ThreadPoolExecutor() as pool:
        words = ("bench", "mongo", "--seconds", "20", "-o", "json")
        bench = pool.submit(cli, running.namespace, *words)
        eventually(lambda: collections(running), 20, "it writes", running.explain)
        cli(running.namespace, "primary", "mongo", str((before + 1) % 3))
        eventually(lambda: leads(running, (before + 1) % 3), 60, "another", running.explain)
        shown = bench.result()
    assert (shown.returncode, shown.stderr) == (READY, "")
    told = json.loads(shown.stdout)
    assert told["acknowledged"] > 20
    assert 0 < told["longestGapSeconds"] < 15
    assert told["seconds"] >= 20
    assert collections(running) == []


def collections(replica_set: ReplicaSet) -> list[str]:
    """What `bench` writes to."""
    with replica_set.application() as client:
        names: list[str] = client.app.list_collection_names()
    return [each for each in names if each.startswith("mongors_bench")]


def test_logs_are_readable_and_in_order(running: ReplicaSet) -> None:
    shown = cli(running.namespace, "logs", "mongo", "--tail", "20")
    assert (shown.returncode, shown.stderr) == (READY, "")
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert {words[1] for words in lines} == {"mongo-0", "mongo-1", "mongo-2"}
    times = [words[0] for words in lines]
    assert times == sorted(times)
    assert '{"t":{"$date"' not in shown.stdout


def test_a_report_holds_no_secret(running: ReplicaSet, tmp_path: Path) -> None:
    target = tmp_path / "report.zip"
    written = cli(running.namespace, "report", "mongo", "--file", str(target))
    assert (written.returncode, written.stderr) == (READY, ""), written.stderr
    with zipfile.ZipFile(target) as report:
        texts = {name: report.read(name).decode("utf-8", "replace") for name in report.namelist()}
    assert len(texts) > 10
    assert list(leaks(texts, secrets_in(running.all_of("secret")))) == []


def test_pause_and_resume(running: ReplicaSet) -> None:
    assert cli(running.namespace, "pause", "mongo").returncode == READY
    assert running.get()["spec"]["paused"] is True
    assert cli(running.namespace, "resume", "mongo").returncode == READY
    assert running.get()["spec"]["paused"] is False
    running.await_ready()


def test_what_does_not_exist_is_one_sentence(running: ReplicaSet) -> None:
    for words in (("status", "other"), ("primary", "mongo", "7"), ("recover", "mongo")):
        said = cli(running.namespace, *words, stdin="mongo\n")
        assert said.returncode == ERROR, said.stdout
        assert len(said.stderr.strip().splitlines()) == 1, said.stderr
        assert said.stderr.startswith("Error: ")


def test_connecting_shows_no_password(running: ReplicaSet) -> None:
    shown = cli(running.namespace, "connect", "mongo")
    assert shown.returncode == READY
    assert "port-forward" in shown.stdout
    assert running.secret("connection")["password"] not in shown.stdout


def test_why_it_is_not_ready_down_to_the_kubelets_word(running: ReplicaSet) -> None:
    running.change(image="mongo:no-such-tag")
    eventually(
        lambda: "no-such-tag" in cli(running.namespace, "explain", "mongo").stdout,
        60, "the image is named", running.explain,
    )  # fmt: skip
    assert cli(running.namespace, "status", "mongo").returncode == NOT_READY
    running.change(image=None)
    running.await_ready()
    assert cli(running.namespace, "status", "mongo").returncode == READY
