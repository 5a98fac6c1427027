"""All that kopf is used for: to watch. Each event goes to the store, and wakes the set it is of.

Nothing here can fail or wait: kopf neither retries nor reports what goes wrong in such a handler.
kopf itself writes nothing to the cluster: no finalizer, no annotation, no Event, no peering.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import aiohttp
import kopf

from mongors.kube.kinds import Kind
from mongors.queue import Queue
from mongors.slim import NODE_KIND
from mongors.store import MANAGED_BY, MANAGER, SET_KIND, Store

OURS = f"{MANAGED_BY}={MANAGER}"
PAGE = 500
"""Objects per page of a listing: a big cluster is not asked for everything at once."""

BOOKMARK_SECONDS = 90.0
"""A watch that is silent for longer is begun anew; there is a bookmark every 60 to 75 s."""
END_SECONDS = 3.0

_ALL_OF = (SET_KIND, NODE_KIND)
"""What others make, and put no label of ours on."""

Session = Callable[[], tuple[str, aiohttp.ClientSession]]
"""Opens a session for the watches; gives the server's URL with it."""


class _Nothing(kopf.DiffBaseStorage):
    """Remembers no earlier state: kopf would copy every object at every event for it."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        pass


class _Backoffs(Iterable[float]):
    """Waits between attempts, without end: an API server that is away must not end the process."""

    def __iter__(self) -> Iterator[float]:
        yield from (1, 1, 2, 3, 5, 8)
        while True:
            yield 10


def register(
    store: Store, queue: Queue, session: Session, kinds: Iterable[Kind]
) -> kopf.OperatorRegistry:
    """Register the handlers: one per kind, and the login."""
    registry = kopf.OperatorRegistry()

    async def follow(event: kopf.RawEvent, **_: Any) -> None:
        obj = event["object"]
        metadata = obj["metadata"]
        before = store.get(obj["kind"], metadata.get("namespace"), metadata["name"])
        moved = store.remove(obj) if event["type"] == "DELETED" else store.put(obj)
        for ref in store.concerned(obj, before) if moved else ():
            queue.wake(ref)

    async def login(**_: Any) -> kopf.AiohttpSession:
        server, opened = session()
        return kopf.AiohttpSession(server=server, aiohttp_session=opened)

    kopf.on.login(registry=registry)(login)
    for kind in kinds:
        kopf.on.event(kind.group, kind.version, kind.plural, registry=registry)(follow)
    return registry


def settings_for(kinds: Iterable[Kind]) -> kopf.OperatorSettings:
    """Make kopf's settings: our label at the API server, no writing, no scanning, no tracing."""
    settings = kopf.OperatorSettings()
    for kind in kinds:
        if kind.name not in _ALL_OF:
            settings.watching.label_selectors[kind.group, kind.version, kind.plural] = OURS
    settings.watching.chunk_size = PAGE
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.persistence.diffbase_storage = _Nothing()
    settings.queueing.idle_timeout = 1
    settings.queueing.error_delays = (1, 2, 5, 10, 30, 60)
    settings.watching.inactivity_timeout = BOOKMARK_SECONDS
    settings.networking.connect_timeout = 5
    settings.networking.request_timeout = 30
    settings.networking.enforce_retry_after = True
    settings.networking.error_backoffs = _Backoffs()
    settings.process.ultimate_exiting_timeout = None
    return settings


async def watch(
    registry: kopf.OperatorRegistry,
    kinds: Iterable[Kind],
    namespaces: Collection[str],
    reclaim_signals: Callable[[], None],
) -> None:
    """Watch until cancelled, or until watching fails for good.

    kopf takes every task that is younger than itself for its own and ends it at exit, so this is
    the last to be stopped. Its own end may hang when a stream has failed: it is given a moment.
    """
    os.environ.setdefault("POD_ID", "mongors")  # or kopf asks for the user's name; 65532 has none
    before = asyncio.all_tasks()
    tasks = await kopf.spawn_tasks(
        registry=registry,
        settings=settings_for(kinds),
        standalone=True,
        clusterwide=not namespaces,
        namespaces=namespaces,
    )
    reclaim_signals()  # kopf takes SIGTERM and SIGINT for itself
    running = asyncio.create_task(kopf.run_tasks(tasks, ignored=before), name="kopf")
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        running.cancel()
        await asyncio.wait({running}, timeout=END_SECONDS)
    errors = [task.exception() for task in done if not task.cancelled()]
    raise RuntimeError(f"watching failed: {errors}") from next(filter(None, errors), None)
