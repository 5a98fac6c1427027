"""Looks at objects without a process for each: a kubectl costs a core a tenth of a second.

What a person does is still done with kubectl; this is for those who only wait and see.
"""

import json
from functools import cache
from typing import Any

from kubernetes import client, config

Raw = dict[str, Any]

_CORE = "/api/v1"
_PLACES = {
    ("mrs", "mongoreplicasets"): "/apis/mongors.io/v1alpha1",
    ("pod", "pods"): _CORE,
    ("pvc", "persistentvolumeclaims"): _CORE,
    ("secret", "secrets"): _CORE,
    ("service", "services"): _CORE,
    ("events", "events"): _CORE,
    ("statefulset", "statefulsets"): "/apis/apps/v1",
    ("endpointslice", "endpointslices"): "/apis/discovery.k8s.io/v1",
}
_PATHS = {
    word: f"{group}/namespaces/{{}}/{names[1]}"
    for names, group in _PLACES.items()
    for word in names
}


def knows(kind: str) -> bool:
    """Whether objects of this kind can be looked at here."""
    return kind in _PATHS


def read(namespace: str, kind: str, name: str) -> Raw:
    """Read one object; a failed assertion says why there is none."""
    return _asked(f"{_PATHS[kind].format(namespace)}/{name}", {})


def listed(namespace: str, kind: str, **query: str) -> list[Raw]:
    """List objects, each with its kind, as kubectl does."""
    found = _asked(_PATHS[kind].format(namespace), query)
    named = {"apiVersion": found["apiVersion"], "kind": found["kind"].removesuffix("List")}
    return [named | each for each in found["items"]]


def _asked(path: str, query: dict[str, str]) -> Raw:
    api = shared_client()
    asked = api.param_serialize(
        "GET", path, query_params=list(query.items()), auth_settings=["BearerToken"]
    )
    reply = api.call_api(*asked, _request_timeout=10)
    answer: Raw = json.loads(reply.read())
    assert reply.status == 200, f"GET {path}: {answer.get('message')}"
    return answer


@cache
def shared_client() -> Any:
    """The one client of this process: each keeps connections, which end with it, at any moment."""
    config.load_kube_config()  # type: ignore[no-untyped-call]
    return client.ApiClient()
