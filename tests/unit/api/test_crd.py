"""The definition in crds/ is fresh, small, structural, described and bounded."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client import V1CustomResourceDefinition

from mongors.api import crd
from mongors.api.rules import VALIDATIONS

COMMITTED = Path(__file__).resolve().parents[3] / "crds/mongors.io_mongoreplicasets.yaml"
KIB = 1024

ALLOWED = {
    *("type", "format", "description", "default", "enum", "required", "properties", "items"),
    *("additionalProperties", "minLength", "maxLength", "maxItems", "maxProperties", VALIDATIONS),
    *("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"),
    *("x-kubernetes-list-type", "x-kubernetes-list-map-keys"),
}


def root() -> dict[str, Any]:
    (version,) = crd.definition()["spec"]["versions"]
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return schema


def parts(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk a schema: every field, every item, every value of a map."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from parts(inner, f"{path}.{name}")
    for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if key in schema:
            yield from parts(schema[key], f"{path}{mark}")


PARTS = dict(parts(root(), "root"))
SPEC_PARTS = {path: part for path, part in PARTS.items() if path.startswith("root.spec")}
RULES = [rule for part in PARTS.values() for rule in part.get(VALIDATIONS, ())]


def test_committed_definition_is_fresh() -> None:
    assert COMMITTED.read_text() == crd.render()


def test_no_default_holds_a_null() -> None:
    """The API server refuses the whole definition for one."""
    defaults = {path: part["default"] for path, part in PARTS.items() if "default" in part}
    assert [path for path, default in defaults.items() if "null" in json.dumps(default)] == []


def test_definition_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    crd.main()

    assert capsys.readouterr().out == crd.render()


def test_definition_stays_small() -> None:
    assert COMMITTED.stat().st_size < 256 * KIB


def test_definition_is_one() -> None:
    V1CustomResourceDefinition.model_validate(yaml.safe_load(crd.render()))


@pytest.mark.parametrize(("path", "part"), PARTS.items(), ids=PARTS)
def test_part_is_structural(path: str, part: dict[str, Any]) -> None:
    assert set(part) <= ALLOWED
    assert ("type" in part) != part.get("x-kubernetes-int-or-string", False)


@pytest.mark.parametrize("path", [path for path in PARTS if path[-1] not in "]}"])
def test_field_is_described(path: str) -> None:
    if path == "root.metadata":  # described by Kubernetes, which lets nobody else do it
        assert "description" not in PARTS[path]
    else:
        assert PARTS[path]["description"].endswith(".")


@pytest.mark.parametrize(("path", "part"), SPEC_PARTS.items(), ids=SPEC_PARTS)
def test_spec_is_bounded_so_that_the_cost_of_its_rules_is(path: str, part: dict[str, Any]) -> None:
    match part:
        case {"type": "string", "enum": _} | {"x-kubernetes-preserve-unknown-fields": True}:
            pass
        case {"type": "string"} | {"x-kubernetes-int-or-string": True}:
            assert "maxLength" in part
        case {"type": "array"}:
            assert "maxItems" in part
        case {"type": "object", "additionalProperties": _}:
            assert "maxProperties" in part


def test_lists_whose_entries_have_a_key_are_maps() -> None:
    keys = {
        path: part["x-kubernetes-list-map-keys"]
        for path, part in PARTS.items()
        if part.get("x-kubernetes-list-type") == "map"
    }

    assert keys == {
        "root.spec.memberOptions": ["member"],
        "root.status.conditions": ["type"],
        "root.status.memberStatus": ["ordinal"],
        "root.status.waitingForApproval": ["id"],
    }


def test_status_refuses_no_word_of_a_newer_operator() -> None:
    entries = PARTS["root.status.conditions[].type"], PARTS["root.status.conditions[].reason"]

    assert all("enum" not in entry for entry in entries)


@pytest.mark.parametrize("rule", RULES, ids=[rule["message"][:40] for rule in RULES])
def test_rule_has_a_message_that_kubernetes_takes(rule: dict[str, str]) -> None:
    assert len(rule["message"]) > 20
    assert "\n" not in rule["message"]
    assert not rule["message"].startswith("self.")


def test_only_the_spec_is_required() -> None:
    assert root()["required"] == ["spec"]
    assert PARTS["root.spec"]["required"] == ["version", "storage"]
