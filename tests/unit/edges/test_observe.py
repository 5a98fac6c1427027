"""The observer: whose an object is, and what is unknown rather than absent."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from bson import Timestamp

from mongors.api.status import Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.errors import Denied
from mongors.mongo.session import Reply
from mongors.observe import Observer
from mongors.observed.mongodb import Answer, State
from mongors.observed.observed import Observed
from mongors.onlooker import Onlooker
from mongors.store import SetRef, Store
from unit.builders import BORN, IDENTITY, NOW, objects_of, secrets_of, wanted

SET = wanted(3)
OURS = labels.common("mongo")


class Kube:
    """An API server that is asked one object at a time; None stands for "not allowed"."""

    def __init__(self, **objects: Any) -> None:
        self.objects = objects
        self.denied: set[str] = set()

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        if kind in self.denied:
            raise Denied("not allowed", "get", kind)
        found: dict[str, Any] | None = self.objects.get(kind)
        return found


def owned(kind: str, name: str, *, uid: str = "uid-set", **metadata: Any) -> dict[str, Any]:
    """An object whose controller is the set of this uid."""
    owner = {"kind": "MongoReplicaSet", "name": "mongo", "uid": uid, "controller": True}
    return {
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "creationTimestamp": BORN.isoformat(),
            "labels": OURS,
            "ownerReferences": [owner],
            "resourceVersion": "1",
            **metadata,
        },
    }


def running_pod(ordinal: int, **metadata: Any) -> dict[str, Any]:
    """A member's pod whose mongod can be asked."""
    running = [{"name": "mongod", "state": {"running": {}}}]
    status = {"podIP": f"10.0.0.{ordinal}", "containerStatuses": running}
    return owned("Pod", f"mongo-{ordinal}", **metadata) | {"status": status}


async def seen(
    *stored: dict[str, Any],
    desired: Desired = SET,
    kube: Kube | None = None,
    cluster_wide_bindings: bool = False,
    at_rest: bool = False,
) -> Observed:
    """A snapshot over a store with these objects."""
    store = Store()
    for raw in stored:
        store.put(raw)
    observer = Observer(
        store, kube or Kube(), lambda: NOW, cluster_wide_bindings=cluster_wide_bindings
    )
    return await observer.observe(desired, Status(replica_set_id=IDENTITY), at_rest=at_rest)


async def test_an_empty_world_is_seen_as_such() -> None:
    observed = await seen()
    assert observed == Observed(at=NOW, record=observed.record, status=observed.status)
    assert observed.record.replica_set_id == IDENTITY


async def test_an_object_of_this_very_set_is_ours() -> None:
    raw = owned("Service", "mongo")
    assert (await seen(raw)).objects == {("Service", "mongo"): raw}


async def test_an_object_of_an_earlier_set_of_this_name_is_leaving() -> None:
    """Rule 88: the name is the same, the uid is not; the garbage collector is on its way."""
    observed = await seen(owned("Service", "mongo", uid="uid-older"))
    assert observed.objects == {}
    assert observed.leaving == {("Service", "mongo")}
    assert observed.taken == frozenset()


@pytest.mark.parametrize(
    "metadata",
    [
        {"ownerReferences": []},
        {"ownerReferences": [{"kind": "X", "name": "y", "uid": "z", "controller": True}]},
        {"ownerReferences": [], "labels": {}},
    ],
)
async def test_an_object_of_somebody_else_is_taken(metadata: dict[str, Any]) -> None:
    """Rule 88."""
    observed = await seen(kube=Kube(Service=owned("Service", "mongo", **metadata)))
    assert observed.objects == {}
    assert ("Service", "mongo") in observed.taken


async def test_a_kept_secret_is_known_by_its_labels() -> None:
    """Rule 43: it outlived the resource, so no owner stands in it."""
    keyfile = secrets_of(SET, (await seen()).record)[0]
    keyfile["metadata"]["uid"] = "uid-keyfile"
    observed = await seen(kube=Kube(Secret=keyfile))
    assert ("Secret", "mongo-keyfile") in observed.objects
    assert observed.record.replica_set_id == IDENTITY
    foreign = {**keyfile, "metadata": {**keyfile["metadata"], "labels": {}}}
    observed = await seen(kube=Kube(Secret=foreign))
    assert ("Secret", "mongo-keyfile") in observed.taken


async def test_an_object_that_may_not_be_seen_is_not_said_to_be_absent() -> None:
    """Rule 78."""
    kube = Kube()
    kube.denied = {"Secret", "StorageClass"}
    desired = wanted(3, storage={"size": "2Gi", "className": "fast"})
    observed = await seen(kube=kube, desired=desired)
    assert {kind for kind, _ in observed.denied} == {"Secret"}
    assert observed.storage_class_exists is None


@pytest.mark.parametrize(("there", "exists"), [({}, False), ({"StorageClass": {"a": 1}}, True)])
async def test_a_named_storage_class_is_looked_for(there: dict[str, Any], exists: bool) -> None:
    desired = wanted(3, storage={"size": "2Gi", "className": "fast"})
    assert (await seen(kube=Kube(**there), desired=desired)).storage_class_exists is exists


async def test_a_cluster_wide_binding_is_known_by_its_labels() -> None:
    """No owner can stand in it; one of an earlier set of this name is ours to replace."""
    desired = wanted(3, rbac={"clusterRole": "view", "clusterWide": True})
    key = ("ClusterRoleBinding", "mongors:default:mongo")
    binding = objects_of(desired, 3)[key]
    observed = await seen(kube=Kube(ClusterRoleBinding=binding), desired=desired)
    assert key in observed.objects
    observed = await seen(kube=Kube(ClusterRoleBinding=binding), cluster_wide_bindings=True)
    assert key in observed.objects
    foreign = {**binding, "metadata": {**binding["metadata"], "labels": {}}}
    observed = await seen(kube=Kube(ClusterRoleBinding=foreign), desired=desired)
    assert key in observed.taken


@pytest.mark.parametrize("wish", [None, {"clusterRole": "view", "clusterWide": True}])
async def test_a_set_at_rest_is_asked_for_a_cluster_wide_binding_only_if_it_wants_one(
    wish: dict[str, Any] | None,
) -> None:
    """They are not watched, and a look that nobody asked for shall cost nothing."""
    key = ("ClusterRoleBinding", "mongors:default:mongo")
    somebodys = {"kind": key[0], "metadata": {"name": key[1], "labels": {}}}
    for at_rest in (False, True):
        observed = await seen(
            kube=Kube(ClusterRoleBinding=somebodys),
            desired=wanted(3, rbac=wish),
            cluster_wide_bindings=True,
            at_rest=at_rest,
        )
        assert (key in observed.taken) is (wish is not None or not at_rest)


async def test_a_binding_that_is_not_wanted_any_more_is_seen() -> None:
    observed = await seen(owned("RoleBinding", "mongo"))
    assert ("RoleBinding", "mongo") in observed.objects


STATEFULSET = {**owned("StatefulSet", "mongo"), "spec": {"replicas": 2}}


class TestPodsAndClaims:
    """Which of the stored ones are members'."""

    def pod(self, name: str, owner: str | None = "uid-mongo") -> dict[str, Any]:
        raw = owned("Pod", name)
        owners = [{"kind": "StatefulSet", "uid": owner, "controller": True}] if owner else []
        raw["metadata"]["ownerReferences"] = owners
        return raw

    async def test_pods_of_the_statefulset_and_its_orphans_are(self) -> None:
        pods = [self.pod("mongo-0"), self.pod("mongo-1", None), self.pod("mongo-2", "uid-older")]
        observed = await seen(STATEFULSET, *pods)
        assert sorted(observed.pods) == [0, 1]
        assert observed.statefulset is not None
        assert observed.statefulset.replicas == 2
        assert observed.answers == {}

    async def test_pods_of_an_earlier_statefulset_are_not(self) -> None:
        """Rule 88."""
        assert (await seen(self.pod("mongo-0"))).pods == {}

    async def test_claims_that_carry_no_label_of_ours_are_asked_for(self) -> None:
        """Rule 78: a volume made by hand is there all the same, and may hold data."""
        claim = owned("PersistentVolumeClaim", "data-mongo-0", labels={})
        kube = Kube(PersistentVolumeClaim=claim)
        observed = await seen(STATEFULSET, self.pod("mongo-0"), kube=kube)
        assert sorted(observed.claims) == [0]
        observed = await seen(STATEFULSET, self.pod("mongo-0"))
        assert observed.claims == {}

    async def test_claims_that_go_are_not(self) -> None:
        """A claim in deletion makes way for a new one, which is empty."""
        claims = [
            owned("PersistentVolumeClaim", "data-mongo-0"),
            owned("PersistentVolumeClaim", "data-mongo-1", deletionTimestamp="x"),
            owned("PersistentVolumeClaim", "other-mongo-2"),
        ]
        assert sorted((await seen(*claims)).claims) == [0]


class Noting(Onlooker):
    """Notes what a check at rest tells of the members."""

    def __init__(self) -> None:
        self.told: list[tuple[SetRef, Mapping[int, float | None]]] = []

    def greeted(self, ref: SetRef, applied: Mapping[int, float | None]) -> None:
        self.told.append((ref, applied))


async def test_a_check_at_rest_tells_how_far_the_members_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def greet(host: str, port: int) -> Reply | None:
        if host == "10.0.0.1":
            return None
        return {"secondary": True, "lastWrite": {"opTime": {"ts": Timestamp(1000, 1), "t": 1}}}

    monkeypatch.setattr("mongors.observe.greet", greet)
    store, noting = Store(), Noting()
    for ordinal in range(2):
        store.put(running_pod(ordinal))
    members = [{"name": f"mongo-{each}", "ordinal": each} for each in range(2)]
    observer = Observer(store, Kube(), lambda: NOW, onlooker=noting)
    assert not await observer.is_as_reported(SET, Status.read({"memberStatus": members}))
    assert noting.told == [(SetRef("default", "mongo"), {0: 1000.0, 1: None})]


async def test_a_member_whose_pod_goes_is_not_waited_for_once_another_is_primary() -> None:
    async def asking(ordinal: int, *_: Any) -> Answer:
        if ordinal == 1:
            await asyncio.Event().wait()
        return Answer(ordinal, State.PRIMARY)

    store = Store()
    store.put(owned("StatefulSet", "mongo") | {"spec": {"replicas": 2, "template": {}}})
    owner = {"kind": "StatefulSet", "name": "mongo", "uid": "uid-mongo", "controller": True}
    store.put(running_pod(0, ownerReferences=[owner]))
    store.put(running_pod(1, ownerReferences=[owner], deletionTimestamp=BORN.isoformat()))
    observer = Observer(store, Kube(), lambda: NOW, asking=asking)
    observed = await observer.observe(SET, Status(replica_set_id=IDENTITY))
    states = {at: answer.state for at, answer in observed.answers.items()}
    assert states == {0: State.PRIMARY, 1: State.UNREACHABLE}
