"""The client against a fake API server: what it sends, and what it makes of the answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from kubernetes.aio.client.configuration import Configuration

from fakes.apiserver import ApiServer
from mongors.errors import Denied, Failure, Refused, Rejected, Retry
from mongors.kube.client import Kube
from mongors.kube.kinds import KINDS

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "mongo-0", "namespace": "default", "uid": "u-1"},
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


async def test_a_budget_that_says_not_now_is_a_retry_with_its_wait(
    server: ApiServer, kube: Kube
) -> None:
    answer = status(429, "TooManyRequests", "budget", **{"Retry-After": "10"})
    server.forced.append(("POST", "/eviction", answer))
    with pytest.raises(Retry) as caught:
        await kube.evict("default", "mongo-0", "u-1")
    assert caught.value.after == 10


async def test_delete_spares_another_object_of_the_same_name(server: ApiServer, kube: Kube) -> None:
    await server.put(POD)
    with pytest.raises(Refused):
        await kube.delete("Pod", "default", "mongo-0", "u-2")
    await kube.delete("Pod", "default", "mongo-0", "u-1")
    assert server.get("Pod", "default", "mongo-0") is None


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
    server.forced.append(("PATCH", "", status(code, "Whatever", "the server's own words")))
    with pytest.raises(kind) as caught:
        await kube.apply({**POD, "spec": {}}, force=True)
    assert "the server's own words" in caught.value.message
    assert len(server.seen) == 1, "the client must not try again by itself"


async def test_a_denial_names_the_missing_permission(server: ApiServer, kube: Kube) -> None:
    server.forced.append(("PATCH", "/status", status(403, "Forbidden", "no")))
    with pytest.raises(Denied) as caught:
        await kube.set_pod_condition("default", "p", "u", "t", "True", "", "", datetime.now(UTC))
    assert (caught.value.verb, caught.value.resource) == ("patch", "pods/status")


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
