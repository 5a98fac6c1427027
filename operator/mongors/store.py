"""What the watches and our own writes last showed of each object, in memory.

Knows nothing of networks, tasks or clocks. An object only ever moves forward: the newer
resourceVersion wins, and a removed object leaves a tombstone, so that an answer which arrives
late does not bring it back.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mongors.slim import NODE_KIND, is_news, slim

SET_KIND = "MongoReplicaSet"
INSTANCE = "app.kubernetes.io/instance"
MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "mongors"

_TOMBSTONES = 10_000
"""How many removed objects are remembered: far more than any answer can be late by."""

USUAL_MEMBERS = 3
"""For a resource that does not say how many; only to estimate what looking at it costs."""

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, order=True)
class SetRef:
    """Names one replica set."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def ref_of(obj: Mapping[str, Any]) -> SetRef | None:
    """Tell to which set an object belongs: the resource itself, or whatever carries our labels."""
    metadata = obj["metadata"]
    namespace = metadata.get("namespace", "")
    if obj.get("kind") == SET_KIND:
        return SetRef(namespace, metadata["name"])
    if obj.get("kind") == NODE_KIND:
        return None
    labels = metadata.get("labels") or {}
    if labels.get(MANAGED_BY) != MANAGER or not labels.get(INSTANCE):
        return None
    return SetRef(namespace, labels[INSTANCE])


class Store:
    """Holds the latest known state of every object that belongs to a set, and of the nodes."""

    def __init__(self) -> None:
        self._objects: dict[_Key, Mapping[str, Any]] = {}
        self._owned: defaultdict[SetRef, dict[_Key, Mapping[str, Any]]] = defaultdict(dict)
        self._tombstones: OrderedDict[_Key, int] = OrderedDict()
        self.members = 0
        """How many members all sets together are to have; every pass asks, so it is kept."""

    def put(self, obj: Mapping[str, Any]) -> bool:
        """Take an object in unless a newer state of it is known; tell whether that is news.

        An object of nobody's set is not kept: no watch would ever tell that it went.
        """
        key = _key(obj)
        if _version(obj) <= self._known_version(key):
            return False
        self._tombstones.pop(key, None)
        before = self._objects.get(key)
        self._drop(key)
        if ref_of(obj) is None and key[0] != NODE_KIND:
            return before is not None
        kept = self._keep(key, obj)
        return before is None or is_news(before, kept)

    def remove(self, obj: Mapping[str, Any]) -> bool:
        """Forget an object as of the version given; tell whether it was there."""
        key, version = _key(obj), _version(obj)
        if version < self._known_version(key):
            return False
        self._bury(key, version)
        return self._drop(key)

    def replace(
        self, kind: str, namespace: str | None, objects: Iterable[Mapping[str, Any]], version: int
    ) -> frozenset[SetRef]:
        """Take a whole listing in, made at `version`, and forget what it does not hold.

        A namespace of None means all of them. An object made after the listing stays. Answers
        which sets have changed: a deletion that no watch ever told of shows here.
        """
        changed = list[Mapping[str, Any] | None]()
        listed = set[_Key]()
        for obj in objects:
            key = _key(obj)
            listed.add(key)
            before = self._objects.get(key)
            if self.put(obj):
                changed += (before, obj)
        for key in [k for k in self._objects if k[0] == kind and namespace in (None, k[1])]:
            if key not in listed and _version(self._objects[key]) <= version:
                changed.append(self._objects[key])
                self._bury(key, version)
                self._drop(key)
        return self.concerned(*changed)

    def concerned(self, *objects: Mapping[str, Any] | None) -> frozenset[SetRef]:
        """Tell whom news about these objects concerns: their sets; of a node, whoever is on it."""
        known = [obj for obj in objects if obj is not None]
        nodes = {obj["metadata"]["name"] for obj in known if obj["kind"] == NODE_KIND}
        refs = {ref_of(obj) for obj in known} | (self._on_nodes(nodes) if nodes else frozenset())
        return frozenset(ref for ref in refs if ref is not None)

    def get(self, kind: str, namespace: str | None, name: str) -> Mapping[str, Any] | None:
        """Look one object up by its name."""
        return self._objects.get((kind, namespace or "", name))

    def node(self, name: str) -> Mapping[str, Any] | None:
        """Look a node up, as far as it is kept; None as well when nodes are not watched."""
        return self._objects.get((NODE_KIND, "", name))

    def of_set(self, ref: SetRef) -> tuple[Mapping[str, Any], ...]:
        """List the objects that carry the labels of a set, in a steady order."""
        owned = self._owned.get(ref, {})
        return tuple(owned[key] for key in sorted(owned))

    def sets(self) -> tuple[SetRef, ...]:
        """List the sets whose custom resource is known, in order."""
        found = (SetRef(ns, name) for kind, ns, name in self._objects if kind == SET_KIND)
        return tuple(sorted(found))

    def resources(self) -> tuple[tuple[SetRef, Mapping[str, Any]], ...]:
        """List the custom resources of all sets, as they came, in order."""
        return tuple((ref, self._objects[SET_KIND, ref.namespace, ref.name]) for ref in self.sets())

    def set(self, ref: SetRef) -> Mapping[str, Any] | None:
        """Look up the custom resource of a set, as it came."""
        return self._objects.get((SET_KIND, ref.namespace, ref.name))

    def _known_version(self, key: _Key) -> int:
        known = self._objects.get(key)
        return _version(known) if known is not None else self._tombstones.get(key, -1)

    def _on_nodes(self, names: Container[str]) -> frozenset[SetRef | None]:
        return frozenset(
            ref_of(obj)
            for key, obj in self._objects.items()
            if key[0] == "Pod" and (obj.get("spec") or {}).get("nodeName") in names
        )

    def _keep(self, key: _Key, obj: Mapping[str, Any]) -> Mapping[str, Any]:
        kept = slim(obj)
        self._objects[key] = kept
        ref = ref_of(kept)
        if key[0] == SET_KIND:
            self.members += members_of(kept)
        elif ref is not None:
            self._owned[ref][key] = kept
        return kept

    def _drop(self, key: _Key) -> bool:
        known = self._objects.pop(key, None)
        if known is None:
            return False
        if key[0] == SET_KIND:
            self.members -= members_of(known)
        ref = ref_of(known)
        if ref is not None and ref in self._owned:
            self._owned[ref].pop(key, None)
            if not self._owned[ref]:
                del self._owned[ref]
        return True

    def _bury(self, key: _Key, version: int) -> None:
        self._tombstones[key] = version
        self._tombstones.move_to_end(key)
        while len(self._tombstones) > _TOMBSTONES:
            self._tombstones.popitem(last=False)


def members_of(resource: Mapping[str, Any]) -> int:
    """What a resource asks for, whose form nobody has checked yet."""
    members = (resource.get("spec") or {}).get("members")
    return members if isinstance(members, int) else USUAL_MEMBERS


def _key(obj: Mapping[str, Any]) -> _Key:
    metadata = obj["metadata"]
    return obj["kind"], metadata.get("namespace", ""), metadata["name"]


def _version(obj: Mapping[str, Any]) -> int:
    return int(obj["metadata"].get("resourceVersion") or 0)
