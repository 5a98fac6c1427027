"""The operator at work, for as long as it holds the Lease: watches, store, queue, reconciler."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp

from mongors import handlers
from mongors.canary import Canaries
from mongors.desired.exporter import KIND as EXPORTER
from mongors.errors import Failure, Retry
from mongors.health import Health
from mongors.kube import login
from mongors.kube.client import Kube
from mongors.kube.kinds import KINDS, WATCHED, Kind
from mongors.kube.streams import Streams
from mongors.metrics.meters import Meters
from mongors.metrics.snapshot import QueueView, SetView, Snapshot
from mongors.onlooker import Onlookers
from mongors.queue import Queue
from mongors.reconciler import Reconciler
from mongors.settings import Settings, variable
from mongors.slim import NODE_KIND, slim
from mongors.store import SET_KIND, SetRef, Store

logger = logging.getLogger(__name__)

GRACE_SECONDS = 15.0
"""Time that passes under way get at exit; they end within a few seconds when all is well."""
LOOK_SECONDS = 3.0
"""Time between two looks for what has to be there before the start."""
WHOLE_LOOKS_PER_SECOND = 20
"""How fast sets are gone over after a start, on top of what is urgent: about half a core."""


class Active:
    """Ties the parts together: what is seen goes to the store, and wakes the queue."""

    def __init__(
        self,
        settings: Settings,
        configuration: login.Configuration,
        health: Health,
        meters: Meters | None = None,
    ) -> None:
        self._settings = settings
        self._configuration = configuration
        self._health = health
        self._store = Store()
        self._meters = meters or Meters()
        self._kube = Kube(configuration, on_seen=self._store.put, on_answer=self._meters.answered)
        self._canaries = Canaries(self._store, self._wake, self._meters)
        self._reconciler = Reconciler(
            store=self._store,
            kube=self._kube,
            settings=settings,
            onlooker=Onlookers(self._meters, self._canaries),
            canary=self._canaries.status,
        )
        self._queue = Queue(
            self._meters.measured(self._reconciler.reconcile),
            settings.workers,
            on_start=self._meters.waited,
        )
        self._has_begun = False

    async def run(self, stop: asyncio.Event, reclaim_signals: Callable[[], None]) -> None:
        """Work until told to stop, or until watching or reconciling fails for good."""
        async with self._kube:
            if not await self._crd_is_served(stop):
                return
            self._health.watch_over("watches", ready=lambda: "not begun")
            kinds = await self._kinds(stop)
            streams = Streams(
                kinds, self._settings.namespaces, self._take_listing, slim, self._meters.answered
            )
            self._health.watch_over("queue", alive=self._queue.stuck)
            self._health.watch_over(
                "watches", alive=lambda: streams.stuck(time.monotonic()), ready=streams.missing
            )
            stopping = asyncio.create_task(stop.wait(), name="waiting for a signal")
            reconciling = asyncio.create_task(self._reconcile(streams), name="reconciling")
            watching = asyncio.create_task(
                self._watch(kinds, streams, reclaim_signals), name="watching"
            )
            tasks = {stopping, reconciling, watching}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if not stop.is_set():
                    raise RuntimeError("a part of the operator ended by itself")
            finally:
                await self._queue.stop(GRACE_SECONDS)
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                await self._canaries.close()

    def _wake(self, ref: SetRef) -> None:
        self._queue.wake(ref)

    def snapshot(self, *, leads: bool) -> Snapshot:
        """Tell all that Prometheus is told of the sets and the queue, as it is at this moment."""
        now, queue = time.monotonic(), self._queue
        sets = (
            SetView(resource, self._meters.figures(ref), queue.failures(ref))
            for ref, resource in self._store.resources()
        )
        waiting = QueueView(queue.depth(now), queue.oldest_wait(now), queue.running, queue.workers)
        return Snapshot(leads, waiting, tuple(sets))

    async def _reconcile(self, streams: Streams) -> None:
        await streams.wait_listed()
        self._has_begun = True
        sets = self._store.sets()
        logger.info("Listed everything, starting to reconcile", extra={"sets": len(sets)})
        for ref in sets:
            self._queue.look(ref)
        async with asyncio.TaskGroup() as group:
            going_over = group.create_task(self._go_over(sets), name="going over all sets")
            await self._queue.run()
            going_over.cancel()

    async def _go_over(self, sets: Sequence[SetRef]) -> None:
        """Look at everything of every set once: it may have drifted while nobody watched.

        The first look at a set that was at rest is but a check, so that those in need come first.
        """
        for ref in sets:
            self._queue.wake(ref)
            await asyncio.sleep(1 / WHOLE_LOOKS_PER_SECOND)

    async def _watch(
        self, kinds: Sequence[Kind], streams: Streams, reclaim_signals: Callable[[], None]
    ) -> None:
        def session() -> tuple[str, aiohttp.ClientSession]:
            opened = login.watching_session(self._configuration, [streams.middleware])
            return self._configuration.host, opened

        registry = handlers.register(self._store, self._queue, session, kinds)
        await handlers.watch(registry, kinds, self._settings.namespaces, reclaim_signals)

    async def _crd_is_served(self, stop: asyncio.Event) -> bool:
        """Wait until the API server knows our resource; False if told to stop before."""
        crd = KINDS[SET_KIND]
        waiting: str | None = "the API server has not been asked yet"
        self._health.watch_over("crd", ready=lambda: waiting)
        while not stop.is_set():
            try:
                if await self._kube.serves(crd):
                    waiting = None
                    return True
                problem = f"the CRD {crd.resource} is not installed"
            except Failure as failure:
                problem = failure.message
            if problem != waiting:
                logger.warning("Waiting to start: %s", problem)
            waiting = problem
            await _pause(stop)
        return False

    async def _kinds(self, stop: asyncio.Event) -> tuple[Kind, ...]:
        """Tell what to watch: what a set can do without only if that is wanted and allowed."""
        further = [KINDS[EXPORTER]]
        if self._settings.watch_nodes:
            further.append(KINDS[NODE_KIND])
        else:
            logger.info("Not watching nodes: %s is off", variable("watch_nodes"))
        return (*WATCHED, *[each for each in further if await self._may_watch(each, stop)])

    async def _may_watch(self, kind: Kind, stop: asyncio.Event) -> bool:
        everywhere = (None,) if not kind.namespaced else self._settings.namespaces or (None,)
        asked = [(verb, where) for where in everywhere for verb in ("list", "watch")]
        while not stop.is_set():
            try:
                if all([await self._kube.may(verb, kind, where) for verb, where in asked]):
                    return True
                break
            except Retry:
                await _pause(stop)
            except Failure as failure:
                logger.warning("Failed to ask for a right: %s", failure.message)
                break
        logger.warning(
            "Not watching %s: the operator may not list and watch them;"
            " a right that is granted later counts from its next start",
            kind.plural,
        )
        return False

    def _take_listing(
        self, kind: str, namespace: str | None, objects: Sequence[Mapping[str, Any]], version: int
    ) -> None:
        changed = self._store.replace(kind, namespace, objects, version)
        for ref in changed if self._has_begun else ():  # at the start all are looked at anyway
            self._queue.wake(ref)


async def _pause(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
