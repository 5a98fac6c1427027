"""What a command touches: a cluster, the clock, the terminal. Tests give another world."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from mongors.cli.cluster import Cluster, Connected, connected
from mongors.cli.place import Place
from mongors.cli.trouble import Unable, sentence
from mongors.errors import Failure

T = TypeVar("T")


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

        return asyncio.run(acted())
