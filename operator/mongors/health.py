"""The two questions that Kubernetes asks the process over HTTP.

`/healthz`: should it be restarted? Only for what a restart can mend: a pass or a watch that no
longer moves. An API server that is away is not such a thing. `/readyz`: does it do its work, or
stand by to do it?
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

Check = Callable[[], str | None]
"""Answers what is wrong, or None."""


def _fine() -> str | None:
    return None


@asynccontextmanager
async def serving(port: int, routes: Iterable[web.RouteDef]) -> AsyncIterator[int]:
    """Answer on a port while the block runs; gives the port."""
    application = web.Application()
    application.router.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, port=port).start()
        # port 0 gives each address family its own; the IPv4 address is the shorter tuple
        yield int(min(runner.addresses, key=len)[1])
    finally:
        await runner.cleanup()


class Health:
    """Answers probes by asking its checks; the first that complains decides."""

    def __init__(self) -> None:
        self._alive: dict[str, Check] = {}
        self._ready: dict[str, Check] = {}

    def watch_over(self, name: str, *, alive: Check = _fine, ready: Check = _fine) -> None:
        """Ask these checks from now on."""
        self._alive[name] = alive
        self._ready[name] = ready

    def routes(self) -> list[web.RouteDef]:
        """Tell where the probes are answered."""
        return [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)]

    async def _healthz(self, request: web.Request) -> web.Response:
        return _answer(self._alive)

    async def _readyz(self, request: web.Request) -> web.Response:
        return _answer(self._ready)


def _answer(checks: dict[str, Check]) -> web.Response:
    for name, check in checks.items():
        complaint = check()
        if complaint is not None:
            return web.Response(status=503, text=f"{name}: {complaint}\n")
    return web.Response(text="ok\n")
