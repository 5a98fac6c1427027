"""The client against a fake API server: what it sends, and what it makes of the answers."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from kubernetes.aio.client.configuration import Configuration

from fakes.apiserver import ApiServer
from mongors.errors import Denied, Failure, NotNow, Refused, Rejected, Retry
from mongors.kube.client import Kube
from mongors.kube.kinds import KINDS

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "mongo-0", "namespace": "default", "uid": "u-1"},
}
CLAIM: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data-mongo-0", "namespace": "default", "uid": "u-2"},
    "spec": {"volumeName": "pv-1", "resources": {"requests": {"storage": "1Gi"}}},
}
SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "mongo-keyfile", "namespace": "default"},
    "stringData": {"keyFile": "hunter2"},
}


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer().serving() as serving:
        yield serving


@pytest.fixture
def shown() -> list[Any]:
    return []


@pytest.fixture
async def kube(server: ApiServer, shown: list[Any]) -> AsyncIterator[Kube]:
    async with Kube(Configuration(host=server.url), on_seen=shown.append) as client:
        yield client


def status(code: int, reason: str, message: str, **headers: str) -> web.Response:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return web.json_response(body, status=code, headers=headers)


async def test_get_gives_the_object_and_shows_it_to_the_store(
    server: ApiServer, kube: Kube, shown: list[Any]
) -> None:
    await server.put(POD)
    found = await kube.get("Pod", "default", "mongo-0")
    assert found is not None
    assert found["metadata"]["uid"] == "u-1"
    assert shown == [found]


async def test_get_gives_none_when_the_server_says_that_there_is_no_such_object(kube: Kube) -> None:
    assert await kube.get("Pod", "default", "mongo-0") is None


async def test_get_does_not_take_an_api_that_is_away_for_an_absent_object(
    server: ApiServer, kube: Kube
) -> None:
    server.hidden.add("pods")
    with pytest.raises(Retry):
        await kube.get("Pod", "default", "mongo-0")


async def test_requests_say_who_we_are(server: ApiServer, kube: Kube) -> None:
    await kube.get("Pod", "default", "mongo-0")
    assert server.seen[0].headers["User-Agent"].startswith("mongors/")


async def test_apply_is_strict_and_server_side(server: ApiServer, kube: Kube) -> None:
    await kube.apply(SECRET, force=True)
    request = server.seen[0]
    assert (request.method, request.path) == (
        "PATCH",
        "/api/v1/namespaces/default/secrets/mongo-keyfile",
    )
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert dict(request.query) == {
        "fieldManager": "mongors",
        "fieldValidation": "Strict",
        "force": "true",
    }
    assert request.body == SECRET


async def test_apply_of_a_cluster_wide_object_has_no_namespace_and_is_not_stored(
    server: ApiServer, kube: Kube, shown: list[Any]
) -> None:
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fast"},
    }
    await kube.apply(storage_class, force=False)
    assert server.seen[0].path == "/apis/storage.k8s.io/v1/storageclasses/fast"
    assert server.seen[0].query["force"] == "false"
    assert shown == []


async def test_apply_status_writes_the_subresource(server: ApiServer, kube: Kube) -> None:
    manifest = {
        "apiVersion": "mongors.io/v1alpha1",
        "kind": "MongoReplicaSet",
        "metadata": {"name": "mongo", "namespace": "default"},
        "status": {"phase": "Ready"},
    }
    await kube.apply_status(manifest)
    assert server.seen[0].path.endswith("/mongoreplicasets/mongo/status")


async def test_label_pod_is_a_merge_patch_bound_to_the_uid(server: ApiServer, kube: Kube) -> None:
    await server.put({**POD, "metadata": {**POD["metadata"], "labels": {"old": "x"}}})
    changed = await kube.label_pod(
        "default", "mongo-0", "u-1", {"role": "primary", "old": None}, {}
    )
    assert changed["metadata"]["labels"] == {"role": "primary"}
    assert server.seen[0].headers["Content-Type"] == "application/merge-patch+json"
    with pytest.raises(Refused):
        await kube.label_pod("default", "mongo-0", "u-2", {"role": "other"}, {})


async def test_a_pod_condition_is_a_strategic_patch_bound_to_the_uid(
    server: ApiServer, kube: Kube
) -> None:
    await server.put(POD)
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    await kube.set_pod_condition(
        "default", "mongo-0", "u-1", "mongors.io/in-service", "True", "Secondary", "", at
    )
    request = server.seen[0]
    assert request.path.endswith("/pods/mongo-0/status")
    assert request.headers["Content-Type"] == "application/strategic-merge-patch+json"
    assert request.body["metadata"] == {"uid": "u-1"}
    assert request.body["status"]["conditions"][0]["lastTransitionTime"] == "2026-11-23T12:00:00Z"


async def test_evict_posts_an_eviction_of_this_very_pod(server: ApiServer, kube: Kube) -> None:
    await kube.evict("default", "mongo-0", "u-1")
    request = server.seen[0]
    assert (request.method, request.path) == (
        "POST",
        "/api/v1/namespaces/default/pods/mongo-0/eviction",
    )
    assert request.body["deleteOptions"] == {"preconditions": {"uid": "u-1"}}


async def test_a_budget_says_not_now_and_why(server: ApiServer, kube: Kube) -> None:
    body = {
        "kind": "Status",
        "code": 429,
        "message": "Cannot evict pod.",
        "details": {"causes": [{"reason": "DisruptionBudget", "message": "b needs 2, has 2"}]},
    }
    answer = web.json_response(body, status=429, headers={"Retry-After": "10"})
    server.forced.append(("POST", "/eviction", answer))
    with pytest.raises(NotNow, match=r"Cannot evict pod\. b needs 2, has 2") as caught:
        await kube.evict("default", "mongo-0", "u-1")
    assert caught.value.after == 10


async def test_a_busy_server_is_no_budget(server: ApiServer, kube: Kube) -> None:
    answer = status(429, "TooManyRequests", "slow down", **{"Retry-After": "1"})
    server.forced.append(("POST", "/eviction", answer))
    with pytest.raises(Retry) as caught:
        await kube.evict("default", "mongo-0", "u-1")
    assert not isinstance(caught.value, NotNow)
    assert caught.value.after == 1


@pytest.mark.parametrize("code", [429, 503])
async def test_a_busy_server_is_left_alone_by_all_requests_for_as_long_as_it_asks(
    server: ApiServer, kube: Kube, code: int
) -> None:
    await server.put(POD)
    server.forced.append(("GET", "", status(code, "Busy", "slow down", **{"Retry-After": "0.2"})))
    began = time.monotonic()
    with pytest.raises(Retry):
        await kube.get("Pod", "default", "mongo-0")
    await asyncio.gather(*(kube.get("Pod", "default", "mongo-0") for _ in range(3)))
    assert time.monotonic() - began >= 0.2
    assert len(server.asked("GET")) == 4


async def test_a_budget_that_says_not_now_holds_nobody_else_up(
    server: ApiServer, kube: Kube
) -> None:
    await server.put(POD)
    body = {"code": 429, "details": {"causes": [{"reason": "DisruptionBudget"}]}}
    answer = web.json_response(body, status=429, headers={"Retry-After": "60"})
    server.forced.append(("POST", "/eviction", answer))
    with pytest.raises(NotNow):
        await kube.evict("default", "mongo-0", "u-1")
    async with asyncio.timeout(30):
        assert await kube.get("Pod", "default", "mongo-0")


async def test_delete_spares_another_object_of_the_same_name(server: ApiServer, kube: Kube) -> None:
    await server.put(POD)
    with pytest.raises(Refused):
        await kube.delete("Pod", "default", "mongo-0", "u-2")
    await kube.delete("Pod", "default", "mongo-0", "u-1")
    assert server.get("Pod", "default", "mongo-0") is None


async def test_delete_takes_along_what_is_owned_unless_told_to_leave_it(
    server: ApiServer, kube: Kube
) -> None:
    for orphan, policy in ((False, "Background"), (True, "Orphan")):
        await server.put(POD)
        await kube.delete("Pod", "default", "mongo-0", "u-1", orphan=orphan)
        assert server.seen[-1].body["propagationPolicy"] == policy


async def test_delete_of_what_is_gone_is_refused(kube: Kube) -> None:
    with pytest.raises(Refused):
        await kube.delete("Pod", "default", "mongo-0", "u-1")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, Rejected),
        (401, Denied),
        (403, Denied),
        (409, Refused),
        (422, Rejected),
        (429, Retry),
        (500, Retry),
        (503, Retry),
        (504, Retry),
    ],
)
async def test_answers_become_failures_by_their_status(
    server: ApiServer, kube: Kube, code: int, kind: type[Failure]
) -> None:
    server.denied.add(("patch", "pods"))
    server.forced.append(("PATCH", "", status(code, "Whatever", "the server's own words")))
    with pytest.raises(kind) as caught:
        await kube.apply({**POD, "spec": {}}, force=True)
    assert "the server's own words" in caught.value.message
    assert len(server.asked("PATCH")) == 1, "the client must not try again by itself"


async def test_a_denial_names_the_missing_permission(server: ApiServer, kube: Kube) -> None:
    server.denied.add(("patch", "pods"))
    with pytest.raises(Denied) as caught:
        await kube.set_pod_condition("default", "p", "u", "t", "True", "", "", datetime.now(UTC))
    assert (caught.value.verb, caught.value.resource) == ("patch", "pods/status")


async def test_an_apply_that_may_not_create_says_which_right_it_lacks(
    server: ApiServer, kube: Kube
) -> None:
    server.denied.add(("create", "secrets"))
    server.forced.append(("PATCH", "", status(403, "Forbidden", "no")))
    with pytest.raises(Denied) as caught:
        await kube.apply(SECRET, force=True)
    assert (caught.value.verb, caught.value.resource) == ("create", "secrets")


async def test_a_403_in_spite_of_the_right_is_about_the_object(
    server: ApiServer, kube: Kube
) -> None:
    await server.put(CLAIM)
    server.forced.append(("PATCH", "", status(403, "Forbidden", "exceeded quota: q")))
    with pytest.raises(Rejected, match="exceeded quota: q"):
        await kube.resize_claim("default", "data-mongo-0", "u-2", "2Gi")
    (review,) = server.asked("POST", "/selfsubjectaccessreviews")
    assert review.body["spec"]["resourceAttributes"] == {
        "verb": "patch",
        "group": "",
        "version": "v1",
        "resource": "persistentvolumeclaims",
        "subresource": "",
        "namespace": "default",
        "name": "data-mongo-0",
    }


async def test_a_403_about_a_binding_is_a_matter_of_rights(server: ApiServer, kube: Kube) -> None:
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "mongo", "namespace": "default"},
        "roleRef": {"kind": "ClusterRole", "name": "view"},
    }
    server.forced.append(("PATCH", "", status(403, "Forbidden", "not currently held")))
    with pytest.raises(Denied) as caught:
        await kube.apply(binding, force=True)
    named = (caught.value.verb, caught.value.resource)
    assert named == ("bind", "clusterroles.rbac.authorization.k8s.io view")
    server.denied.add(("create", "rolebindings"))
    server.forced.append(("PATCH", "", status(403, "Forbidden", "no")))
    with pytest.raises(Denied) as caught:
        await kube.apply(binding, force=True)
    assert (caught.value.verb, caught.value.resource) == (
        "create", "rolebindings.rbac.authorization.k8s.io",
    )  # fmt: skip


async def test_a_403_that_cannot_be_looked_into_is_taken_at_its_word(
    server: ApiServer, kube: Kube
) -> None:
    server.forced.append(("PATCH", "", status(403, "Forbidden", "no")))
    server.forced.append(("POST", "", status(503, "Unavailable", "no")))
    with pytest.raises(Denied):
        await kube.apply(SECRET, force=True)


async def test_may_asks_for_every_namespace(server: ApiServer, kube: Kube) -> None:
    assert await kube.may("watch", KINDS["Pod"])
    server.denied.add(("watch", "pods"))
    assert not await kube.may("watch", KINDS["Pod"])
    assert server.seen[0].body["spec"]["resourceAttributes"]["namespace"] == ""


async def test_resize_claim_is_a_merge_patch_of_this_very_claim(
    server: ApiServer, kube: Kube, shown: list[Any]
) -> None:
    await server.put(CLAIM)
    resized = await kube.resize_claim("default", "data-mongo-0", "u-2", "2Gi")
    assert resized["spec"] == {
        "resources": {"requests": {"storage": "2Gi"}},
        "volumeName": "pv-1",
    }
    assert shown == [resized]
    with pytest.raises(Refused):
        await kube.resize_claim("default", "data-mongo-0", "u-3", "3Gi")


async def test_a_rejected_secret_keeps_nothing_of_what_the_server_quotes(
    server: ApiServer, kube: Kube
) -> None:
    server.forced.append(("PATCH", "", status(422, "Invalid", 'Invalid value: "hunter2"')))
    with pytest.raises(Rejected) as caught:
        await kube.apply(SECRET, force=True)
    assert "hunter2" not in caught.value.message
    assert "Invalid" in caught.value.message


async def test_a_server_that_is_not_there_is_a_retry() -> None:
    async with Kube(Configuration(host="http://127.0.0.1:9")) as kube:
        with pytest.raises(Retry):
            await kube.get("Pod", "default", "mongo-0")


async def test_serves_tells_whether_a_crd_is_installed(server: ApiServer, kube: Kube) -> None:
    assert await kube.serves(KINDS["MongoReplicaSet"])
    server.hidden.add("mongoreplicasets")
    assert not await kube.serves(KINDS["MongoReplicaSet"])


async def test_every_answer_is_told_by_verb_resource_and_code(server: ApiServer) -> None:
    told: list[tuple[str, str, int | None]] = []

    def on_answer(verb: str, resource: str, code: int | None, seconds: float) -> None:
        assert 0 < seconds < 10
        told.append((verb, resource, code))

    async with Kube(Configuration(host=server.url), on_answer=on_answer) as kube:
        await kube.get("Pod", "default", "mongo-0")
        await kube.create(SECRET)
        await kube.serves(KINDS["MongoReplicaSet"])
    assert told == [("get", "pods", 404), ("create", "secrets", 200), ("get", "mongors.io", 200)]


async def test_a_request_without_an_answer_is_told_without_a_code() -> None:
    told: list[int | None] = []
    nobody = Configuration(host="http://127.0.0.1:9")
    async with Kube(nobody, on_answer=lambda verb, resource, code, took: told.append(code)) as kube:
        with pytest.raises(Retry):
            await kube.get("Pod", "default", "mongo-0")
    assert told == [None]
