"""A resource with another spec, as a file has it, and what differs. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mongors.api.identity import GROUP, KIND
from mongors.api.spec import InvalidSpec, MongoReplicaSet
from mongors.cli.trouble import Unable

Raw = Mapping[str, Any]

_ABSENT = "-"


def with_spec_of(live: Raw, wanted: Raw) -> dict[str, Any]:
    """The live resource with the spec, labels and annotations of a file."""
    given, metadata = wanted.get("metadata") or {}, live["metadata"]
    merged = {
        key: {**(metadata.get(key) or {}), **(given.get(key) or {})}
        for key in ("labels", "annotations")
        if given.get(key)
    }
    generation = int(metadata.get("generation", 0))
    changed = live.get("spec") != wanted.get("spec")
    return {
        **live,
        "metadata": {**metadata, **merged, "generation": generation + changed},
        "spec": wanted.get("spec") or {},
    }


def chosen(documents: list[Any], name: str, file: str) -> Raw:
    """The resource of this set among those of a file."""
    ours = [each for each in documents if isinstance(each, Mapping) and _is_set(each)]
    named = [each for each in ours if (each.get("metadata") or {}).get("name") == name]
    if named:
        return named[0]
    if not ours:
        raise Unable(f"{file} holds no {KIND} of {GROUP}: name a file with the changed resource")
    others = ", ".join(str((each.get("metadata") or {}).get("name")) for each in ours)
    raise Unable(f"{file} holds no {KIND} named {name}, but {others}: name that set, or that file")


def with_defaults(resource: Raw) -> dict[str, Any]:
    """The spec of a resource with all that it leaves out; as it is when it cannot be followed."""
    try:
        return MongoReplicaSet.parse(resource).spec.to_wire()
    except InvalidSpec:
        return dict(resource.get("spec") or {})


def differences(before: Raw, after: Raw) -> tuple[str, ...]:
    """What differs between two specs, field by field: members: 3 → 5."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        f"{path}: {old.get(path, _ABSENT)} → {new.get(path, _ABSENT)}"
        for path in sorted(old.keys() | new.keys())
        if old.get(path, _ABSENT) != new.get(path, _ABSENT)
    )


def _is_set(document: Raw) -> bool:
    group = str(document.get("apiVersion", "")).partition("/")[0]
    return (document.get("kind"), group) == (KIND, GROUP)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for at, each in enumerate(value):
            yield from _leaves(each, f"{path}[{at}]")
    else:
        yield path, value
