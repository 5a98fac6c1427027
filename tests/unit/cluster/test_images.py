"""Names, bases and search paths of images."""

from pathlib import Path

import pytest

from cluster.lab.debian import debian_mirror, missing_packages, parse_mirror
from cluster.lab.images.buildah import pip_config
from cluster.lab.images.dockerfile import bases
from cluster.lab.images.operator import image_in, tree_hash
from cluster.lab.images.rootfs import parse_ldd
from cluster.lab.images.store import full_name, known_images

LDD = """\
\tlinux-vdso.so.1 (0x00007ffc)
\tlibssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007f)
\tlibgone.so.1 => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f)
"""


def test_ldd_gives_libraries_and_the_loader_and_not_the_kernels_part() -> None:
    assert parse_ldd(LDD) == {
        "libssl.so.3": Path("/lib/x86_64-linux-gnu/libssl.so.3"),
        "/lib64/ld-linux-x86-64.so.2": Path("/lib64/ld-linux-x86-64.so.2"),
    }


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("mongo:6.0.5", "docker.io/library/mongo:6.0.5"),
        ("mongors/mongors:1", "docker.io/mongors/mongors:1"),
        ("registry.test/a/b:1", "registry.test/a/b:1"),
        ("localhost/a:1", "localhost/a:1"),
        ("host:5000/a:1", "host:5000/a:1"),
    ],
)
def test_names_are_completed_as_container_runtimes_do(short: str, full: str) -> None:
    assert full_name(short) == full


def test_four_versions_of_mongod_can_be_made() -> None:
    versions = {name.rpartition(":")[2] for name in known_images() if "mongo:" in name}
    assert versions == {"4.4.2", "5.0.4", "6.0.5", "6.0.27"}


@pytest.mark.parametrize(
    "sources",
    [
        "deb [arch=amd64 signed-by=/k] http://mirror.test/debian stable main\n",
        "Types: deb\nURIs: http://mirror.test/debian\nSuites: stable\n",
        "deb http://mirror.test/debian-security stable main\ndeb http://mirror.test/debian x y\n",
    ],
)
def test_the_mirror_is_read_from_both_formats_of_apt(sources: str) -> None:
    assert parse_mirror(sources) == "http://mirror.test/debian"


def test_missing_packages_are_those_whose_proof_is_absent() -> None:
    needs = {"sh": "dash", "/no/such/file": "absent", "no-such-program": "missing"}
    assert missing_packages(needs) == ["absent", "missing"]


def test_debians_own_sources_come_before_other_peoples(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "aaa.list").write_text("deb http://other.test/debian stable main\n")
    (folder / "debian.sources").write_text("URIs: http://mirror.test/debian\n")
    assert debian_mirror(tmp_path) == "http://mirror.test/debian"


def test_bases_are_outside_images_and_arguments_but_not_stages() -> None:
    found = bases(
        "ARG VERSION=3.11\nARG BASE=host.test/python:3\n"
        "FROM --platform=linux/amd64 host.test/python:${VERSION}-slim@sha256:00 AS build\n"
        "FROM ${BASE} AS other\nFROM build\nFROM scratch\n"
    )
    assert found.names == {"host.test/python:3.11-slim"}
    assert found.arguments == {"BASE"}


def test_the_charts_image_is_the_one_with_the_projects_name() -> None:
    manifests = '        image: "busybox:1"\n      - image: docker.io/mongors/mongors:0.1.0\n'
    assert image_in(manifests, "mongors") == "docker.io/mongors/mongors:0.1.0"
    assert image_in("kind: Service\n", "mongors") is None


def test_a_tree_has_another_hash_when_a_file_changes_or_moves(tmp_path: Path) -> None:
    (tmp_path / "operator").mkdir()
    (tmp_path / "operator/a.py").write_text("1")
    before = tree_hash(tmp_path, ["operator", "Dockerfile"])
    cache = tmp_path / "operator/__pycache__"
    cache.mkdir()
    (cache / "a.pyc").write_text("compiled")
    assert tree_hash(tmp_path, ["operator", "Dockerfile"]) == before
    (tmp_path / "operator/a.py").rename(tmp_path / "operator/b.py")
    assert tree_hash(tmp_path, ["operator", "Dockerfile"]) != before


def test_only_network_settings_of_pip_reach_a_build() -> None:
    settings = pip_config({"PIP_CERT": "/c.crt", "PIP_TARGET": "/x", "PIP_INDEX_URL": ""})
    assert settings == "[global]\ncert = /c.crt\n"
