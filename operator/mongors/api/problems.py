"""What is wrong with a spec, in sentences for the person who wrote it."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mongors.api.rules import BROKEN

_UNKNOWN_FIELD = "extra_forbidden"
_SENTENCES = {
    "missing": "is required: add it",
    "string_type": "must be text: put it in quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "enum": "must be one of {expected}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_long": "must have at most {max_length} entries",
    "tuple_type": "must be a list",
    "dict_type": "must be a map of keys to values",
    "model_type": "must be a map of fields to values",
    "model_attributes_type": "must be a map of fields to values",
}


class InvalidSpec(Exception):  # noqa: N818 - it is not a failure of ours
    """A spec that cannot be followed; `problems` are sentences of the form 'path: what to do'."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def sentences(error: ValidationError, model: type[BaseModel]) -> tuple[str, ...]:
    """Return one sentence for each thing that pydantic found wrong."""
    return tuple(_sentence(details, model) for details in error.errors(include_url=False))


def _sentence(details: ErrorDetails, model: type[BaseModel]) -> str:
    context: dict[str, Any] = details.get("ctx", {})
    path = _path(details["loc"])
    if details["type"] == BROKEN:
        return f"{path}{context['path']}: {context['says']}"
    if details["type"] == _UNKNOWN_FIELD:
        return f"{path}: {_unknown_field(details['loc'], model)}"
    known = _SENTENCES.get(details["type"])
    if known is None:
        return f"{path}: {details['msg'][:1].lower()}{details['msg'][1:]}"
    return f"{path}: {known.format_map(context)}"


def _path(location: tuple[int | str, ...]) -> str:
    """Write a location as people write it: spec.tolerations[1].key."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(part for part in parts if part != ".[key]").lstrip(".")


def _unknown_field(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    meant = get_close_matches(str(location[-1]), sorted(_all_fields(model)), n=1)
    hint = f"did you mean {meant[0]}?" if meant else "remove it"
    return f"is not a field of this resource; {hint}"


def _all_fields(model: type[BaseModel]) -> set[str]:
    """Collect the wire names of all fields at any depth: near enough for a hint."""
    schema = model.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return {name for part in parts for name in part.get("properties", {})}
