"""A claim asked to grow on a real API server: which refusal is a missing right, and which not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mongors.errors import Refused, Rejected
from mongors.kube import login
from mongors.kube.client import Kube
from mongors.kube.kinds import KINDS, Kind
from mongors.kube.request import APPLY, Request
from mongors.kube.transport import Transport

Manifest = dict[str, Any]


@pytest.fixture
async def kube() -> AsyncIterator[Kube]:
    async with Kube(await login.load()) as client:
        yield client


async def post(kind: Kind, manifest: Manifest) -> Manifest:
    """Apply an object of a kind that the operator itself never touches."""
    metadata = manifest["metadata"]
    request = Request(
        "patch",
        kind,
        metadata.get("namespace"),
        metadata["name"],
        body={**manifest, "apiVersion": kind.api_version, "kind": kind.name},
        content_type=APPLY,
        query={"fieldManager": "test", "force": "true"},
    )
    async with Transport(await login.load()) as transport:
        answer = await transport.send(request)
    assert answer.succeeded, answer.body
    return answer.json()


async def drop(kind: Kind, namespace: str | None, name: str) -> None:
    async with Transport(await login.load()) as transport:
        answer = await transport.send(Request("delete", kind, namespace, name))
    assert answer.succeeded, answer.body


VOLUME = Kind("PersistentVolume", "", "v1", "persistentvolumes", namespaced=False)
QUOTA = Kind("ResourceQuota", "", "v1", "resourcequotas")


@asynccontextmanager
async def bound_claim(
    kube: Kube, namespace: str, name: str, *, grows: bool
) -> AsyncIterator[Manifest]:
    """A claim of 1Gi, bound to a volume that is only a note; nobody provisions or resizes it."""
    unique = f"{namespace}-{name}"
    cls = {
        "metadata": {"name": unique},
        "provisioner": "example.com/no",
        "allowVolumeExpansion": grows,
    }
    await post(KINDS["StorageClass"], cls)
    shared = {"storageClassName": unique, "accessModes": ["ReadWriteOnce"]}
    reference = {"namespace": namespace, "name": name}
    spec = {**shared, "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/tmp/none"}}
    volume = {"metadata": {"name": unique}, "spec": {**spec, "claimRef": reference}}
    await post(VOLUME, volume)
    requests = {"requests": {"storage": "1Gi"}}
    claim = {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {**shared, "volumeName": unique, "resources": requests},
    }
    made = await post(KINDS["PersistentVolumeClaim"], claim)
    try:
        async with asyncio.timeout(60):
            while made["status"].get("phase") != "Bound":
                await asyncio.sleep(0.2)
                made = await kube.get("PersistentVolumeClaim", namespace, name) or made
        yield made
    finally:
        await drop(KINDS["PersistentVolumeClaim"], namespace, name)
        await drop(VOLUME, None, unique)
        await drop(KINDS["StorageClass"], None, unique)


@asynccontextmanager
async def quota(namespace: str, storage: str) -> AsyncIterator[None]:
    """Limit what the claims of the namespace may ask for; in force when its use is counted."""
    hard = {"requests.storage": storage}
    wanted = {"metadata": {"name": "storage", "namespace": namespace}, "spec": {"hard": hard}}
    made = await post(QUOTA, wanted)
    async with asyncio.timeout(60):
        while not (made.get("status") or {}).get("used"):
            await asyncio.sleep(0.2)
            made = await post(QUOTA, wanted)
    try:
        yield
    finally:
        await drop(QUOTA, namespace, "storage")


async def test_a_claim_grows_if_its_class_and_the_quota_allow(kube: Kube, namespace: str) -> None:
    async with bound_claim(kube, namespace, "c1", grows=True) as claim:
        grown = await kube.resize_claim(namespace, "c1", claim["metadata"]["uid"], "2Gi")
        assert grown["spec"]["resources"]["requests"]["storage"] == "2Gi"
        assert grown["status"]["capacity"]["storage"] == "1Gi", "nobody has made it so yet"
        with pytest.raises(Refused):
            await kube.resize_claim(namespace, "c1", "another-claim", "3Gi")
        with pytest.raises(Rejected, match=r"less than status\.capacity"):
            await kube.resize_claim(namespace, "c1", claim["metadata"]["uid"], "500Mi")
        async with quota(namespace, "3Gi"):
            with pytest.raises(Rejected, match="exceeded quota: storage"):
                await kube.resize_claim(namespace, "c1", claim["metadata"]["uid"], "4Gi")


async def test_a_claim_of_a_class_that_cannot_grow_is_rejected(kube: Kube, namespace: str) -> None:
    async with bound_claim(kube, namespace, "c2", grows=False) as claim:
        with pytest.raises(Rejected, match="must support resize"):
            await kube.resize_claim(namespace, "c2", claim["metadata"]["uid"], "2Gi")
