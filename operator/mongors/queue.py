"""One key per set: when to look at it, one pass at a time, and how long to wait after a failure.

Wake-ups coalesce: any number of them before a pass is one pass, and any number during a pass is
one more pass after it. Knows nothing of what a pass does.

A pass that waits hardly works: so one that has waited for a while gives its place to another, and
sets whose members were silent in their last pass have places of their own, where they hold back
nobody. A pass may also take long because there is much to do. That is no waiting: otherwise a burst
would start ever more passes, and leave its sets behind among the silent ones.
"""

import asyncio
import heapq
import logging
import random as _random
from collections.abc import Callable
from dataclasses import dataclass

from mongors.backoff import backoff, log_failure, named
from mongors.clock import Clock
from mongors.next import Reconcile
from mongors.store import SetRef

logger = logging.getLogger(__name__)

SLOW_SECONDS = 1.0
"""So long a pass waits at least, be it for one hello: shorter than the patience with that."""
SLOW_PLACES = 3
"""For each worker, so many passes more may wait."""


@dataclass(slots=True)
class _Entry:
    due: float | None = None
    woken: bool = False
    forgotten: bool = False
    running_since: float | None = None
    idle_before: float = 0.0
    """For how long the process had been idle when the pass under way began."""
    slow: bool = False
    """Whether the last pass waited for somebody silent."""
    failures: int = 0
    earliest: float = 0.0
    """A wake-up does not start a pass before this moment."""


class Queue:
    """Calls `reconcile(ref, woken)` for each set when it is woken or when its time has come."""

    def __init__(
        self,
        reconcile: Reconcile,
        workers: int = 16,
        *,
        stuck_after: float = 300.0,
        clock: Clock = Clock(),  # noqa: B008 - it holds nothing
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
        self._agendas: dict[bool, list[tuple[float, SetRef]]] = {False: [], True: []}
        """What is planned, for quick and for slow sets."""
        self._passes: dict[asyncio.Task[None], tuple[SetRef, _Entry]] = {}
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
            self._schedule(ref, entry, max(self._clock.now(), entry.earliest))

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
        for task, (ref, _) in self._passes.items():
            logger.warning("Cut a pass short at exit", extra=named(ref))
            task.cancel()

    @property
    def running(self) -> int:
        """How many passes are under way."""
        return len(self._passes)

    @property
    def workers(self) -> int:
        """How many passes may be at work at the same time; others may wait for members."""
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
        now = self._clock.now()
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
            heapq.heappush(self._agendas[entry.slow], (due, ref))
            self._bell.set()

    def _start_due(self, group: asyncio.TaskGroup) -> None:
        for slow, agenda in self._agendas.items():
            while agenda and self._has_place(slow):
                due, ref = agenda[0]
                entry = self._entries.get(ref)
                if entry is None or entry.due != due:
                    heapq.heappop(agenda)  # planned anew or forgotten since
                elif due > self._clock.now():
                    break
                else:
                    heapq.heappop(agenda)
                    self._start(group, ref, entry, due)

    def _start(self, group: asyncio.TaskGroup, ref: SetRef, entry: _Entry, due: float) -> None:
        entry.due, entry.running_since = None, self._clock.now()
        entry.idle_before = self._clock.idle()
        self._on_start(entry.running_since - due)
        task = group.create_task(self._pass(ref, entry), name=f"pass of {ref}")
        self._passes[task] = ref, entry
        task.add_done_callback(self._ended)

    def _has_place(self, slow: bool) -> bool:
        """Whether a pass of a set may start; one that has turned slow has given up its place."""
        quick, waiting = len(self._turn_slow()), self._workers * SLOW_PLACES
        if slow:
            return len(self._passes) - quick < waiting
        return quick < self._workers and len(self._passes) < self._workers + waiting

    def _turn_slow(self) -> list[float]:
        """The earliest moment at which each pass under way turns slow that is not."""
        idle, now = self._clock.idle(), self._clock.now()
        waited = (idle - entry.idle_before for _, entry in self._passes.values() if not entry.slow)
        return [now + SLOW_SECONDS - each for each in waited if each < SLOW_SECONDS]

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._passes[task]
        self._bell.set()

    async def _next_change(self) -> None:
        self._bell.clear()
        moments = [
            agenda[0][0]
            for slow, agenda in self._agendas.items()
            if agenda and self._has_place(slow)
        ]
        if self._agendas[False] and not self._has_place(slow=False):
            moments += self._turn_slow()
        wait = max(0.0, min(moments) - self._clock.now()) if moments else None
        try:
            async with asyncio.timeout(wait):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _pass(self, ref: SetRef, entry: _Entry) -> None:
        woken, entry.woken = entry.woken, False
        rest: float | None
        try:
            following = await self._reconcile(ref, woken)
        except Exception as error:  # noqa: BLE001 - whatever one pass does, the others go on
            rest = self._after_failure(ref, entry, error)
            again = entry.woken
            entry.woken = (again or woken) and not entry.forgotten
        else:
            rest, again = following.seconds, entry.woken
            entry.failures, entry.earliest = 0, 0.0
            entry.slow = not following.heard_all and self._lasted(entry) >= SLOW_SECONDS
        now, entry.running_since = self._clock.now(), None
        if entry.forgotten or (rest is None and not again):
            del self._entries[ref]
        elif again:
            self._schedule(ref, entry, max(now, entry.earliest))
        elif rest is not None:
            self._schedule(ref, entry, now + max(0.0, rest))

    def _lasted(self, entry: _Entry) -> float:
        return self._clock.now() - (entry.running_since or 0.0)

    def _after_failure(self, ref: SetRef, entry: _Entry, error: Exception) -> float:
        entry.failures += 1
        delay, floor = backoff(entry.failures, error, self._random())
        entry.earliest = self._clock.now() + floor
        log_failure(ref, entry.failures, delay, error)
        return delay
