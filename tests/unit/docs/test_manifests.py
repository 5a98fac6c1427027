"""Every manifest in the documentation is one that the API server takes."""

import json
from typing import Any

import pytest
import yaml

from docs.markdown import ROOT, Page, pages
from mongors.api.spec import MongoReplicaSet

PAGES = [*pages(), Page(ROOT / "README.md")]
MANIFESTS = [
    (str(page), manifest)
    for page in PAGES
    for block in page.blocks
    if block.language == "yaml"
    for manifest in yaml.safe_load_all(block.text)
]
OURS = [each for each in MANIFESTS if each[1]["kind"] == "MongoReplicaSet"]

each_of_ours = pytest.mark.parametrize(
    "manifest", [each for _, each in OURS], ids=[page for page, _ in OURS]
)


def test_there_are_manifests() -> None:
    assert len(OURS) >= 5
    assert len(MANIFESTS) > len(OURS)


@each_of_ours
def test_manifest_can_be_followed(manifest: dict[str, Any]) -> None:
    assert manifest["apiVersion"] == "mongors.io/v1alpha1"
    assert MongoReplicaSet.parse(manifest).spec.mongod_image == "mongo:6.0.5"


@pytest.mark.parametrize("manifest", [each for _, each in MANIFESTS])
def test_manifest_says_what_it_is(manifest: dict[str, Any]) -> None:
    assert {"apiVersion", "kind", "metadata"} <= manifest.keys()
    assert json.dumps(manifest)
