"""As much of an API server as the operator's client and its watches can tell from a real one.

Objects, resourceVersions, listings in pages, watches with bookmarks, conflicts, and the ways in
which a server fails: on demand an answer of one's own, a compacted history, streams that go dumb.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from mongors.kube.kinds import KINDS, Kind

Object = dict[str, Any]

SERVED = (
    *KINDS.values(),
    Kind("Namespace", "", "v1", "namespaces", namespaced=False),
    Kind("CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions"),
)


@dataclass
class Seen:
    """One request, as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class _Place:
    kind: Kind
    namespace: str | None
    name: str
    subresource: str


@dataclass
class ApiServer:
    """The state of the fake cluster, and what was asked of it."""

    version: int = 100
    oldest: int = 0
    is_dumb: bool = False
    """Whether streams stay open and say nothing more, as through a broken network."""
    hidden: set[str] = field(default_factory=set)
    """Plurals that are not served."""
    denied: set[tuple[str, str]] = field(default_factory=set)
    """Verbs and plurals that the operator has no right to."""
    seen: list[Seen] = field(default_factory=list)
    forced: list[tuple[str, str, web.Response]] = field(default_factory=list)
    """Method, end of the path, and the answer to give instead, once."""
    url: str = ""
    _objects: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    _history: list[tuple[int, str, Object]] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["ApiServer"]:
        """Serve on a free local port."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._dispatch)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        return self._objects.get((kind, namespace, name))

    async def put(self, obj: Object) -> Object:
        """Create or change an object, as some other client would."""
        key = _key(obj)
        known = self._objects.get(key)
        self.version += 1
        metadata = {**obj["metadata"], "resourceVersion": str(self.version)}
        metadata.setdefault("uid", known["metadata"]["uid"] if known else f"uid-{self.version}")
        stored = {**obj, "metadata": metadata}
        self._objects[key] = stored
        await self._tell("MODIFIED" if known else "ADDED", stored)
        return stored

    async def remove(self, kind: str, namespace: str, name: str, *, told: bool = True) -> Object:
        """Delete an object; `told=False`: no stream ever says so."""
        obj = self._objects.pop((kind, namespace, name))
        self.version += 1
        gone = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}
        if told:
            await self._tell("DELETED", gone)
        return gone

    async def compact(self) -> None:
        """Forget the history: every stream is told 410 and has to list again."""
        self.version += 1
        self.oldest = self.version
        async with self._news:
            self._news.notify_all()

    def asked(self, method: str, ending: str = "") -> list[Seen]:
        return [s for s in self.seen if s.method == method and s.path.endswith(ending)]

    def watches(self, plural: str) -> int:
        return sum("watch" in s.query for s in self.asked("GET", plural))

    async def _tell(self, type_: str, obj: Object) -> None:
        async with self._news:
            self._history.append((self.version, type_, obj))
            self._news.notify_all()

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = json.loads(text) if text else None
        self.seen.append(Seen(request.method, request.path, request.query, request.headers, body))
        for index, (method, ending, answer) in enumerate(self.forced):
            if request.method == method and request.path.endswith(ending):
                del self.forced[index]
                return answer
        discovery = self._discovery(request.path)
        if discovery is not None:
            return web.json_response(discovery)
        place = self._place(request.path)
        if place is None:
            return web.Response(status=404, text="404 page not found")
        if place.kind.name == "SelfSubjectAccessReview":
            return self._review(body)
        verb = _verb(request, place)
        if (verb, place.kind.plural) in self.denied:
            message = f'{place.kind.plural} is forbidden: User "x" cannot {verb} resource'
            return _status(403, "Forbidden", message, kind=place.kind.plural)
        return await self._serve(request, place, body)

    async def _serve(self, request: web.Request, place: _Place, body: Any) -> web.StreamResponse:
        match request.method:
            case "GET" if place.name:
                return self._read(place)
            case "GET" if "watch" in request.query:
                return await self._watch(request, place)
            case "GET":
                return web.json_response(self._list(request, place))
            case "DELETE":
                return await self._delete(place, body)
            case _:
                return await self._write(request, place, body)

    def _review(self, body: Any) -> web.Response:
        asked = body["spec"]["resourceAttributes"]
        allowed = (asked["verb"], asked["resource"]) not in self.denied
        return web.json_response({**body, "status": {"allowed": allowed}}, status=201)

    def _discovery(self, path: str) -> Object | None:
        served = [kind for kind in SERVED if kind.plural not in self.hidden]
        if path == "/api":
            return {"versions": ["v1"]}
        if path == "/apis":
            versions = {kind.group: kind for kind in served if kind.group}
            groups = []
            for group, kind in versions.items():
                version = {"version": kind.version, "groupVersion": kind.api_version}
                groups.append({"name": group, "versions": [version], "preferredVersion": version})
            return {"groups": groups}
        here = [k for k in served if path == k.path(None).removesuffix(f"/{k.plural}")]
        if not here:
            return None
        verbs = ["get", "list", "watch", "create", "update", "patch", "delete"]
        resources = [
            {
                "name": kind.plural,
                "kind": kind.name,
                "singularName": kind.name.lower(),
                "namespaced": kind.namespaced,
                "verbs": verbs,
            }
            for kind in here
        ]
        return {"kind": "APIResourceList", "resources": resources}

    def _place(self, path: str) -> _Place | None:
        for kind in SERVED:
            if kind.plural in self.hidden:
                continue
            root = kind.path(None).removesuffix(kind.plural)
            if not path.startswith(root):
                continue
            parts = path.removeprefix(root).split("/")
            namespace = None
            if parts[0] == "namespaces" and len(parts) > 2:
                namespace, parts = parts[1], parts[2:]
            if parts[0] == kind.plural:
                name, subresource = [*parts[1:], "", ""][:2]
                return _Place(kind, namespace, name, subresource)
        return None

    def _matching(self, request: web.Request, place: _Place) -> list[Object]:
        return [obj for obj in self._objects.values() if _matches(request, place, obj)]

    def _list(self, request: web.Request, place: _Place) -> Object:
        found = self._matching(request, place)
        start = int(request.query.get("continue", 0))
        end = start + int(request.query.get("limit", len(found) or 1))
        items = [{k: v for k, v in obj.items() if k not in ("kind", "apiVersion")} for obj in found]
        metadata = {"resourceVersion": str(self.version)}
        if end < len(found):
            metadata["continue"] = str(end)
        kind = place.kind
        return {
            "kind": f"{kind.name}List",
            "apiVersion": kind.api_version,
            "metadata": metadata,
            "items": items[start:end],
        }

    async def _watch(self, request: web.Request, place: _Place) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/json"
        await response.prepare(request)
        since = int(request.query["resourceVersion"])
        while True:
            async with self._news:
                while self.is_dumb or not self._has_news(since):
                    await self._news.wait()
            if since < self.oldest:
                gone = {"kind": "Status", "code": 410, "reason": "Expired"}
                await _line(response, {"type": "ERROR", "object": gone})
                return response
            for version, type_, obj in list(self._history):
                if version > since:
                    since = version
                    if _matches(request, place, obj):
                        await _line(response, {"type": type_, "object": obj})

    def _has_news(self, since: int) -> bool:
        return since < self.oldest or any(version > since for version, _, _ in self._history)

    def _read(self, place: _Place) -> web.Response:
        obj = self._objects.get((place.kind.name, place.namespace or "", place.name))
        return web.json_response(obj) if obj else _absent(place)

    async def _write(self, request: web.Request, place: _Place, body: Any) -> web.Response:
        name = place.name or body["metadata"]["name"]
        key = (place.kind.name, place.namespace or "", name)
        known = self._objects.get(key)
        if place.subresource == "eviction":
            return web.json_response({"kind": "Status", "status": "Success"})
        if request.method == "POST" and known:
            return _status(409, "AlreadyExists", f"{name} already exists")
        is_apply = request.headers["Content-Type"].startswith("application/apply-patch")
        if request.method in ("PUT", "PATCH") and not known and not is_apply:
            return _absent(place)
        refusal = _refusal(known, body.get("metadata") or {})
        if refusal is not None:
            return refusal
        written = body if request.method != "PATCH" else _merged(known or {}, body)
        written["metadata"].setdefault("name", name)
        names = {"kind": place.kind.name, "apiVersion": place.kind.api_version}
        same = known is not None and _merged(known, body) == known
        return web.json_response(known if same else await self.put({**written, **names}))

    async def _delete(self, place: _Place, body: Any) -> web.Response:
        key = (place.kind.name, place.namespace or "", place.name)
        known = self._objects.get(key)
        if known is None:
            return _absent(place)
        wanted = ((body or {}).get("preconditions") or {}).get("uid")
        if wanted not in (None, known["metadata"]["uid"]):
            return _status(409, "Conflict", "the UID in the precondition differs")
        await self.remove(*key)
        return web.json_response({"kind": "Status", "status": "Success"})


def _verb(request: web.Request, place: _Place) -> str:
    """The verb that a Role would have to hold."""
    if request.method != "GET":
        words = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
        return words[request.method]
    if place.name:
        return "get"
    return "watch" if "watch" in request.query else "list"


def _key(obj: Object) -> tuple[str, str, str]:
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def _matches(request: web.Request, place: _Place, obj: Object) -> bool:
    selector = request.query.get("labelSelector", "")
    wanted = dict(part.split("=", 1) for part in selector.split(",") if part)
    labels = obj["metadata"].get("labels") or {}
    return (
        obj["kind"] == place.kind.name
        and place.namespace in (None, obj["metadata"].get("namespace"))
        and wanted.items() <= labels.items()
    )


def _refusal(known: Object | None, given: Object) -> web.Response | None:
    """Answer a precondition that does not hold as the real server does, each in its own way."""
    if known is None:
        gone = given.keys() & {"uid", "resourceVersion"}
        return _status(409, "Conflict", "there is no such object") if gone else None
    if given.get("uid") not in (None, known["metadata"]["uid"]):
        causes = [{"reason": "FieldValueInvalid", "field": "metadata.uid"}]
        return _status(422, "Invalid", "field is immutable", causes=causes)
    if given.get("resourceVersion") not in (None, known["metadata"]["resourceVersion"]):
        return _status(409, "Conflict", "the object has been modified")
    return None


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    result = {**old, **{k: _merged(old.get(k), v) for k, v in new.items()}}
    return {k: v for k, v in result.items() if v is not None}


def _status(code: int, reason: str, message: str, **details: Any) -> web.Response:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return web.json_response({**body, "details": details}, status=code)


def _absent(place: _Place) -> web.Response:
    message = f'{place.kind.plural} "{place.name}" not found'
    return _status(404, "NotFound", message, name=place.name, kind=place.kind.plural)


async def _line(response: web.StreamResponse, event: Object) -> None:
    await response.write(json.dumps(event).encode() + b"\n")
