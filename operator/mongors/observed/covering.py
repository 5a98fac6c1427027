"""Whether a live object already says what a manifest asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from mongors.api.quantity import canonical
from mongors.desired import labels

_QUANTITIES = ("requests", "limits")

_LISTS = (list, tuple)

_KEYS = ("name", "uid", "type", "topologyKey", "containerPort", "port", "path", "mountPath")
"""What tells the entries of a list apart, first match counts."""


def covers(live: Any, wanted: Any) -> bool:
    """Whether everything in `wanted` stands in `live`; what else is in `live` does not matter.

    Both are what JSON can say. In every pass of every set this looks at every object, so it asks
    for the very types: the abstract ones take several times as long.
    """
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(
            _covers_field(live, key, value) for key, value in wanted.items()
        )
    if isinstance(wanted, _LISTS):
        return isinstance(live, _LISTS) and _covers_list(live, wanted)
    return bool(live == wanted)


def is_as_applied(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether an object needs no apply: it covers the manifest, and no field was given up.

    A field that the manifest no longer has would stay behind unseen; the digest of the manifest,
    kept as an annotation, tells of it.
    """
    annotation = live.get("metadata", {}).get("annotations", {}).get(labels.APPLIED)
    return annotation == wanted["metadata"]["annotations"][labels.APPLIED] and covers(live, wanted)


def _covers_field(live: Mapping[str, Any], key: str, wanted: Any) -> bool:
    if wanted in ({}, [], None) and key not in live:
        return True  # the API server drops what is empty
    if key not in live:
        return wanted is False or wanted == 0
    if key in _QUANTITIES and isinstance(wanted, dict) and isinstance(live[key], dict):
        return all(
            name in live[key] and canonical(live[key][name]) == canonical(amount)
            for name, amount in wanted.items()
        )
    return covers(live[key], wanted)


def _covers_list(live: Sequence[Any], wanted: Sequence[Any]) -> bool:
    if not all(isinstance(each, dict) for each in wanted):
        return list(live) == list(wanted)
    return all(any(_is_same(have, each) and covers(have, each) for have in live) for each in wanted)


def _is_same(live: Any, wanted: Mapping[str, Any]) -> bool:
    key = next((key for key in _KEYS if key in wanted), None)
    return isinstance(live, dict) and (key is None or live.get(key) == wanted[key])
