"""Another release of the chart, and none: the sets run on, and no pod of theirs is made anew."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from e2e.conftest import Kubectl
from e2e.history import Watched
from e2e.invariants import one_down_at_a_time
from e2e.looking import identities
from e2e.rest import HOME
from e2e.sets import Raw, ReplicaSet, eventually
from e2e.test_chart import CHART, ROOT, helm
from e2e.writer import Writer

pytestmark = pytest.mark.alone

RELEASE = ("mongors", HOME)
VALUES = ("--values", str(ROOT / "tests/e2e/values.yaml"))
NEW_FIELD = {"type": "string", "description": "What the next release brings."}
VERSION = ("spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec", "properties")


@pytest.fixture(autouse=True)
def tree_is_installed_again() -> Iterator[None]:
    """Whatever a test installs, the next one finds what this tree holds."""
    yield
    install(CHART)


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """The chart of a later release: another version, and a CRD that has a field more."""
    chart = tmp_path / "mongors"
    shutil.copytree(CHART, chart)
    about = chart / "Chart.yaml"
    about.write_text(about.read_text().replace("version: 0.1.0", "version: 0.2.0", 1))
    path = chart / "files/mongors.io_mongoreplicasets.yaml"
    crd = yaml.safe_load(path.read_text())
    fields_of(crd)["nextRelease"] = NEW_FIELD
    path.write_text(yaml.safe_dump(crd))
    return chart


def fields_of(crd: Raw) -> Raw:
    """The schema of the spec's fields."""
    part: Raw = crd
    for each in VERSION:
        part = part[each]  # type: ignore[index]
    return part


def install(chart: Path, *more: str) -> None:
    done = helm("upgrade", "--install", *RELEASE, str(chart), "--wait", *VALUES, *more)
    assert done.returncode == 0, done.stderr


def operators(kubectl: Kubectl) -> set[str]:
    """The UIDs of the operator's pods."""
    told = json.loads(kubectl("get", "pods", HOME, "-o", "json").stdout)
    return {each["metadata"]["uid"] for each in told["items"]}


def work_goes_on(replica_set: ReplicaSet) -> None:
    """The operator that there is now takes an order and reports it done."""
    change = {"spec": {"settings": {"heartbeatTimeoutSecs": 11}}}
    replica_set.run("patch", "mrs/mongo", "--type=merge", "-p", json.dumps(change))
    replica_set.await_ready(90)
    with replica_set.member(replica_set.primary_ordinal()) as mongod:
        config = mongod.admin.command("replSetGetConfig")["config"]
    assert config["settings"]["heartbeatTimeoutSecs"] == 11


def test_a_later_release_touches_no_set(
    replica_set: ReplicaSet, kubectl: Kubectl, next_release: Path
) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    members, former = identities(replica_set), operators(kubectl)
    with Writer(replica_set) as writer, Watched(replica_set, also=(one_down_at_a_time,)) as seen:
        install(next_release, "--set-json", 'podAnnotations={"release": "0.2.0"}')
        eventually(lambda: not operators(kubectl) & former, 60, "another operator works")
        work_goes_on(replica_set)
        writer.await_more()
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 0)
    assert len(seen.reconfigs) == 1, "the one that was asked for"
    assert identities(replica_set) == members
    crd = json.loads(kubectl("get", "crd", "mongoreplicasets.mongors.io", "-o", "json").stdout)
    assert fields_of(crd)["nextRelease"] == NEW_FIELD


def test_without_a_release_the_sets_run_on_and_with_the_next_they_are_taken_up(
    replica_set: ReplicaSet, kubectl: Kubectl
) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    members, claims = (
        identities(replica_set),
        {each["metadata"]["uid"] for each in replica_set.all_of("pvc")},
    )
    with Writer(replica_set) as writer, Watched(replica_set, also=(one_down_at_a_time,)) as seen:
        gone = helm("uninstall", *RELEASE, "--wait")
        assert gone.returncode == 0, gone.stderr
        eventually(lambda: not operators(kubectl), 60, "no operator is left")
        writer.await_more()
        assert replica_set.get()["spec"]["members"] == 3, "the CRD and the resource stay"
        install(CHART)
        work_goes_on(replica_set)
    writer.check_every_member()
    assert (writer.errors, seen.violations, seen.elections) == ([], [], 0)
    assert identities(replica_set) == members
    assert {each["metadata"]["uid"] for each in replica_set.all_of("pvc")} == claims
