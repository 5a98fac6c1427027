"""The page of all fields, made from the definition that the API server is given."""

from collections.abc import Iterable, Iterator
from typing import Any

from docs.markdown import table
from mongors.api import crd
from mongors.api.owned_options import OWNED, SECTIONS
from mongors.api.rules import VALIDATIONS

Schema = dict[str, Any]

FREE = "spec.configuration"
"""Described by what is refused in it, not field by field."""

_BEGIN = """\
<!-- Made from operator/mongors/api by `make reference`; edits here are lost. -->
# Fields

Every field of a MongoReplicaSet, version `mongors.io/v1alpha1`. `kubectl explain mrs.spec` shows
the same, without leaving the terminal. What stands under *Refused* is turned away by the API server
when you apply it, with these words. A field that stands in a list has `[]` after the list's name.
"""

_CONFIGURATION = f"""\
### {FREE}

The sections of mongod.conf in which something can be set:
{{sections}}. Within them
everything that mongod knows is taken as it is, except for these options:
"""

_REPORTED = """\
## What is reported

The operator alone writes these.
"""

_NAMES = {"integer": "whole number", "string": "text", "boolean": "true or false"}


def root() -> Schema:
    """The schema of the whole resource."""
    (version,) = crd.definition()["spec"]["versions"]
    schema: Schema = version["schema"]["openAPIV3Schema"]
    return schema


def paths() -> Iterator[str]:
    """Every field by its path, such as `spec.storage.size`."""
    for part in ("spec", "status"):
        yield part
        yield from _paths(root()["properties"][part], part)


def values(schema: Schema | None = None) -> Iterator[str]:
    """Every value of a closed list."""
    part = root() if schema is None else schema
    yield from part.get("enum", ())
    for each in (*part.get("properties", {}).values(), part.get("items", {})):
        if each:
            yield from values(each)


def _paths(schema: Schema, path: str) -> Iterator[str]:
    inner = schema.get("items", schema)
    for name, each in inner.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from _paths(each, f"{path}.{name}")


def render() -> str:
    """Return the page, as it lies in docs/."""
    parts = root()["properties"]
    spec, status = _sections(parts["spec"], "spec"), _sections(parts["status"], "status")
    whole = _refused(_told(rule, rule.get("fieldPath", "")) for rule in root()[VALIDATIONS])
    return "\n".join([_BEGIN, "## What you write\n", whole, *spec, _REPORTED, *status])


def _sections(schema: Schema, path: str) -> Iterator[str]:
    """A section for an object, then one for each object in it."""
    if path == FREE:
        yield _CONFIGURATION.format(sections=", ".join(f"`{each}`" for each in SECTIONS))
        yield table(("option", "why it is refused"), ((f"`{o.name}`", o.why) for o in OWNED))
        return
    inner = schema.get("items", schema)
    yield f"### {path}{'[]' if 'items' in schema else ''}\n"
    yield table(("field", "type", "default", "what it is"), _rows(inner))
    if refusals := list(dict.fromkeys(_refusals(schema))):
        yield _refused(refusals)
    for name, each in inner["properties"].items():
        if each.get("items", each).get("properties"):
            yield from _sections(each, f"{path}.{name}")


def _refused(messages: Iterable[str]) -> str:
    return "Refused:\n\n" + "".join(f"- {each}\n" for each in messages)


def _rows(schema: Schema) -> Iterator[tuple[str, str, str, str]]:
    required = schema.get("required", ())
    for name, each in schema["properties"].items():
        default = "required" if name in required else _default(each)
        yield f"`{name}`", _type(each), default, each.get("description", "")


def _default(schema: Schema) -> str:
    default = schema.get("default")
    if default is None or isinstance(default, dict | list):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if "items" in schema:
        return f"list of {_plural(schema['items'])}"
    if "additionalProperties" in schema:
        return "map"
    kind = schema.get("type", "string")
    return str(_NAMES.get(kind, kind))


def _plural(schema: Schema) -> str:
    return {"string": "texts", "object": "objects"}[schema["type"]]


def _refusals(schema: Schema) -> Iterator[str]:
    """What the rules of an object and of its fields say, but for those of objects within."""
    inner = schema.get("items", schema)
    for part in {id(each): each for each in (schema, inner)}.values():
        yield from (_told(rule, rule.get("fieldPath", "")) for rule in part.get(VALIDATIONS, ()))
    for name, each in inner["properties"].items():
        if not each.get("items", each).get("properties"):
            yield from (_told(rule, name) for rule in each.get(VALIDATIONS, ()))


def _told(rule: dict[str, str], field: str) -> str:
    """What a rule says, after the field's name, unless it begins with that."""
    name, message = field.lstrip("."), rule["message"]
    return message if not name or message.startswith(f"{name} ") else f"`{name}`: {message}"
