"""What kind is told, and what is taken away from what its engine asks of runc."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cluster.lab.backend import Wish
from cluster.lab.console import LabError
from cluster.lab.images.store import BUSYBOX
from cluster.lab.kind import images, runtime
from cluster.lab.kind.backend import KindBackend
from cluster.lab.kind.engine import OWN, Engine
from cluster.lab.kind.making import config_from_inside, kind_config, make
from cluster.lab.kind.nodes import KindNodes
from cluster.lab.kind.note import Note
from cluster.lab.places import MANIFESTS, Places

ALL = {kind: ["CAP_NET_ADMIN", "CAP_SYS_RESOURCE"] for kind in ("bounding", "effective")}
MADE = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "etcd",
    "pause",
)
FEWER = {kind: ["CAP_NET_ADMIN"] for kind in ALL}


def a_program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_kind_gets_a_worker_per_zone() -> None:
    assert kind_config(2)["nodes"] == [
        {"role": "control-plane"},
        {"role": "worker", "labels": {"topology.kubernetes.io/zone": "zone-1"}},
        {"role": "worker", "labels": {"topology.kubernetes.io/zone": "zone-2"}},
    ]


def test_a_kubeconfig_of_kind_is_pointed_at_the_inside() -> None:
    config = "clusters:\n- cluster:\n    server: https://127.0.0.1:40001\n  name: kind-x"
    assert "    server: https://127.0.0.1:6443\n" in config_from_inside(config)


def test_a_container_asks_for_all_but_what_nobody_has(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"root": {}, "process": {"args": ["sh"], "capabilities": ALL}}))
    runtime.prepare(["runc", "create", "--bundle", str(tmp_path), "--pid-file", "p", "id"])
    kept = {"root": {}, "process": {"args": ["sh"], "capabilities": FEWER}}
    assert json.loads(file.read_text()) == kept


@pytest.mark.parametrize(
    ("asked", "given"),
    [({"capabilities": ALL}, {"capabilities": FEWER}), ({"args": ["ls"]}, {"args": ["ls"]})],
)
def test_so_does_a_further_process(
    tmp_path: Path, asked: dict[str, Any], given: dict[str, Any]
) -> None:
    file = tmp_path / "process.json"
    file.write_text(json.dumps(asked))
    runtime.prepare(["runc", "exec", "--process", str(file), "id"])
    assert json.loads(file.read_text()) == {"capabilities": {}} | given


def test_runc_is_called_as_the_engine_called_it(tmp_path: Path) -> None:
    a_program(tmp_path / "runc", 'echo "$@"; exit 7')
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    words = ["--root", "/run/x", "state", "id"]
    called = subprocess.run(
        [runtime.__file__, *words], capture_output=True, text=True, check=False, env=env
    )
    assert (called.returncode, called.stdout.split()) == (7, words)


def test_a_containers_network_is_found_in_the_engines_file_system(tmp_path: Path) -> None:
    file = tmp_path / "root/run/docker/netns/abc"
    client = a_program(tmp_path / "docker", "echo /var/run/docker/netns/abc")
    engine = Engine(client, OWN, root=str(tmp_path / "root"))
    with pytest.raises(LabError, match="cannot be entered from here"):
        engine.network_of("node")
    file.parent.mkdir(parents=True)
    file.touch()
    assert engine.network_of("node") == file


def test_a_container_that_does_not_run_has_none(tmp_path: Path) -> None:
    engine = Engine(a_program(tmp_path / "docker", "echo"), OWN)
    with pytest.raises(LabError, match="node does not run"):
        engine.network_of("node")


def test_an_engine_that_does_not_answer_is_none(tmp_path: Path) -> None:
    assert not Engine(a_program(tmp_path / "docker", "exit 1"), "").answers()
    assert Engine(a_program(tmp_path / "docker", "true"), "").answers()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A cluster whose engine and kind are scripts that note how they were called."""
    return Places("mongors", tmp_path / "cache", tmp_path / "state")


def nodes_in(tmp_path: Path, places: Places, *names: str) -> KindNodes:
    told = f'echo "${{0##*/}} $*" >> {tmp_path}/called'
    client = a_program(tmp_path / "docker", told)
    kind = a_program(tmp_path / "kind", f"{told}\nif [ $1 = get ]; then echo {' '.join(names)}; fi")
    return KindNodes(places, Engine(client, "theirs"), kind)


def called(tmp_path: Path) -> list[str]:
    file = tmp_path / "called"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("act", ["start", "stop", "cut", "plug_in"])
def test_no_container_is_touched_but_the_clusters_nodes(
    tmp_path: Path, places: Places, act: str
) -> None:
    nodes = nodes_in(tmp_path, places, "mongors-worker")
    with pytest.raises(LabError, match="no node 'postgres'; there are mongors-worker"):
        getattr(nodes, act)("postgres")
    assert not [line for line in called(tmp_path) if line.startswith("docker")]
    getattr(nodes, act)("mongors-worker")
    (told,) = [line for line in called(tmp_path) if line.startswith("docker")]
    assert "mongors-worker" in told


def test_kind_writes_into_no_kubeconfig_but_the_clusters(tmp_path: Path, places: Places) -> None:
    nodes = nodes_in(tmp_path, places)
    a_program(nodes.kind, "echo $KUBECONFIG")
    assert nodes.of_cluster("delete", "cluster").strip() == str(places.kubeconfig)


@pytest.fixture
def theirs(tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch) -> KindNodes:
    """This machine's engine answers, and has a cluster of our name."""
    nodes = nodes_in(tmp_path, places, "mongors-control-plane")
    for module in ("backend", "making"):
        monkeypatch.setattr(f"cluster.lab.kind.{module}.machines_engine", lambda: nodes.engine)
    monkeypatch.setattr(KindNodes, "on", lambda *_: nodes)
    monkeypatch.setattr("cluster.lab.kind.backend.teardown.tear_down", lambda _: None)
    monkeypatch.setattr("cluster.lab.debian.require_root", lambda _: None)
    monkeypatch.setattr("cluster.lab.builds.ensure_built", lambda *_: None)
    return nodes


def test_a_cluster_that_is_not_ours_is_neither_taken_over_nor_deleted(
    tmp_path: Path, places: Places, theirs: KindNodes
) -> None:
    with pytest.raises(LabError, match="not ours"):
        make(places, 3)
    KindBackend(places).down()
    assert not [line for line in called(tmp_path) if "delete" in line or "start" in line]


def test_an_engine_that_holds_the_cluster_has_to_answer_for_its_end(
    places: Places, theirs: KindNodes
) -> None:
    places.state.mkdir()
    Note("another", 3, is_complete=True).write(places)
    with pytest.raises(LabError, match="another holds the cluster: start it first"):
        KindBackend(places).down()


def test_a_half_made_cluster_is_deleted(tmp_path: Path, places: Places, theirs: KindNodes) -> None:
    places.state.mkdir()
    Note("theirs", 3, is_complete=False).write(places)
    with pytest.raises(LabError, match="not ours"):  # this kind forgets nothing
        KindBackend(places).up(Wish())
    assert "kind delete cluster --name mongors" in called(tmp_path)


def test_another_number_of_nodes_is_refused() -> None:
    Note(OWN, 3, is_complete=True).refuse_other(3)
    with pytest.raises(LabError, match="of 3 nodes is up"):
        Note(OWN, 3, is_complete=True).refuse_other(4)


def test_the_nodes_image_has_every_image_that_its_manifests_name() -> None:
    texts = [file.read_text() for file in (MANIFESTS / "kind").iterdir()]
    named = {name for text in texts for name in re.findall(r"image: (\S+)", text)}
    assert named == {BUSYBOX, images.PROVISIONER}


def test_images_have_the_names_that_kubeadm_says() -> None:
    names = [f"example.com/{name}:v1" for name in MADE]
    found = images.by_component("\n".join([*names, "example.com/coredns/coredns:v2"]))
    assert found["pause"] == "example.com/pause:v1"
    assert found["coredns"] == "example.com/coredns/coredns:v2"
    with pytest.raises(LabError, match=r"another.*kube-apiserver"):
        images.by_component("example.com/another:v1")
