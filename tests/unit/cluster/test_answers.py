"""What other programs answer, and what is made of it."""

import sys
from pathlib import Path

import pytest

from cluster.lab.console import LabError
from cluster.lab.logs import last_lines, program_logs
from cluster.lab.nodes import parse_ready
from cluster.lab.programs import run, succeeds


def node(name: str, ready: str) -> dict[str, object]:
    conditions = [{"type": "DiskPressure", "status": "False"}, {"type": "Ready", "status": ready}]
    return {"metadata": {"name": name}, "status": {"conditions": conditions}}


def test_only_nodes_that_say_so_are_ready() -> None:
    new: dict[str, object] = {"metadata": {"name": "new"}, "status": {}}
    items = [node("a", "True"), node("b", "Unknown"), new]
    assert parse_ready({"items": items}) == {"a"}


def test_the_last_lines_of_a_log_are_read_from_its_end(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    log.write_text("".join(f"line {number}\n" for number in range(1000)))
    assert last_lines(log, 2, window=40) == ["line 998", "line 999"]


def test_logs_are_those_of_programs_and_not_empty(tmp_path: Path) -> None:
    folder = tmp_path / "node-1/var/log"
    folder.mkdir(parents=True)
    for name, content in (("kubelet", "x"), ("audit", "x"), ("containerd", "")):
        (folder / f"{name}.log").write_text(content)
    assert [path.name for path in program_logs(tmp_path)] == ["kubelet.log"]


def test_a_failed_program_is_reported_with_its_last_words() -> None:
    with pytest.raises(LabError, match=r"exit status 3(.|\n)*too bad"):
        run([sys.executable, "-c", "import sys; print('too bad'); sys.exit(3)"])


def test_a_missing_program_is_named() -> None:
    with pytest.raises(LabError, match="no-such-program: program not found"):
        run(["no-such-program"])
    assert not succeeds(["no-such-program"])
