"""The world, as one snapshot. Failures inside become part of it; nothing is decided here."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from mongors.api.quantity import is_smaller
from mongors.api.status import Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.names import CLUSTER_WIDE, PORT
from mongors.desired.secrets import CLUSTER_USER, SecretKind, decoded, secret_name
from mongors.errors import Denied
from mongors.mongo.answers import Asked, all_answers
from mongors.mongo.ask import Logins, Questions, ask, greet
from mongors.mongo.replies import applied_in_hello, state_in_hello
from mongors.mongo.session import Login, Reply, system_login
from mongors.observed.kubernetes import (
    Claim,
    Node,
    Pod,
    claim_of,
    named_endpoints,
    node_of,
    pod_of,
    statefulset_of,
)
from mongors.observed.mongodb import Answer
from mongors.observed.observed import ObjectKey, Observed
from mongors.observed.record import Record, recorded
from mongors.onlooker import Onlooker
from mongors.store import SetRef, Store

Raw = Mapping[str, Any]

CLAIM = "PersistentVolumeClaim"

Asking = Callable[[int, str, int, Questions], Asked]
"""How the mongod of a member is asked: its ordinal, IP and port, and the questions."""


class Reader(Protocol):
    """What is needed of the Kubernetes API."""

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return the object, or None when there is certainly none."""


class Observer:
    """Looks at one set: watched objects from the store, the rest by asking."""

    def __init__(
        self,
        store: Store,
        kube: Reader,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        cluster_wide_bindings: bool = False,
        onlooker: Onlooker = Onlooker(),  # noqa: B008 - it holds nothing
        asking: Asking | None = None,
    ) -> None:
        self._store = store
        self._kube = kube
        self._cluster_wide_bindings = cluster_wide_bindings
        self._onlooker = onlooker
        self._now = now
        self._asking = asking or ask

    async def observe(self, desired: Desired, status: Status, *, at_rest: bool = False) -> Observed:
        """Take the snapshot of one pass.

        Of a set at rest, what is neither wanted nor watched is not asked for: nothing new is there.
        """
        found = await self._objects(desired, at_rest)
        objects = {key: raw for key, raw in found.items() if raw and _is_ours(raw, desired)}
        alien = {key: raw for key, raw in found.items() if key not in objects and raw}
        leaving = {key for key, raw in alien.items() if _is_left_over(raw, desired)}
        statefulset = objects.get(("StatefulSet", desired.names.name))
        stored = self._store.of_set(SetRef(desired.names.namespace, desired.names.name))
        pods = {
            pod.ordinal: pod
            for raw in _of_kind(stored, "Pod")
            if _belongs(raw, statefulset) and (pod := pod_of(raw, desired.names))
        }
        claims = await self._claims(desired, stored, pods)
        record = recorded(_annotations(objects, desired.names.keyfile), status)
        questions = Questions(
            _logins(objects, desired, record, status), tuple(sorted(desired.parameters))
        )
        answers = await self._answers(pods, questions)
        needs_class = statefulset is None or not all(claim.bound for claim in claims.values())
        return Observed(
            at=self._now(),
            objects=objects,
            taken=frozenset(alien.keys() - leaving),
            leaving=frozenset(leaving),
            denied=frozenset(key for key, raw in found.items() if raw is None),
            pods=pods,
            claims=claims,
            statefulset=statefulset_of(statefulset) if statefulset else None,
            named=named_endpoints(_of_kind(stored, "EndpointSlice"), desired.names.name),
            answers=answers,
            record=record,
            status=status,
            storage_class_exists=await self._storage_class(desired) if needs_class else None,
            volumes_can_grow=await self._can_grow(desired, claims.values(), stored),
            nodes=self._nodes(pods.values()),
        )

    async def is_as_reported(self, desired: Desired, status: Status) -> bool:
        """The check at rest: whether every member's `hello` is what the status says of it."""
        ref = SetRef(desired.names.namespace, desired.names.name)
        pods = [pod_of(raw, desired.names) for raw in _of_kind(self._store.of_set(ref), "Pod")]
        reachable = {pod.ordinal: pod.ip for pod in pods if pod and pod.can_answer and pod.ip}
        if reachable.keys() != {member.ordinal for member in status.member_status}:
            return False
        said = await asyncio.gather(*(greet(ip, PORT) for ip in reachable.values()))
        replies = dict(zip(reachable, said, strict=True))
        self._onlooker.greeted(ref, {at: applied_in_hello(replies[at] or {}) for at in replies})
        return all(
            reply is not None and _matches(reply, ordinal, status)
            for ordinal, reply in replies.items()
        )

    async def _answers(self, pods: Mapping[int, Pod], questions: Questions) -> dict[int, Answer]:
        asked = {
            pod.ordinal: self._asking(pod.ordinal, pod.ip, PORT, questions)
            for pod in pods.values()
            if pod.can_answer and pod.ip is not None
        }
        return await all_answers(asked, {at for at, pod in pods.items() if pod.deleting})

    async def _objects(self, desired: Desired, at_rest: bool) -> dict[ObjectKey, Raw | None]:
        """Every object that the set needs and that exists; None for one we may not see."""
        keys = self._needed(desired, at_rest)
        found = await asyncio.gather(*(self._one(desired, key) for key in keys))
        return {key: raw for key, (seen, raw) in zip(keys, found, strict=True) if raw or not seen}

    def _needed(self, desired: Desired, at_rest: bool) -> list[ObjectKey]:
        """The objects to look for: all that are wanted, and what may not be any more."""
        names = desired.names
        fixed = [(each["kind"], each["metadata"]["name"]) for each in desired.fixed()]
        secrets = [("Secret", secret_name(names, kind)) for kind in SecretKind]
        may_be_bound = self._cluster_wide_bindings and not at_rest
        past = [("ClusterRoleBinding", names.cluster_binding)] * may_be_bound
        exporter = self._store.get("Deployment", names.namespace, names.exporter)
        if desired.spec.monitoring.exporter.enabled or exporter is not None:
            past.append(("Deployment", names.exporter))
        if self._store.get("RoleBinding", names.namespace, names.name) is not None:
            past.append(("RoleBinding", names.name))
        return list(dict.fromkeys([*fixed, *secrets, *past, ("StatefulSet", names.name)]))

    async def _one(self, desired: Desired, key: ObjectKey) -> tuple[bool, Raw | None]:
        kind, name = key
        namespace = "" if kind in CLUSTER_WIDE else desired.names.namespace
        stored = self._store.get(kind, namespace, name)
        if stored is not None:
            return True, stored
        try:
            return True, await self._kube.get(kind, namespace or None, name)
        except Denied:
            return False, None

    async def _claims(
        self, desired: Desired, stored: Iterable[Raw], pods: Iterable[int]
    ) -> dict[int, Claim]:
        """The members' claims; one made by hand carries no label of ours, and is asked for."""
        names = desired.names
        raws = {raw["metadata"]["name"]: raw for raw in _of_kind(stored, CLAIM)}
        for missing in {names.claim(ordinal) for ordinal in pods} - raws.keys():
            raw = await self._kube.get(CLAIM, names.namespace, missing)
            if raw is not None:
                raws[missing] = raw
        views = (
            claim_of(raw, names)
            for raw in raws.values()
            if "deletionTimestamp" not in raw["metadata"]
        )
        return {claim.ordinal: claim for claim in views if claim is not None}

    async def _storage_class(self, desired: Desired) -> bool | None:
        name = desired.spec.storage.class_name
        if name is None:
            return None
        try:
            return await self._kube.get("StorageClass", None, name) is not None
        except Denied:
            return None

    async def _can_grow(
        self, desired: Desired, claims: Iterable[Claim], stored: Iterable[Raw]
    ) -> bool | None:
        """Whether the claims' class lets volumes grow; looked at only when one should."""
        if not any(is_smaller(claim.requested, desired.spec.storage.size) for claim in claims):
            return None
        classes = (raw["spec"].get("storageClassName") for raw in _of_kind(stored, CLAIM))
        name = next(filter(None, classes), None)
        try:
            found = await self._kube.get("StorageClass", None, name) if name else None
        except Denied:
            return None
        return bool((found or {}).get("allowVolumeExpansion"))

    def _nodes(self, pods: Iterable[Pod]) -> dict[str, Node]:
        raws = {pod.node: self._store.node(pod.node) for pod in pods if pod.node}
        return {name: node_of(raw) for name, raw in raws.items() if raw is not None}


def _of_kind(stored: Iterable[Raw], kind: str) -> tuple[Raw, ...]:
    return tuple(raw for raw in stored if raw["kind"] == kind)


def _owner(raw: Raw) -> Raw | None:
    owners = raw["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), None)


def _is_ours(raw: Raw, desired: Desired) -> bool:
    """Whether an object is this set's: owned by it, or a kept Secret, or a marked binding."""
    owner, marks = _owner(raw), raw["metadata"].get("labels") or {}
    if owner is not None:
        return bool(owner["uid"] == desired.uid)
    if not labels.are_ours(marks, desired.names.name):
        return False
    return raw["kind"] in ("Secret", "ClusterRoleBinding")


def _is_left_over(raw: Raw, desired: Desired) -> bool:
    """Whether an object is of an earlier set of this name, and the garbage collector's."""
    owner = _owner(raw)
    return owner is not None and (owner["kind"], owner["name"]) == (
        "MongoReplicaSet",
        desired.names.name,
    )


def _belongs(pod: Raw, statefulset: Raw | None) -> bool:
    """Whether a pod is of the present StatefulSet, or an orphan that it will adopt."""
    owner = _owner(pod)
    return owner is None or (
        statefulset is not None and owner["uid"] == statefulset["metadata"]["uid"]
    )


def _annotations(objects: Mapping[ObjectKey, Raw], keyfile: str) -> Mapping[str, str]:
    raw = objects.get(("Secret", keyfile))
    annotations: Mapping[str, str] = (raw or {}).get("metadata", {}).get("annotations") or {}
    return annotations


def _logins(
    objects: Mapping[ObjectKey, Raw], desired: Desired, record: Record, status: Status
) -> Logins:
    key = _value(objects, desired.names.keyfile, "keyfile")
    password = _value(objects, desired.names.operator, "clusterPassword")
    made = record.users_made is not None or status.binding is not None
    return Logins(
        system=system_login(key) if key else None,
        cluster=Login(CLUSTER_USER, password) if made and password else None,
    )


def _value(objects: Mapping[ObjectKey, Raw], secret: str, key: str) -> str | None:
    return decoded((objects.get(("Secret", secret)) or {}).get("data") or {}, key)


def _matches(hello: Reply, ordinal: int, status: Status) -> bool:
    """Whether a member is what it was, and still sees the primary: one that is cut off does not."""
    member = next(each for each in status.member_status if each.ordinal == ordinal)
    hosts = {each.name: each.host for each in status.member_status}
    return (
        state_in_hello(hello).value == member.state
        and hello.get("setVersion") == status.config_version
        and hello.get("primary") == hosts.get(status.primary or "")
    )
