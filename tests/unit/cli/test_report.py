"""The report: one zip with all of it, for nobody else to read, and no secret in it."""

import zipfile
from pathlib import Path

import pytest

from mongors.cli.app import ERROR, READY
from mongors.desired.secrets import encoded
from unit.builders import running, wanted
from unit.cli.worlds import Fake, world_with

SECRETS = ("keyfile-value", "clusterPassword-value", "usersPassword-value", "password-value")


@pytest.fixture
def fake() -> Fake:
    """A set whose passwords have got everywhere."""
    desired = wanted(3)
    fake = world_with(desired, running(desired))
    leaked = " ".join(SECRETS) + " " + " ".join(encoded(each) for each in SECRETS)
    fake.api.logs = {f"mongo-{each}": f"a line\nleaked: {leaked}\n" for each in range(3)}
    for raw in fake.api.objects.values():
        raw["metadata"]["annotations"] = {
            **raw["metadata"].get("annotations", {}),
            "note": leaked,
        }
    return fake


def files_in(target: Path) -> dict[str, str]:
    with zipfile.ZipFile(target) as archive:
        return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


def test_holds_what_is_asked_for_first_and_no_secret(fake: Fake, tmp_path: Path) -> None:
    target = tmp_path / "r.zip"
    result = fake.run("report", "mongo", "--file", str(target))
    assert result.exit_code == READY, result.output
    files = files_in(target)
    assert {
        *("README.txt", "status.txt", "explain.txt", "plan.txt", "resource.yaml"),
        *("objects/pods.yaml", "objects/secrets.yaml", "objects/nodes.yaml"),
        *("objects/persistentvolumeclaims.yaml", "logs/mongo-0-mongod.log"),
    } <= files.keys()
    whole = "\n".join(files.values())
    for each in SECRETS:
        assert each not in whole
        assert encoded(each).rstrip("=") not in whole
    assert "mongo-0.mongo.default.svc.cluster.local" in whole
    assert "a line" in files["logs/mongo-0-mongod.log"]
    assert target.stat().st_mode & 0o077 == 0


def test_is_made_as_far_as_the_login_reaches(fake: Fake, tmp_path: Path) -> None:
    fake.api.denied = {"secrets", "nodes"}
    target = tmp_path / "r.zip"
    assert fake.run("report", "mongo", "--file", str(target)).exit_code == READY
    about = files_in(target)["README.txt"]
    assert "No Secret of the set could be read" in about
    assert "- nodes:" in about


def test_never_overwrites_a_file(fake: Fake, tmp_path: Path) -> None:
    target = tmp_path / "r.zip"
    target.write_text("mine")
    result = fake.run("report", "mongo", "--file", str(target))
    assert result.exit_code == ERROR
    assert "cannot be written: File exists; name another --file" in result.stderr
    assert target.read_text() == "mine"
