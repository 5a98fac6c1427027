"""From pydantic's JSON schema to what a CustomResourceDefinition takes: a structural schema."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_DROPPED = ("title", "additionalProperties", "propertyNames", "$defs", "properties", "items")
"""Keys that Kubernetes refuses, and those that are put back once their content is converted."""

_NOTHING: tuple[Any, ...] = (None, "", [], {}, ())

_INT64 = {"type": "integer", "format": "int64"}


def structural(model: type[BaseModel]) -> Schema:
    """Return the model's schema with references inlined and nothing that Kubernetes refuses."""
    whole = model.model_json_schema(by_alias=True, mode="validation")
    return _convert(whole, whole.get("$defs", {}))


def _convert(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    merged = _resolve(schema, definitions)
    plain = {key: value for key, value in merged.items() if key not in _DROPPED}
    if "default" in plain:
        plain["default"] = _without_nothing(plain["default"])
        if plain["default"] in _NOTHING:
            del plain["default"]  # absent and empty mean the same, and absent is shorter to read
    if plain.get("type") == "integer":
        plain.update(_INT64)
    if "properties" in merged:
        plain["properties"] = {
            name: _convert(part, definitions) for name, part in merged["properties"].items()
        }
    if "items" in merged:
        plain["items"] = _convert(merged["items"], definitions)
    if isinstance(merged.get("additionalProperties"), Mapping):
        plain["additionalProperties"] = _convert(merged["additionalProperties"], definitions)
    return plain


def _without_nothing(default: Any) -> Any:
    """A default without fields that have no value: Kubernetes takes no null for an absent one."""
    if not isinstance(default, Mapping):
        return default
    return {key: _without_nothing(each) for key, each in default.items() if each not in _NOTHING}


def _resolve(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """Replace a reference by its target and an optional value by the value; outer keys win."""
    target: Mapping[str, Any] = {}
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
    elif "anyOf" in schema:
        (target,) = (part for part in schema["anyOf"] if part != {"type": "null"})
    if not target:
        return dict(schema)
    outer = {key: value for key, value in schema.items() if key not in ("$ref", "anyOf")}
    return {**_resolve(target, definitions), **outer}
