"""The Kubernetes client on a real API server: what a plan made on an old picture cannot do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from mongors.errors import Denied, NotNow, Refused, Rejected, Retry
from mongors.kube import login
from mongors.kube.client import Kube
from mongors.kube.events import Event, EventType, Regarding
from mongors.kube.kinds import KINDS
from mongors.kube.lease import Lease
from mongors.kube.terms import LeaseTerms
from mongors.kube.transport import Transport
from mongors.store import INSTANCE, MANAGED_BY, MANAGER, Store

Manifest = dict[str, Any]
GATE = "mongors.io/in-service"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def kube(store: Store) -> AsyncIterator[Kube]:
    async with Kube(await login.load(), on_seen=store.put) as client:
        yield client


def pod(namespace: str, name: str) -> Manifest:
    """A pod that no node takes, so that nothing but the test changes it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {
            "schedulingGates": [{"name": "mongors.io/test"}],
            "readinessGates": [{"conditionType": GATE}],
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 999,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "c",
                    "image": "none",
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }


def service(namespace: str, name: str, **metadata: Any) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {"clusterIP": "None", "ports": [{"port": 27017, "name": "mongo"}]},
    }


def statefulset(namespace: str, name: str) -> Manifest:
    template = {"metadata": {"labels": {"app": name}}, "spec": pod(namespace, name)["spec"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 0,
            "serviceName": name,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        },
    }


def uid(obj: Mapping[str, Any]) -> str:
    return str(obj["metadata"]["uid"])


def version(obj: Mapping[str, Any]) -> str:
    return str(obj["metadata"]["resourceVersion"])


async def test_apply_creates_then_changes_then_does_nothing(
    kube: Kube, store: Store, namespace: str
) -> None:
    made = await kube.apply(service(namespace, "a"), force=True)
    again = await kube.apply(service(namespace, "a"), force=True)
    assert version(again) == version(made)
    ours = {MANAGED_BY: MANAGER, INSTANCE: "a"}  # the store keeps what belongs to a set
    labelled = await kube.apply(service(namespace, "a", labels=ours), force=True)
    assert labelled["metadata"]["labels"] == ours
    seen = store.get("Service", namespace, "a")
    assert seen is not None
    assert version(seen) == version(labelled)


async def test_apply_with_a_uid_never_makes_or_changes_another_object(
    kube: Kube, namespace: str
) -> None:
    with pytest.raises(Refused):
        await kube.apply(service(namespace, "b", uid="no-such-object"), force=True)
    assert await kube.get("Service", namespace, "b") is None
    await kube.apply(service(namespace, "b"), force=True)
    with pytest.raises(Refused):
        await kube.apply(service(namespace, "b", uid="another-object"), force=True)


async def test_apply_over_an_old_version_is_refused(kube: Kube, namespace: str) -> None:
    made = await kube.apply(service(namespace, "c"), force=True)
    await kube.apply(service(namespace, "c", labels={"x": "y"}), force=True)
    with pytest.raises(Refused):
        await kube.apply(service(namespace, "c", resourceVersion=version(made)), force=True)


async def test_a_misspelt_field_changes_nothing_and_is_named(kube: Kube, namespace: str) -> None:
    wrong = service(namespace, "d")
    wrong["spec"]["clusterIp"] = "None"
    with pytest.raises(Retry, match="clusterIp"):  # the API server calls it an error of its own
        await kube.apply(wrong, force=True)
    assert await kube.get("Service", namespace, "d") is None


async def test_a_wrong_value_is_rejected_by_name(kube: Kube, namespace: str) -> None:
    wrong = service(namespace, "d")
    wrong["spec"]["ports"][0]["port"] = 70000
    with pytest.raises(Rejected, match="port"):
        await kube.apply(wrong, force=True)


async def test_a_rejected_secret_leaves_its_content_out_of_the_message(
    kube: Kube, namespace: str
) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "hunter", "namespace": namespace},
        "data": {"password": "hunter2!"},
    }
    with pytest.raises((Rejected, Retry)) as caught:
        await kube.apply(secret, force=True)
    assert "hunter2" not in caught.value.message


async def test_what_is_absent_is_none_and_what_is_unknown_to_the_server_is_not(
    kube: Kube, namespace: str
) -> None:
    assert await kube.get("StatefulSet", namespace, "nobody") is None
    assert await kube.get("StorageClass", None, "nobody") is None
    assert await kube.serves(KINDS["StatefulSet"])


async def test_labels_and_annotations_are_bound_to_the_pod(kube: Kube, namespace: str) -> None:
    made = await kube.apply(pod(namespace, "p1"), force=True)
    changed = await kube.label_pod(
        namespace, "p1", uid(made), {"role": "primary", "app": None}, {"a": "b"}
    )
    assert changed["metadata"]["labels"] == {"role": "primary"}
    assert changed["metadata"]["annotations"] == {"a": "b"}
    with pytest.raises(Refused):
        await kube.label_pod(namespace, "p1", "another-pod", {"role": "other"}, {})
    with pytest.raises(Refused):
        await kube.label_pod(namespace, "nobody", "another-pod", {"role": "other"}, {})


async def test_a_condition_joins_the_others_and_is_bound_to_the_pod(
    kube: Kube, namespace: str
) -> None:
    made = await kube.apply(pod(namespace, "p2"), force=True)
    now = datetime.now(UTC)
    for status in ("False", "True"):
        changed = await kube.set_pod_condition(
            namespace, "p2", uid(made), GATE, status, "Secondary", "in service", now
        )
    conditions = {each["type"]: each["status"] for each in changed["status"]["conditions"]}
    assert conditions[GATE] == "True"
    assert "PodScheduled" in conditions
    with pytest.raises(Refused):
        await kube.set_pod_condition(namespace, "p2", "another-pod", GATE, "False", "", "", now)


async def test_an_eviction_asks_the_budget_and_spares_another_pod(
    kube: Kube, namespace: str
) -> None:
    made = await kube.apply(pod(namespace, "p3"), force=True)
    with pytest.raises(Refused):
        await kube.evict(namespace, "p3", "another-pod")
    await kube.evict(namespace, "p3", uid(made))
    with pytest.raises(Refused):
        await kube.evict(namespace, "p3", uid(made))


async def test_a_budget_that_is_used_up_says_not_now(kube: Kube, namespace: str) -> None:
    running = pod(namespace, "p4")
    del running["spec"]["schedulingGates"]  # a pod that never ran is evicted without asking
    running["spec"]["containers"][0] |= {"image": "busybox:stable", "command": ["sleep", "600"]}
    del running["spec"]["readinessGates"]
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "p4", "namespace": namespace},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "p4"}}},
    }
    await kube.apply(budget, force=True)
    made = await kube.apply(running, force=True)
    async with asyncio.timeout(60):
        while (made.get("status") or {}).get("phase") != "Running":
            await asyncio.sleep(0.5)
            made = await kube.get("Pod", namespace, "p4") or {}
    with pytest.raises(NotNow, match="p4"):
        await kube.evict(namespace, "p4", uid(made))
    await kube.delete("Pod", namespace, "p4", uid(made))


async def test_a_deletion_leaves_orphans_if_asked(kube: Kube, namespace: str) -> None:
    """The owner is a StatefulSet without pods; what it owns is made here."""
    for name, orphan in (("o1", True), ("o2", False)):
        owner = await kube.apply(statefulset(namespace, name), force=True)
        reference = {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "name": name,
            "uid": uid(owner),
        }
        await kube.apply(service(namespace, name, ownerReferences=[reference]), force=True)
        await kube.delete("StatefulSet", namespace, name, uid(owner), orphan=orphan)
    async with asyncio.timeout(60):
        for kind, gone in (("Service", "o2"), ("StatefulSet", "o1")):
            while await kube.get(kind, namespace, gone) is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
    left = await kube.get("Service", namespace, "o1")
    assert left is not None
    assert not left["metadata"].get("ownerReferences")


async def test_a_deletion_spares_another_object(kube: Kube, namespace: str) -> None:
    made = await kube.apply(service(namespace, "e"), force=True)
    with pytest.raises(Refused):
        await kube.delete("Service", namespace, "e", "another-object")
    await kube.delete("Service", namespace, "e", uid(made))
    assert await kube.get("Service", namespace, "e") is None
    with pytest.raises(Refused):
        await kube.delete("Service", namespace, "e", uid(made))


@pytest.mark.resting
async def test_status_is_applied_beside_the_spec(
    kube: Kube, namespace: str, crd_installed: None
) -> None:
    wanted: Manifest = {
        "apiVersion": "mongors.io/v1alpha1",
        "kind": "MongoReplicaSet",
        "metadata": {"name": "s", "namespace": namespace},
        "spec": {"members": 3, "version": "6.0.5", "storage": {"size": "2Gi"}, "paused": True},
    }
    made = await kube.apply(wanted, force=True)
    status = {key: value for key, value in wanted.items() if key != "spec"}
    status["metadata"] = {**status["metadata"], "resourceVersion": version(made)}
    written = await kube.apply_status({**status, "status": {"primary": "s-0"}})
    assert written["status"]["primary"] == "s-0"
    assert written["metadata"]["generation"] == made["metadata"]["generation"]
    with pytest.raises(Refused):  # over an old version; of a uid the server takes no notice here
        await kube.apply_status({**status, "status": {"primary": "s-1"}})


async def test_repeated_news_is_one_event_that_counts(kube: Kube, namespace: str) -> None:
    made = await kube.apply(service(namespace, "f"), force=True)
    about = Regarding("v1", "Service", namespace, "f", uid(made))
    event = Event(about, EventType.WARNING, "Tested", "Test", "this is a test")
    for _ in range(3):
        await kube.emit(event)
    async with Kube(await login.load()) as restarted:
        await restarted.emit(event)
    found = await kube.get("Event", namespace, event.name)
    assert found is not None
    assert found["series"]["count"] == 4
    assert (found["reason"], found["note"]) == ("Tested", "this is a test")


async def test_a_missing_permission_is_named(namespace: str) -> None:
    configuration = await login.load()
    configuration.cert_file = configuration.key_file = None
    async with Kube(configuration) as nobody:
        with pytest.raises(Denied) as caught:
            await nobody.get("Secret", namespace, "x")
    assert (caught.value.verb, caught.value.resource) == ("get", "secrets")


async def test_the_lease_passes_on_within_seconds(namespace: str) -> None:
    configuration = await login.load()
    held: list[str] = []

    async def hold(transport: Transport, identity: str) -> None:
        async def work() -> None:
            held.append(identity)
            await asyncio.sleep(3)
            held.append(identity)

        terms = LeaseTerms(namespace, "test", identity, renew_every=1, retry_every=1)
        await Lease(transport, terms).run(work)

    async with Transport(configuration) as transport, asyncio.timeout(15):
        await asyncio.gather(hold(transport, "a"), hold(transport, "b"))
    assert held in (["a", "a", "b", "b"], ["b", "b", "a", "a"])
