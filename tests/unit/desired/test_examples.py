"""The manifests of every file in `examples/`, beside the YAML that was last reviewed.

`MONGORS_WRITE_GOLDEN=1 pytest tests/unit/desired` writes the files anew; read the difference.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.aio import client

from mongors.api.spec import MongoReplicaSet
from mongors.desired.desired import Desired
from mongors.desired.secrets import GENERATED, SecretKind, encoded

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def sets_in(example: Path) -> list[Desired]:
    """The sets that a file asks for, as if the API server had taken it."""
    raws: list[dict[str, Any]] = [each for each in yaml.safe_load_all(example.read_text()) if each]
    return [
        Desired.of(
            MongoReplicaSet.parse({**raw, "metadata": {"uid": "the-uid", **raw["metadata"]}})
        )
        for raw in raws
        if raw["kind"] == "MongoReplicaSet"
    ]


def manifests(desired: Desired) -> list[dict[str, Any]]:
    """Everything that is applied for a set."""
    secrets = [
        desired.secret(kind, {key: encoded(f"some-{key}") for key in GENERATED[kind]}, {})
        for kind in SecretKind
    ]
    replicas = len(desired.members)
    statefulset = desired.statefulset(replicas, desired.claim_templates)
    storage_class = desired.storage_class()
    return [*desired.fixed(), *secrets, *filter(None, [storage_class]), statefulset]


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_manifests_of_an_example_are_those_that_were_reviewed(example: Path) -> None:
    made = [manifest for desired in sets_in(example) for manifest in manifests(desired)]
    on_the_wire = json.loads(json.dumps(made))
    text = yaml.safe_dump_all(on_the_wire, sort_keys=True, width=100)
    golden = GOLDEN / example.name
    if os.environ.get("MONGORS_WRITE_GOLDEN"):
        golden.write_text(text)
    hint = f"review, and write anew with MONGORS_WRITE_GOLDEN=1: {golden.relative_to(ROOT)}"
    assert golden.exists(), hint
    assert golden.read_text() == text, hint


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_manifests_of_an_example_are_ones_that_kubernetes_knows(example: Path) -> None:
    for desired in sets_in(example):
        for manifest in manifests(desired):
            getattr(client, f"V1{manifest['kind']}").model_validate(manifest)


def test_no_reviewed_file_is_left_behind() -> None:
    assert {each.name for each in GOLDEN.glob("*.yaml")} == {each.name for each in EXAMPLES}
