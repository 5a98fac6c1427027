"""What goes over the wire of the watches: complete listings, and signs of life.

The framework that watches tells of objects, one by one. It does not tell when a listing is
complete, nor, when it has to list again, what has vanished in between; and it gives no way to ask
whether a stream still lives. All three can be seen in its requests, which pass through here.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from mongors.kube.kinds import Kind
from mongors.kube.request import Answered, timed, unheard

SILENCE_SECONDS = 180.0
"""Twice as long as a stream without a sign of life is kept: it should long have been begun anew."""

Listed = Callable[[str, str | None, list[Mapping[str, Any]], int], None]
"""Called with the kind, the namespace (None: all), the objects and the listing's version."""

Slim = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Leaves out of an object what need not be held while the other pages of a listing come."""


@dataclass(slots=True)
class _Stream:
    kind: Kind
    namespace: str | None
    listed: bool = False
    pages: list[Mapping[str, Any]] = field(default_factory=list)
    requests: int = 0
    watch: ClientResponse | None = None
    pulse: tuple[int, int] = (0, -1)
    pulse_at: float | None = None

    def pulse_now(self) -> tuple[int, int]:
        """Counts that move whenever the stream asks for something or is sent something."""
        return self.requests, self.watch.content.total_bytes if self.watch else 0


class Streams:
    """Follows the list and watch requests of each kind, in each namespace that is watched."""

    def __init__(
        self,
        kinds: Iterable[Kind],
        namespaces: Iterable[str],
        on_listed: Listed,
        slim: Slim = lambda obj: obj,
        on_answer: Answered = unheard,
    ) -> None:
        scopes: tuple[str | None, ...] = tuple(namespaces) or (None,)
        self._by_path = {
            kind.path(ns): _Stream(kind, ns)
            for kind in kinds
            for ns in (scopes if kind.namespaced else (None,))
        }
        self._on_listed = on_listed
        self._slim = slim
        self._on_answer = on_answer
        self._complete = asyncio.Event()

    async def wait_listed(self) -> None:
        """Wait until every kind has been listed once: from then on, unknown means absent."""
        await self._complete.wait()

    def missing(self) -> str | None:
        """Name what has not been listed yet, or None when everything has."""
        missing = sorted({s.kind.plural for s in self._by_path.values() if not s.listed})
        return f"not listed yet: {', '.join(missing)}" if missing else None

    def stuck(self, now: float) -> str | None:
        """Name a stream that neither asked nor was sent anything for too long."""
        for stream in self._by_path.values():
            pulse = stream.pulse_now()
            if stream.pulse_at is None or pulse != stream.pulse:
                stream.pulse, stream.pulse_at = pulse, now
            elif now - stream.pulse_at > SILENCE_SECONDS:
                where = f" in {stream.namespace}" if stream.namespace else ""
                silence = now - stream.pulse_at
                return f"the watch of {stream.kind.resource}{where} is silent for {silence:.0f} s"
        return None

    async def middleware(
        self, request: ClientRequest, handler: ClientHandlerType
    ) -> ClientResponse:
        """Look at one request of the watching session as it passes."""
        stream = self._by_path.get(request.url.path)
        if stream is None:
            return await handler(request)
        stream.requests += 1
        verb = "watch" if "watch" in request.url.query else "list"
        asked = handler(request)
        response = await timed(self._on_answer, verb, stream.kind.resource, asked)
        if response.status == 200 and verb == "watch":
            stream.watch = response
        elif response.status == 200:
            if "continue" not in request.url.query:
                stream.pages.clear()
            page = await response.json()
            self._page(stream, page)
            response._body = _without_items(page)
        return response

    def _page(self, stream: _Stream, page: Mapping[str, Any]) -> None:
        names = {"kind": stream.kind.name, "apiVersion": stream.kind.api_version}
        stream.pages += (self._slim({**names, **item}) for item in page.get("items") or ())
        if page["metadata"].get("continue"):
            return
        objects, stream.pages = stream.pages, []
        version = int(page["metadata"]["resourceVersion"])
        self._on_listed(stream.kind.name, stream.namespace, objects, version)
        stream.listed = True
        if all(each.listed for each in self._by_path.values()):
            self._complete.set()


def _without_items(page: Mapping[str, Any]) -> bytes:
    """What is left of a page for kopf, which only has to know where its watch begins.

    It would make a task and a queue for each listed object, all at the same time, and keep the
    whole object until its handler has run: hundreds of MiB for some thousand pods, to tell the
    store what it knows already.
    """
    return json.dumps({**page, "items": []}).encode()
