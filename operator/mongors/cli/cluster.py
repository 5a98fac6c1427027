"""One cluster, as far as the login reaches: what the commands read, and the little they write."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from mongors.cli.asking import Asker
from mongors.cli.place import Place
from mongors.cli.trouble import NO_DEFINITION, Unable, no_such_set
from mongors.desired import labels
from mongors.desired.names import Names
from mongors.errors import Failure
from mongors.kube import lines, login
from mongors.kube.failures import failure_of, is_absence
from mongors.kube.kinds import KINDS, Kind
from mongors.kube.request import MERGE, Answer, Request, eviction
from mongors.kube.transport import Transport
from mongors.kube.tunnel import Tunnels

FIELD_MANAGER = "kubectl-mongors"
SET = KINDS["MongoReplicaSet"]
POD = KINDS["Pod"]

_PAGE = 500
_MOST_PAGES = 10
"""A namespace with more Events than that shows the last of them all the same."""

Raw = dict[str, Any]
Follow = Callable[[str, str, Mapping[str, str]], AsyncIterator[str]]


class Sender(Protocol):
    """What carries a request to the API server."""

    async def send(self, request: Request) -> Answer:
        """Send a request and read its answer."""


class Cluster:
    """Reads and writes with the login of the person; raises `Failure` or `Unable`."""

    def __init__(
        self,
        sender: Sender,
        namespace: str,
        *,
        server: str = "",
        tunnels: Tunnels | None = None,
        follow: Follow | None = None,
    ) -> None:
        self._sender = sender
        self.namespace = namespace
        self.server = server
        self.tunnels = tunnels
        self.follow = follow

    def asker(self, names: Names) -> Asker:
        """Who asks the members of a set, on whatever way there is to them."""
        return Asker(names, self.tunnels)

    async def replica_set(self, name: str) -> Raw:
        """Read the resource of a set, or say why there is none to read."""
        request = Request("get", SET, self.namespace, name)
        answer = await self._sender.send(request)
        if answer.succeeded:
            return answer.json()
        if is_absence(answer):
            others = [each["metadata"]["name"] for each in await self.all_of(SET)]
            raise Unable(no_such_set(name, self.namespace, others))
        if answer.status == 404:
            raise Unable(NO_DEFINITION)
        raise failure_of(request, answer)

    async def get(self, kind: str, namespace: str | None, name: str) -> Raw | None:
        """Read one object; None only if the API server says that it does not exist."""
        return await self.read(KINDS[kind], namespace, name)

    async def read(self, kind: Kind, namespace: str | None, name: str) -> Raw | None:
        """Read one object of any kind."""
        request = Request("get", kind, namespace, name)
        answer = await self._sender.send(request)
        if is_absence(answer):
            return None
        return _succeeded(request, answer)

    async def all_of(
        self, kind: Kind, selector: str = "", *, everywhere: bool = False
    ) -> list[Raw]:
        """List the objects of a kind, in the namespace unless everywhere is meant."""
        where = None if everywhere or not kind.namespaced else self.namespace
        found, query = list[Raw](), {"limit": str(_PAGE)}
        if selector:
            query["labelSelector"] = selector
        for _ in range(_MOST_PAGES):
            request = Request("list", kind, where, query=query)
            page = _succeeded(request, await self._sender.send(request))
            shared = {"apiVersion": kind.api_version, "kind": kind.name}
            found += ({**shared, **each} for each in page.get("items") or ())
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                break
            query = {**query, "continue": token}
        return found

    async def of_set(self, kind: Kind, name: str) -> list[Raw]:
        """List the objects of a kind that belong to a set."""
        marks = labels.common(name).items()
        return await self.all_of(kind, ",".join(f"{key}={value}" for key, value in marks))

    async def change(self, resource: Mapping[str, Any], body: Mapping[str, Any]) -> Raw:
        """Change some fields of this very resource."""
        metadata = resource["metadata"]
        fenced = {**body, "metadata": {**body.get("metadata", {}), "uid": metadata["uid"]}}
        place = (metadata["namespace"], metadata["name"])
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        request = Request("patch", SET, *place, body=fenced, content_type=MERGE, query=query)
        return _succeeded(request, await self._sender.send(request))

    async def tried(self, resource: Mapping[str, Any]) -> Raw:
        """Ask what the API server would make of a resource; nothing is changed."""
        metadata = resource["metadata"]
        query = {"dryRun": "All", "fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        place = (metadata["namespace"], metadata["name"])
        request = Request("update", SET, *place, body=resource, query=query)
        return _succeeded(request, await self._sender.send(request))

    async def evict(self, pod: Mapping[str, Any]) -> None:
        """Ask for the eviction of this very pod, under its disruption budget."""
        metadata = pod["metadata"]
        request = eviction(metadata["namespace"], metadata["name"], metadata["uid"])
        _succeeded(request, await self._sender.send(request))

    async def log(self, pod: str, query: Mapping[str, str], namespace: str | None = None) -> str:
        """Read the log of a container of a pod."""
        where = namespace or self.namespace
        request = Request("get", POD, where, pod, "log", query=query)
        answer = await self._sender.send(request)
        if not answer.succeeded:
            raise failure_of(request, answer)
        return answer.body.decode(errors="replace")


def _succeeded(request: Request, answer: Answer) -> Raw:
    if not answer.succeeded:
        raise failure_of(request, answer)
    return answer.json()


Connected = Callable[[Place], AbstractAsyncContextManager[Cluster]]


@asynccontextmanager
async def connected(place: Place) -> AsyncIterator[Cluster]:
    """Log in where the options say, and leave nothing open."""
    try:
        configuration = await login.load(place.kubeconfig, place.context)
    except Failure as failure:
        hint = "name a kubeconfig with --kubeconfig, or set KUBECONFIG"
        raise Unable(f"{failure.message.partition(' (')[0]}: {hint}") from None
    namespace = place.namespace or login.namespace(place.kubeconfig, place.context)
    server = str(configuration.host)

    def follow(pod: str, where: str, query: Mapping[str, str]) -> AsyncIterator[str]:
        return lines.follow(session, server, where, pod, query)

    async with (
        Transport(configuration) as transport,
        login.watching_session(configuration, ()) as session,
    ):
        near = place.direct or (login.is_in_pod() and not (place.kubeconfig or place.context))
        tunnels = None if near else Tunnels(session, server)
        yield Cluster(transport, namespace, server=server, tunnels=tunnels, follow=follow)
