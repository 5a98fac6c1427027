"""One key per set: when to look at it, one pass at a time, and how long to wait after a failure.

Wake-ups coalesce: any number of them before a pass is one pass, and any number during a pass is
one more pass after it. Knows nothing of what a pass does.
"""

import asyncio
import heapq
import logging
import random as _random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mongors.errors import Failure, Refused, Retry
from mongors.store import SetRef

logger = logging.getLogger(__name__)

FIRST_BACKOFF = 0.2
LAST_BACKOFF = 60.0
WOKEN_BACKOFF = 5.0
"""Seconds at most that failures make a wake-up wait: people see their correction acted upon."""
SHOUT_AFTER = 3
"""Failures in a row from which on people may have to act."""


@dataclass(slots=True)
class _Entry:
    due: float | None = None
    woken: bool = False
    forgotten: bool = False
    running_since: float | None = None
    failures: int = 0
    earliest: float = 0.0
    """A wake-up does not start a pass before this moment."""


class Queue:
    """Calls `reconcile(ref, woken)` for each set when it is woken or when its time has come."""

    def __init__(
        self,
        reconcile: Callable[[SetRef, bool], Awaitable[float | None]],
        workers: int = 16,
        *,
        stuck_after: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random.random,
        on_start: Callable[[float], None] = lambda waited: None,
    ) -> None:
        self._reconcile = reconcile
        self._workers = workers
        self._stuck_after = stuck_after
        self._clock = clock
        self._random = random
        self._on_start = on_start
        self._entries: dict[SetRef, _Entry] = {}
        self._agenda: list[tuple[float, SetRef]] = []
        self._passes: dict[asyncio.Task[None], SetRef] = {}
        self._bell = asyncio.Event()
        self._stopping = False

    def wake(self, ref: SetRef) -> None:
        """Have a look at the set as soon as possible: now, or after the pass under way."""
        self.look(ref)
        self._entries[ref].woken = True

    def look(self, ref: SetRef) -> None:
        """Have a look as soon as possible, as if the set's time had come: not because of news."""
        entry = self._entries.setdefault(ref, _Entry())
        entry.forgotten = False
        if entry.running_since is None:
            self._schedule(ref, entry, max(self._clock(), entry.earliest))

    def forget(self, ref: SetRef) -> None:
        """Drop what is planned for the set; only a new wake-up brings it back."""
        entry = self._entries.get(ref)
        if entry is None:
            return
        entry.woken, entry.forgotten = False, True
        if entry.running_since is None:
            del self._entries[ref]

    async def run(self) -> None:
        """Start passes as they fall due, until stopped."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._start_due(group)
                await self._next_change()

    async def stop(self, grace: float) -> None:
        """Start nothing more, let passes end within `grace` seconds, then cancel them."""
        self._stopping = True
        self._bell.set()
        if self._passes:
            await asyncio.wait(tuple(self._passes), timeout=grace)
        for task, ref in self._passes.items():
            logger.warning("Cut a pass short at exit", extra=_fields(ref))
            task.cancel()

    @property
    def running(self) -> int:
        """How many passes are under way."""
        return len(self._passes)

    @property
    def workers(self) -> int:
        """How many passes may be under way at the same time."""
        return self._workers

    def failures(self, ref: SetRef) -> int:
        """Tell how many passes of a set have failed in a row."""
        entry = self._entries.get(ref)
        return entry.failures if entry is not None else 0

    def depth(self, now: float) -> int:
        """Tell how many sets are due and still wait for their pass."""
        return sum(e.due is not None and e.due <= now for e in self._entries.values())

    def oldest_wait(self, now: float) -> float:
        """Tell for how many seconds the most delayed of the due sets has waited for its pass."""
        dues = (e.due for e in self._entries.values() if e.due is not None)
        return max(0.0, now - min(dues, default=now))

    def stuck(self) -> str | None:
        """Say what has not moved for too long, or None while all is well."""
        now = self._clock()
        for ref, entry in self._entries.items():
            since = entry.running_since
            if since is not None and now - since > self._stuck_after:
                return f"the pass of {ref} has been running for {now - since:.0f} s"
        waited = self.oldest_wait(now)
        if waited > self._stuck_after:
            return f"a set has waited {waited:.0f} s for its pass to start"
        return None

    def _schedule(self, ref: SetRef, entry: _Entry, due: float) -> None:
        if entry.due is None or due < entry.due:
            entry.due = due
            heapq.heappush(self._agenda, (due, ref))
            self._bell.set()

    def _start_due(self, group: asyncio.TaskGroup) -> None:
        while self._agenda and len(self._passes) < self._workers:
            due, ref = self._agenda[0]
            entry = self._entries.get(ref)
            if entry is None or entry.due != due:
                heapq.heappop(self._agenda)  # planned anew or forgotten since
            elif due > self._clock():
                return
            else:
                heapq.heappop(self._agenda)
                entry.due, entry.running_since = None, self._clock()
                self._on_start(entry.running_since - due)
                task = group.create_task(self._pass(ref, entry), name=f"pass of {ref}")
                self._passes[task] = ref
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._passes[task]
        self._bell.set()

    async def _next_change(self) -> None:
        self._bell.clear()
        idle = len(self._passes) < self._workers
        wait = max(0.0, self._agenda[0][0] - self._clock()) if self._agenda and idle else None
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _pass(self, ref: SetRef, entry: _Entry) -> None:
        woken, entry.woken = entry.woken, False
        try:
            rest = await self._reconcile(ref, woken)
        except Exception as error:  # noqa: BLE001 - whatever one pass does, the others go on
            rest = self._after_failure(ref, entry, error)
            again = entry.woken
            entry.woken = (again or woken) and not entry.forgotten
        else:
            entry.failures, entry.earliest, again = 0, 0.0, entry.woken
        entry.running_since = None
        now = self._clock()
        if entry.forgotten or (rest is None and not again):
            del self._entries[ref]
        elif again:
            self._schedule(ref, entry, max(now, entry.earliest))
        elif rest is not None:
            self._schedule(ref, entry, now + max(0.0, rest))

    def _after_failure(self, ref: SetRef, entry: _Entry, error: Exception) -> float:
        entry.failures += 1
        delay = min(LAST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(entry.failures - 1, 16))
        floor = min(delay, WOKEN_BACKOFF)
        delay *= 0.75 + 0.5 * self._random()  # so that sets which failed together do not stay so
        if isinstance(error, Refused) and entry.failures == 1:
            floor = 0.0  # we acted on an old picture; the event that shows the new one says when
        if isinstance(error, Retry) and error.after is not None:
            delay = max(delay, error.after)
            floor = error.after
        entry.earliest = self._clock() + floor
        _log_failure(ref, entry.failures, delay, error)
        return delay


def _log_failure(ref: SetRef, failures: int, delay: float, error: Exception) -> None:
    known = isinstance(error, Failure)
    if not known:
        level = logging.ERROR
    elif failures < SHOUT_AFTER:
        level = logging.INFO
    else:
        level = logging.WARNING
    logger.log(
        level,
        "Failed a pass, the next one is in %.1f s: %s: %s",
        delay,
        type(error).__name__,
        error,
        exc_info=None if known else error,
        extra={**_fields(ref), "failures": failures},
    )


def _fields(ref: SetRef) -> dict[str, str]:
    return {"namespace": ref.namespace, "set": ref.name}
