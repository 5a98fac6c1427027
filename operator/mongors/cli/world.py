"""What a command touches: a cluster, the clock, the terminal. Tests give another world."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from mongors.cli.cluster import Cluster, Connected, connected
from mongors.cli.place import Place
from mongors.cli.trouble import Unable, sentence
from mongors.errors import Failure

T = TypeVar("T")

INTERRUPT_AGAIN_SECONDS = 1.0
"""Time to tidy up in."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class World:
    """The outside."""

    connected: Connected = connected
    now: Callable[[], datetime] = _now

    def run(self, place: Place, act: Callable[[Cluster], Awaitable[T]]) -> T:
        """Do something with the cluster; whatever fails there is told in a sentence."""

        async def acted() -> T:
            async with self.connected(place) as cluster:
                try:
                    return await act(cluster)
                except Failure as failure:
                    raise Unable(sentence(failure, cluster.server)) from failure

        return asyncio.run(_interruptible(acted()))


async def _interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; Ctrl-C cancels it, and once more as long as it goes on.

    A cancellation can get lost in a library that takes it for a time-out of its own; whoever has
    pressed Ctrl-C shall not have to wait for that.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    if threading.current_thread() is not threading.main_thread():
        return await task
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        if not task.done():
            task.cancel()
            loop.call_later(INTERRUPT_AGAIN_SECONDS, interrupt)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
