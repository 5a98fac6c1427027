"""mongod.conf as a tree: the same option may be written nested or with dots in its name."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

Path = tuple[str, ...]
Tree = Mapping[str, Any]

PARAMETERS = "setParameter"
"""The section whose keys are names of server parameters, and whose values are theirs."""


def leaves(tree: Tree, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """List the options with their full paths, in the order in which they are written.

    A map is a section and is gone into, except for an empty one and the value of a parameter.
    """
    for key, value in tree.items():
        path = _joined(above, str(key))
        if isinstance(value, Mapping) and value and not _is_parameter(path):
            yield from leaves(value, path)
        else:
            yield path, value


def normalised(tree: Tree) -> dict[str, Any]:
    """Return the tree without dots in names and with sorted keys; one option twice: the last."""
    result: dict[str, Any] = {}
    for path, value in sorted(leaves(tree), key=lambda leaf: leaf[0]):
        place = result
        for part in path[:-1]:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        place[path[-1]] = value
    return result


def clash(tree: Tree) -> Path | None:
    """Return an option that is written twice, as only dots in names make possible."""
    paths = sorted(path for path, _ in leaves(tree))
    for before, after in pairwise(paths):
        if after[: len(before)] == before:
            return before
    return None


def keys(value: object) -> Iterator[str]:
    """List the keys of all maps in a value, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from keys(inner)


def is_deeper(value: object, levels: int) -> bool:
    """Tell whether maps and lists are nested deeper; whoever walks a tree asks this first."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return False
    return levels == 0 or any(is_deeper(inner, levels - 1) for inner in value)


def _joined(above: Path, key: str) -> Path:
    """Take a key apart at its dots, except where it is the name of a parameter."""
    if above == (PARAMETERS,):
        return (PARAMETERS, key)
    path = (*above, *key.split("."))
    return path if path[0] != PARAMETERS or len(path) < 3 else (PARAMETERS, ".".join(path[1:]))


def _is_parameter(path: Path) -> bool:
    return len(path) == 2 and path[0] == PARAMETERS
