"""The page that Prometheus reads: what was counted, and what is collected when it is asked for."""

import asyncio
import gzip
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from mongors.metrics.snapshot import Snapshot, samples
from mongors.metrics.text import page_of

PATH = "/metrics"

_FASTEST = 1
"""The level of compression: a page is much the same text over and over."""


class Exposition:
    """Answers scrapes. The snapshot is taken in one go; its page is written beside the passes."""

    def __init__(self, counted: CollectorRegistry, snapshot: Callable[[], Snapshot]) -> None:
        self._counted = counted
        self._snapshot = snapshot

    def routes(self) -> list[web.RouteDef]:
        """Tell where the page is served."""
        return [web.get(PATH, self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        packs = "gzip" in request.headers.get("Accept-Encoding", "")
        body = await asyncio.to_thread(self._page, self._snapshot(), packs)
        headers = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        if packs:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)

    def _page(self, snapshot: Snapshot, packs: bool) -> bytes:
        page = generate_latest(self._counted) + page_of(samples(snapshot)).encode()
        return gzip.compress(page, _FASTEST) if packs else page
