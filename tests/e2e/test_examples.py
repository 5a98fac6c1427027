"""Every example, applied as it stands, becomes ready."""

from pathlib import Path

import pytest
import yaml

from e2e.sets import ReplicaSet

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_example_becomes_ready(replica_set: ReplicaSet, example: Path) -> None:
    manifest = yaml.safe_load(example.read_text())
    manifest["metadata"].pop("namespace", None)
    replica_set.name = manifest["metadata"]["name"]
    replica_set.apply_manifest(manifest)
    replica_set.await_ready(240)
    assert replica_set.status()["ready"] == "{0}/{0}".format(manifest["spec"]["members"])
