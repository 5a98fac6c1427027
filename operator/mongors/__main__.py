"""The process: settings, logs, signals, and the Lease under which the operator is active."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Sequence

from pydantic import ValidationError

from mongors import __version__, logs
from mongors.active import Active
from mongors.errors import Failure
from mongors.health import Health, serving
from mongors.kube import login
from mongors.kube.lease import Lease, LeaseLost
from mongors.kube.terms import LeaseTerms
from mongors.kube.transport import Transport
from mongors.metrics.exposition import Exposition
from mongors.metrics.meters import Meters
from mongors.settings import Settings, variable

logger = logging.getLogger("mongors")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the operator as a program; answer its exit code."""
    _parser().parse_args(arguments)
    try:
        settings = Settings.of(os.environ)
    except ValidationError as error:
        sys.stderr.writelines(f"{line}\n" for line in _complaints(error))
        return 2
    logs.configure(settings)
    for name in Settings.unknown(os.environ):
        logger.warning("Ignored an unknown setting: %s", name)
    try:
        asyncio.run(_serve_to_the_end(settings))
    except Failure as failure:
        logger.error("Stopped: %s", failure.message)
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Run the operator until a signal comes."""
    stop = asyncio.Event()
    _on_signals(stop)
    configuration = await login.load()
    health, meters = Health(), Meters()
    active = Active(settings, configuration, health, meters)
    terms = _terms(settings)
    transport = Transport(configuration, terms.patience, meters.answered)
    lease = Lease(transport, terms)
    page = Exposition(meters.registry, lambda: active.snapshot(leads=lease.is_held))
    async with transport, _answering(settings, health, page) as ports:
        logger.info("Started", extra={"version": __version__, **ports})
        leading = asyncio.create_task(
            lease.run(lambda: active.run(stop, lambda: _on_signals(stop))), name="leading"
        )
        stopping = asyncio.create_task(stop.wait(), name="waiting for a signal")
        await asyncio.wait({leading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not lease.is_held:
            leading.cancel()  # it only stood by
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await leading
        except LeaseLost as lost:
            logger.error("Lost the lease, ending at once: %s", lost)
            os._exit(1)
    logger.info("Stopped")


@contextlib.asynccontextmanager
async def _answering(
    settings: Settings, health: Health, page: Exposition
) -> AsyncIterator[dict[str, int]]:
    """Answer probes and scrapes while the block runs, on one port or on two; gives the ports."""
    scrapes = page.routes() if settings.metrics else []
    async with contextlib.AsyncExitStack() as stack:
        ports, own = {}, settings.metrics_port
        if scrapes and own is not None and own != (settings.health_port or None):
            apart, scrapes = serving(own, scrapes), []
            ports["metrics_port"] = await stack.enter_async_context(apart)
        probes = serving(settings.health_port, [*health.routes(), *scrapes])
        ports["health_port"] = await stack.enter_async_context(probes)
        yield ports


async def _serve_to_the_end(settings: Settings) -> None:
    """Serve, then end even if a library left tasks that do not let themselves be cancelled."""
    code = 1
    try:
        await serve(settings)
        code = 0
    finally:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others and (await asyncio.wait(others, timeout=1))[1]:
            if code:
                logger.critical("Stopped by an error", exc_info=sys.exc_info())
            os._exit(code)


def _terms(settings: Settings) -> LeaseTerms:
    return LeaseTerms(
        namespace=settings.lease_namespace,
        name=settings.lease_name,
        identity=settings.lease_identity or f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}",
        duration=settings.lease_duration_seconds,
        renew_within=settings.lease_renew_within_seconds,
        renew_every=settings.lease_renew_every_seconds,
    )


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def _complaints(error: ValidationError) -> list[str]:
    def names(location: tuple[int | str, ...]) -> str:
        return variable(str(location[0])) if location else "settings"

    return [f"{names(wrong['loc'])}: {wrong['msg']}" for wrong in error.errors()]


def _parser() -> argparse.ArgumentParser:
    def default(value: object) -> str:
        if value is None:
            return "not set"
        return ",".join(value) if isinstance(value, tuple) else str(value)

    lines = (
        f"  {variable(name):36}{field.description} [{default(field.default)}]"
        for name, field in Settings.model_fields.items()
    )
    parser = argparse.ArgumentParser(
        prog="mongors",
        description="A Kubernetes operator for MongoDB replica sets.",
        epilog="settings, from the environment:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mongors {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
