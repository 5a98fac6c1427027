"""What is asked of the API server and what it answers, as values."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from mongors.kube.kinds import KINDS, Kind

METHODS = MappingProxyType(
    {
        "get": "GET",
        "list": "GET",
        "create": "POST",
        "patch": "PATCH",
        "update": "PUT",
        "delete": "DELETE",
    }
)

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

Answered = Callable[[str, str, int | None, float], None]
"""Told of a request by verb and resource, the status of its answer (None: there was none), and the
seconds that it took."""


def unheard(verb: str, resource: str, code: int | None, seconds: float) -> None:
    """Be nobody who wants to know of answers."""


class _HasStatus(Protocol):
    @property
    def status(self) -> int:
        """The HTTP status."""


_Answer = TypeVar("_Answer", bound=_HasStatus)


async def timed(
    answered: Answered, verb: str, resource: str, exchange: Awaitable[_Answer]
) -> _Answer:
    """Wait for an answer, and tell how that went, also if there is none."""
    began, code = time.monotonic(), None
    try:
        answer = await exchange
        code = answer.status
    finally:
        answered(verb, resource, code, time.monotonic() - began)
    return answer


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its verb and resource in the words of RBAC."""

    verb: str
    kind: Kind
    namespace: str | None
    name: str = ""
    subresource: str = ""
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    content_type: str = "application/json"
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The HTTP method that the verb goes by."""
        return METHODS[self.verb]

    @property
    def path(self) -> str:
        """The URL path; a new object is posted to its collection, a subresource to itself."""
        name = "" if self.verb == "create" and not self.subresource else self.name
        return self.kind.path(self.namespace, name, self.subresource)

    @property
    def resource(self) -> str:
        """The resource as a Role names it: `pods/eviction`, `statefulsets.apps`."""
        return f"{self.kind.resource}/{self.subresource}".rstrip("/")

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.verb} {self.resource} {self.name}{where}"


def eviction(namespace: str, name: str, uid: str) -> Request:
    """Ask for the eviction of this very pod, under its disruption budget."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": {"preconditions": {"uid": uid}},
    }
    return Request("create", KINDS["Pod"], namespace, name, "eviction", body)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Parse the body; what is not a JSON object counts as an empty one."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}
