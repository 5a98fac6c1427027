"""The part of the spec that is mongod.conf: free in form, except for what the operator owns."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from mongors.api.owned_options import OWNED, SECTIONS, OwnedOption
from mongors.api.rules import broken
from mongors.api.tree import Path, Tree, clash, is_deeper, keys, leaves

LARGEST_BYTES = 16 * 1024
"""Bytes of JSON. It travels in an annotation of every pod."""

DEEPEST = 16
"""Levels of sections. mongod has five."""

EXPANSIONS = ("__rest", "__exec")
"""Keys by which mongod takes a value from a program or an address."""

_FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def schema() -> dict[str, Any]:
    """Return the schema: known sections, free within, and a field for each refused option."""
    root: dict[str, Any] = {"type": "object", "properties": {}}
    for section in SECTIONS:
        _place(root, (section,))
    for option in OWNED:
        *above, last = option.path
        _place(root, tuple(above))["properties"][last] = option.to_schema()
    return root


def _place(root: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the section of a path; make it, and those around it, when it is missing."""
    place = root
    for depth, name in enumerate(path, start=1):
        described = {"description": f"Section {'.'.join(path[:depth])} of mongod.conf."}
        fresh = {**_FREE, **described, "properties": {}}
        place = place["properties"].setdefault(name, fresh)
    return place


def check(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration, or raise what is wrong with it first of all."""
    _check_form(configuration)
    twice = clash(configuration)
    if twice is not None:
        name = ".".join(twice)
        raise broken(f"{name} is written twice, once with dots in its name: keep one", f".{name}")
    for path, value in leaves(configuration):
        _check_section(path, value)
        for option in OWNED:
            if _concerns(option, path) and not option.allows(value):
                raise broken(option.message, f".{option.name}")
    return configuration


def _check_form(configuration: Tree) -> None:
    """Refuse what could not be walked, sent or read."""
    if is_deeper(configuration, DEEPEST):
        raise broken(f"is nested more than {DEEPEST} levels deep: mongod.conf is flatter")
    if len(json.dumps(configuration)) > LARGEST_BYTES:
        raise broken(f"must be at most {LARGEST_BYTES // 1024} KiB as JSON: shorten it")
    for key in keys(configuration):
        if key in EXPANSIONS:
            raise broken(
                f"{key} cannot be used: the members' containers have nothing to take a value "
                "from. Write the value"
            )
        if not all(key.split(".")):
            raise broken("a key is empty or has an empty part between dots: write it out")


def _check_section(path: Path, value: object) -> None:
    known = {*SECTIONS, *(option.path[0] for option in OWNED)}
    if path[0] not in known:
        raise broken(
            f"is not a section of mongod.conf that can be set; there are {', '.join(SECTIONS)}",
            f".{path[0]}",
        )
    if len(path) == 1 and not isinstance(value, dict):
        raise broken("must be a map of options to values", f".{path[0]}")
    if value is None:
        raise broken("has no value: write one, or leave it out", f".{'.'.join(path)}")


def _concerns(option: OwnedOption, path: Path) -> bool:
    return path[: len(option.path)] == option.path


Configuration = Annotated[
    dict[str, Any],
    WithJsonSchema(schema()),
    AfterValidator(check),
    Field(
        description=(
            "The members' mongod.conf as a tree, such as storage.wiredTiger or setParameter, up "
            "to 16 KiB. Options that the operator owns are refused. Parameters that mongod can "
            "change while it runs are changed so; all else restarts the members one by one."
        )
    ),
]
