"""A changed resource from a file, and what differs."""

from pathlib import Path

import pytest
import yaml

from mongors.cli.app import ERROR, READY
from mongors.cli.changing import chosen, differences, with_spec_of
from mongors.cli.trouble import Unable
from unit.builders import resource, running, wanted
from unit.cli.worlds import world_with


def test_differences_are_named_field_by_field() -> None:
    before = {"members": 3, "storage": {"size": "2Gi"}, "tolerations": [{"key": "a"}]}
    after = {"members": 5, "storage": {"size": "2Gi"}, "paused": True}
    assert differences(before, after) == (
        "members: 3 → 5",
        "paused: - → True",
        "tolerations[0].key: a → -",
    )


def test_a_changed_spec_is_a_new_generation_and_keeps_the_identity() -> None:
    changed = with_spec_of(resource(3), {**resource(5), "metadata": {"annotations": {"a": "b"}}})
    assert changed["metadata"]["generation"] == 2
    assert changed["metadata"]["uid"] == "uid-set"
    assert changed["metadata"]["annotations"] == {"a": "b"}
    assert with_spec_of(resource(3), resource(3))["metadata"]["generation"] == 1


def test_the_set_is_found_among_other_objects() -> None:
    assert chosen([{"kind": "Service"}, None, resource(4)], "mongo", "f")["spec"]["members"] == 4


@pytest.mark.parametrize(
    ("documents", "says"),
    [([{"kind": "Pod"}], "holds no MongoReplicaSet of"), ([resource()], "but mongo: name that")],
)
def test_a_file_without_the_set_is_refused(documents: list[object], says: str) -> None:
    with pytest.raises(Unable, match=says):
        chosen(documents, "other", "f.yaml")


def test_the_plan_of_a_changed_file_changes_nothing(tmp_path: Path) -> None:
    desired = wanted(3)
    fake = world_with(desired, running(desired))
    file = tmp_path / "changed.yaml"
    file.write_text(yaml.safe_dump(resource(5)))
    result = fake.run("plan", "mongo", "-f", str(file))
    assert result.exit_code == READY, result.output
    assert "members: 3 → 5" in result.output
    assert "clusterDomain" not in result.output
    assert "6. add mongo-4 as member 4" in result.output
    assert [each.query.get("dryRun") for each in fake.api.writes()] == ["All"]


@pytest.mark.parametrize("text", ["a: [", None])
def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path, text: str | None) -> None:
    desired = wanted(3)
    file = tmp_path / "f.yaml"
    if text is not None:
        file.write_text(text)
    result = world_with(desired, running(desired)).run("plan", "mongo", "-f", str(file))
    assert result.exit_code == ERROR
    assert "f.yaml" in result.stderr
