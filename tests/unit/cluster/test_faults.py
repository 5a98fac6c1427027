"""Faults made on purpose: what is filtered, which folder is emptied, which process is hit."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cluster.lab.backend import SIGNALS
from cluster.lab.cli import main
from cluster.lab.console import LabError
from cluster.lab.existing import ExistingBackend
from cluster.lab.kind.backend import KindBackend
from cluster.lab.local import cgroups, filters, objects
from cluster.lab.local.plan import Plan
from cluster.lab.places import Places

PLAN = Plan.of("mongors", Path("/state/mongors"), 3)
STORE = "/var/lib/local-path-provisioner"


def volume(path: str, node: str = "node-2", kind: str = "hostPath") -> dict[str, Any]:
    match = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    affinity = {"required": {"nodeSelectorTerms": [{"matchExpressions": [match]}]}}
    return {"metadata": {"name": "pvc-1"}, "spec": {kind: {"path": path}, "nodeAffinity": affinity}}


def pod(**state: object) -> dict[str, Any]:
    status = {"name": "mongod", "containerID": "containerd://abc", "state": state}
    return {
        "metadata": {"name": "mongo-0"},
        "spec": {"containers": [{"name": "mongod"}]},
        "status": {"containerStatuses": [status]},
    }


def test_a_part_covers_a_nodes_pods_and_the_node_itself() -> None:
    assert filters.part_rules(PLAN.nodes[1]) == [["-s", "10.244.2.0/24"], ["-s", "10.250.0.12/32"]]


def test_a_hidden_node_still_hears_the_servers_of_the_control_plane() -> None:
    rule = " ".join(filters.hide_rule(PLAN.nodes[0]))
    assert rule == "-s 10.250.0.1/32 -d 10.244.1.0/24 -p tcp --sport 32768:65535"


def test_a_node_is_not_parted_from_itself() -> None:
    with pytest.raises(LabError, match="itself"):
        filters.part(PLAN, PLAN.nodes[0], PLAN.nodes[0])


def test_a_volumes_folder_lies_below_its_nodes_disk(tmp_path: Path) -> None:
    plan = Plan.of("mongors", tmp_path, 3)
    for kind in ("hostPath", "local"):
        found = objects.folder_of(plan, volume(f"{STORE}/pvc-1", kind=kind))
        assert found == tmp_path / "node-2" / STORE[1:] / "pvc-1"


@pytest.mark.parametrize(
    "path", [STORE, f"{STORE}/../../../etc", "/etc", "", "pvc-1", f"{STORE}/.."]
)
def test_a_folder_elsewhere_is_never_emptied(tmp_path: Path, path: str) -> None:
    with pytest.raises(LabError, match="pvc-1"):
        objects.folder_of(Plan.of("mongors", tmp_path, 3), volume(path))


def test_a_link_out_of_the_volumes_is_not_followed(tmp_path: Path) -> None:
    store = tmp_path / "node-2" / STORE[1:]
    store.mkdir(parents=True)
    (store / "pvc-1").symlink_to(tmp_path)
    with pytest.raises(LabError, match="outside"):
        objects.folder_of(Plan.of("mongors", tmp_path, 3), volume(f"{STORE}/pvc-1"))


def test_a_volume_that_is_tied_to_no_node_is_refused(tmp_path: Path) -> None:
    raw = volume(f"{STORE}/pvc-1")
    raw["spec"]["nodeAffinity"] = {}
    with pytest.raises(LabError, match="not tied"):
        objects.folder_of(Plan.of("mongors", tmp_path, 3), raw)


def test_two_folders_swap_what_they_hold(tmp_path: Path) -> None:
    one, two, beside = (tmp_path / name for name in ("one", "two", "beside"))
    for folder in (one, two, beside):
        (folder / "journal").mkdir(parents=True)
        (folder / "journal" / "same").write_text(folder.name)
    (one / "only").touch()
    objects.swap_folders(one, two, beside)
    assert {each.name for each in one.iterdir()} == {"journal"}
    assert {each.name for each in two.iterdir()} == {"journal", "only"}
    assert (one / "journal" / "same").read_text() == "two"
    assert (two / "journal" / "same").read_text() == "one"
    assert {each.name for each in beside.iterdir()} == {"journal"}


def test_a_folder_is_not_swapped_with_itself(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(LabError, match="itself"):
        objects.swap_folders(tmp_path, tmp_path, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("named", "split"), [("a/b", ("a", "b")), ("b", ("default", "b")), ("/b", ("default", "b"))]
)
def test_names_are_split(named: str, split: tuple[str, str]) -> None:
    assert objects.split_name(named) == split


@pytest.mark.parametrize("named", ["", "a/", "a/b/c"])
def test_other_names_are_refused(named: str) -> None:
    with pytest.raises(LabError, match="NAMESPACE/NAME"):
        objects.split_name(named)


def test_only_a_running_container_has_a_process() -> None:
    assert objects.container_of(pod(running={})) == "abc"
    with pytest.raises(LabError, match="does not run"):
        objects.container_of(pod(terminated={"exitCode": 137}))


def test_the_containers_main_process_gets_the_signal(tmp_path: Path) -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as process:
        (tmp_path / "cgroup.procs").write_text(f"{process.pid}\n")
        assert objects.main_process(tmp_path, "pod") == process.pid
        objects.signal_main(tmp_path, signal.SIGKILL, "pod")
        assert process.wait(10) == -signal.SIGKILL


def test_an_empty_or_ambiguous_group_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").write_text("")
    with pytest.raises(LabError, match="0 main"):
        objects.main_process(tmp_path, "pod")
    (tmp_path / "cgroup.procs").write_text(f"{os.getpid()}\n1\n")
    if os.getppid() != 1:
        with pytest.raises(LabError, match="2 main"):
            objects.main_process(tmp_path, "pod")


def test_a_process_that_ends_meanwhile_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LabError, match="0 main"):
        objects.signal_main(tmp_path / "gone", signal.SIGKILL, "pod")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(10)
    monkeypatch.setattr(objects, "main_process", lambda *_: ended.pid)
    with pytest.raises(LabError, match="just changed"):
        objects.signal_main(tmp_path, signal.SIGKILL, "pod")


def test_a_containers_group_is_looked_for_on_its_node_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroups, "_trees", lambda: [tmp_path])
    group = tmp_path / "mongors/node-2/kubepods/pod1/cri-abc.scope"
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text("")
    assert cgroups.find("mongors", "node-2", "abc") == group
    with pytest.raises(LabError, match="node-1"):
        cgroups.find("mongors", "node-1", "abc")


@pytest.mark.parametrize("kind", [ExistingBackend, KindBackend])
@pytest.mark.parametrize(
    "words",
    [
        ("part", "node-1", "node-2"),
        ("join", "node-1", "node-2"),
        ("hide", "node-1"),
        ("show", "node-1"),
        ("empty", "a/b"),
        ("swap", "a/b", "a/c"),
        ("kill", "a/b", "SIGKILL"),
    ],
)
def test_a_cluster_of_somebody_else_is_not_touched(
    tmp_path: Path, kind: type[ExistingBackend | KindBackend], words: tuple[str, ...]
) -> None:
    backend = kind(Places("mongors", tmp_path / "cache", tmp_path / "state"))
    with pytest.raises(LabError, match="cannot"):
        getattr(backend, words[0])(*words[1:])


def test_signals_have_names_that_the_system_knows() -> None:
    assert all(hasattr(signal, name) for name in SIGNALS)


def test_without_a_cluster_faults_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MONGORS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MONGORS_STATE", str(tmp_path / "state"))
    for words in (["part", "node-1", "node-2"], ["hide", "node-1"], ["kill", "a/b", "SIGSTOP"]):
        assert main(words) == 1
        assert "no cluster" in capsys.readouterr().err
