"""One pass: what is written when, and when to look again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from mongors.api.conditions import ConditionType
from mongors.api.status import Status
from mongors.desired.desired import Desired
from mongors.errors import Failure, Refused, Rejected, Retry
from mongors.kube.client import Kube
from mongors.kube.events import Event
from mongors.next import Next
from mongors.observe import Observer
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.onlooker import Onlooker
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.reconciler import (
    AFTER_ACTING_SECONDS,
    AFTER_FAILURE_SECONDS,
    AFTER_REFUSAL_SECONDS,
    Reconciler,
    looks_at_all,
    rest_seconds,
)
from mongors.settings import Settings
from mongors.store import SetRef, Store
from unit.builders import NOW, changed, live, only, resource, running, wanted

REF = SetRef("default", "mongo")
SECOND = timedelta(seconds=1)


class Recorder(Kube):
    """An API server of one set: it takes every write, and shows it to the store."""

    def __init__(self, store: Store, failure: Failure | None = None) -> None:
        self.store = store
        self.failure = failure
        self.statuses: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.applied: list[str] = []
        self.versions = 1
        self.deleted: list[tuple[str, str, str]] = []
        self.found: dict[str, Any] = {}
        self.asked: list[str] = []

    async def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        self.asked.append(kind)
        found: dict[str, Any] | None = self.found.get(kind)
        return found

    async def apply(self, manifest: Mapping[str, Any], *, force: bool) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        self.versions += 1
        self.applied.append(f"{manifest['kind']} {manifest['metadata']['name']}")
        made = live(manifest)
        made["metadata"]["resourceVersion"] = str(self.versions)
        self.store.put(made)
        return made

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        return await self.apply(manifest, force=False)

    async def apply_status(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        self.statuses.append(dict(manifest["status"]))
        raw = self.store.set(REF)
        assert raw is not None
        version = str(int(raw["metadata"]["resourceVersion"]) + 1)
        metadata = {**raw["metadata"], "resourceVersion": version}
        self.store.put({**raw, "metadata": metadata, "status": manifest["status"]})
        return {}

    async def delete(
        self, kind: str, namespace: str | None, name: str, uid: str, *, orphan: bool = False
    ) -> None:
        self.deleted.append((kind, name, uid))

    async def emit(self, event: Event) -> None:
        self.events.append(event)


def begun(
    raw: dict[str, Any] | None = None, failure: Failure | None = None, **settings: Any
) -> tuple[Reconciler, Recorder]:
    """A reconciler over one resource."""
    store = Store()
    if raw is not None:
        store.put({**raw, "metadata": {**raw["metadata"], "resourceVersion": "1"}})
    kube = Recorder(store, failure)
    return Reconciler(store, kube, Settings(**settings), lambda: NOW), kube


async def test_the_first_passes_make_everything_and_tells_so() -> None:
    reconciler, kube = begun(resource())
    assert await reconciler.reconcile(REF, True) == Next(AFTER_ACTING_SECONDS)
    assert len(kube.statuses) == 1
    assert {event.reason for event in kube.events} == {"SecretGenerated", "ObjectCreated"}
    assert "StatefulSet mongo" not in kube.applied, "before its key is there"
    assert await reconciler.reconcile(REF, True) == Next(AFTER_ACTING_SECONDS)
    assert kube.applied[-1] == "StatefulSet mongo"


async def test_the_same_pass_twice_writes_nothing() -> None:
    """Rule 28: neither an object, nor a status, nor an Event."""
    reconciler, kube = begun(resource())
    for _ in range(3):
        await reconciler.reconcile(REF, True)
    before = (len(kube.applied), len(kube.statuses), len(kube.events))
    await reconciler.reconcile(REF, True)
    assert (len(kube.applied), len(kube.statuses), len(kube.events)) == before


async def test_waiting_is_looked_at_again_soon() -> None:
    reconciler, _ = begun(resource())
    for _ in range(2):
        await reconciler.reconcile(REF, True)
    again = (await reconciler.reconcile(REF, True)).seconds
    assert again is not None
    assert AFTER_ACTING_SECONDS < again <= 5


async def test_a_paused_set_is_told_and_left_alone() -> None:
    """Rule 86."""
    reconciler, kube = begun(resource(paused=True))
    await reconciler.reconcile(REF, True)
    assert kube.applied == []
    assert kube.statuses[0]["phase"] == "Paused"


async def test_a_spec_that_cannot_be_followed_changes_nothing() -> None:
    reconciler, kube = begun(resource(members=0))
    assert await reconciler.reconcile(REF, True) == Next()
    assert kube.applied == []
    stalled = {each["type"]: each["status"] for each in kube.statuses[0]["conditions"]}
    assert stalled[ConditionType.STALLED] == "True"
    assert [event.reason for event in kube.events] == ["SpecInvalid"]
    assert await reconciler.reconcile(REF, True) == Next()
    assert len(kube.statuses) == len(kube.events) == 1


async def test_a_resource_that_goes_is_left_to_the_garbage_collector() -> None:
    raw = resource()
    raw["metadata"]["deletionTimestamp"] = NOW.isoformat()
    reconciler, kube = begun(raw)
    assert await reconciler.reconcile(REF, True) == Next()
    assert (kube.applied, kube.statuses) == ([], [])


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_cluster_wide_binding_is_removed_with_its_set(allowed: bool) -> None:
    reconciler, kube = begun(cluster_wide_bindings=allowed)
    marks = {
        "app.kubernetes.io/name": "mongodb",
        "app.kubernetes.io/instance": "mongo",
        "app.kubernetes.io/managed-by": "mongors",
    }
    kube.found["ClusterRoleBinding"] = {"metadata": {"uid": "uid", "labels": marks}}
    assert await reconciler.reconcile(REF, True) == Next()
    expected = [("ClusterRoleBinding", "mongors:default:mongo", "uid")] if allowed else []
    assert kube.deleted == expected


async def test_a_binding_of_somebody_else_is_not_removed() -> None:
    """Rule 88."""
    reconciler, kube = begun(cluster_wide_bindings=True)
    kube.found["ClusterRoleBinding"] = {"metadata": {"uid": "uid", "labels": {}}}
    await reconciler.reconcile(REF, True)
    assert kube.deleted == []


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (Refused("changed meanwhile"), AFTER_REFUSAL_SECONDS),
        (Retry("no answer"), AFTER_FAILURE_SECONDS),
        (Rejected("bad object"), 10.0),
    ],
)
async def test_a_failure_is_tried_again_when_it_can_help(failure: Failure, seconds: float) -> None:
    reconciler, kube = begun(resource(), failure)
    assert await reconciler.reconcile(REF, True) == Next(seconds)
    assert Status.read(kube.statuses[0]).phase in ("Creating", "Stalled")


def test_rest_is_longer_the_more_members_there_are() -> None:
    assert rest_seconds(10, 3) == 10
    assert rest_seconds(10, 3000) > 10


def test_each_set_is_looked_at_as_a_whole_once_in_a_while() -> None:
    """Rule 47: no `hello` tells of what somebody changed inside."""
    uids = [f"uid-{each}" for each in range(50)]
    checks = [NOW + timedelta(seconds=10 * each) for each in range(60)]
    looks = {uid: [at for at in checks if looks_at_all(uid, at, 10.0)] for uid in uids}
    assert {len(each) for each in looks.values()} == {1}
    assert len({only(each) for each in looks.values()}) > 20, "not all at the same time"


async def test_a_check_at_rest_is_a_whole_pass_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All members say by `hello` what the status says of them; that is not all there is."""
    looked: list[str] = []

    async def as_reported(*_: Any) -> bool:
        looked.append("hello")
        return True

    monkeypatch.setattr(Observer, "is_as_reported", as_reported)
    ready = {"type": "Ready", "status": "True", "reason": "AllMembersHealthy", "message": ""}
    raw = {**resource(), "status": {"observedGeneration": 1, "conditions": [ready]}}
    reconciler, kube = begun(raw, cluster_wide_bindings=True)
    uid = raw["metadata"]["uid"]
    due = next(at for each in range(60) if looks_at_all(uid, at := NOW + 10 * each * SECOND, 10))
    reconciler._now = lambda: due - 10 * SECOND
    await reconciler.reconcile(REF, False)
    assert (looked, kube.statuses) == (["hello"], [])
    reconciler._now = lambda: due
    await reconciler.reconcile(REF, False)
    assert looked == ["hello"]
    assert len(kube.statuses) == 1, "the set is not what its status says"
    assert "ClusterRoleBinding" not in kube.asked, "none is wanted, and nobody has changed a wish"


@pytest.mark.parametrize("silent", [(), (1,)])
async def test_a_pass_tells_whether_all_members_were_heard(
    silent: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue gives those who wait for somebody silent places of their own."""
    seen = running(wanted())
    for each in silent:
        seen = changed(seen, each, state=State.UNREACHABLE)

    async def observe(*_: Any, **__: Any) -> Observed:
        return seen

    monkeypatch.setattr(Observer, "observe", observe)
    reconciler, _ = begun(resource())
    assert (await reconciler.reconcile(REF, True)).heard_all is not bool(silent)


class Noting(Onlooker):
    """Notes what passes tell."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def passed(
        self, desired: Desired, observed: Observed, planned: Plan, outcomes: Sequence[Outcome]
    ) -> None:
        self.told.append(f"passed with {len(outcomes) > 0} outcomes")

    def reported(self, before: Status, after: Status) -> None:
        self.told.append(f"reported {after.phase}")

    def gone(self, ref: SetRef) -> None:
        self.told.append(f"{ref} is gone")


async def test_who_looks_on_is_told_of_passes_reports_and_ends() -> None:
    _, kube = begun(resource())
    noting = Noting()
    reconciler = Reconciler(kube.store, kube, Settings(), lambda: NOW, noting)
    await reconciler.reconcile(REF, True)
    assert noting.told == ["passed with True outcomes", "reported Creating"]
    raw = kube.store.set(REF)
    assert raw is not None
    kube.store.remove(raw)
    await reconciler.reconcile(REF, True)
    assert noting.told[2:] == ["default/mongo is gone"]
