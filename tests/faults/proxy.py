"""A way to the API server that can be broken: it passes requests on, or fails as networks do."""

import asyncio
import ssl
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import yaml
from aiohttp import web
from kubernetes import client, config

from faults.troubles import Ask, Seen, Trouble, calm, reset

_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-encoding"})


@dataclass
class Proxy:
    """Listens on loopback, for plain HTTP, until it is left; asks upstream as this user would."""

    trouble: Trouble = calm
    """What becomes of each request; to be exchanged at any time."""
    seen: list[Seen] = field(default_factory=list)
    """Every request that arrived, whatever became of it."""

    def __enter__(self) -> Self:
        config.load_kube_config()  # type: ignore[no-untyped-call]
        self._upstream: Any = client.Configuration.get_default_copy()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig that goes this way."""
        named = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": {"server": self.url}}],
            "users": [{"name": "proxy", "user": {}}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        }
        path = folder / "proxy.kubeconfig"
        path.write_text(yaml.safe_dump(named))
        return path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def hang_up(self) -> None:
        """Break every connection that stands, the streams among them."""
        self._call(self._hang_up())

    def close(self) -> None:
        """Refuse every connection: nobody listens any more, and those that stand are broken."""
        self._call(self._close())

    def open(self) -> None:
        """Listen again, at the same port."""
        self._call(self._listen(self._port))

    def since(self, moment: float) -> list[Seen]:
        """What arrived after a moment of `time.monotonic`."""
        return [each for each in self.seen if each.at > moment]

    def _call(self, coroutine: Any) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        done.result(20)

    async def _start(self) -> None:
        kept = self._upstream
        tls = await asyncio.to_thread(_tls_of, kept)
        self._session = aiohttp.ClientSession(
            kept.host, connector=aiohttp.TCPConnector(limit=0, ssl=tls), auto_decompress=False
        )
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        self._open: set[asyncio.Transport] = set()
        await self._listen(0)
        self._port = self._runner.addresses[0][1]

    async def _listen(self, port: int) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await self._site.start()

    async def _close(self) -> None:
        await self._site.stop()
        await self._hang_up()

    async def _hang_up(self) -> None:
        for each in list(self._open):
            reset(each)
        self._open.clear()

    async def _stop(self) -> None:
        await self._hang_up()
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        assert isinstance(request.transport, asyncio.Transport)
        self._open = {each for each in self._open if not each.is_closing()}
        self._open.add(request.transport)
        seen = Seen(
            time.monotonic(), request.method, request.path, "watch" in request.query,
            await request.read(),
        )  # fmt: skip
        self.seen.append(seen)
        return await self.trouble(seen, request, self._upstream_of(request, seen.body))

    def _upstream_of(self, request: web.Request, body: bytes) -> Ask:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}

        def ask() -> Any:
            return self._session.request(
                request.method, request.rel_url, headers=headers, data=body or None,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            )  # fmt: skip

        return ask


def _tls_of(kept: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=kept.ssl_ca_cert)
    if kept.cert_file:
        context.load_cert_chain(kept.cert_file, kept.key_file)
    return context
