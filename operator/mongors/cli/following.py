"""The logs of several members at once: read to their end, or followed as they grow."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from mongors.cli.cluster import Cluster
from mongors.cli.mongodlog import Entry, entries, entry_of, in_order
from mongors.errors import Failure
from mongors.observed.kubernetes import MONGOD

GATHER_SECONDS = 0.3
"""How long a line waits for older ones of other members."""

QUEUE = 10_000


async def read(cluster: Cluster, pods: Sequence[str], query: Mapping[str, str]) -> list[Entry]:
    """The logs of these pods, in order of time; of one that shows none, why."""
    texts = await asyncio.gather(*(_text(cluster, pod, query) for pod in pods))
    read_ones = zip(pods, texts, strict=True)
    return in_order(each for pod, text in read_ones for each in entries(pod, text.splitlines()))


async def _text(cluster: Cluster, pod: str, query: Mapping[str, str]) -> str:
    try:
        return await cluster.log(pod, {"container": MONGOD, **query})
    except Failure as failure:
        return f"(no log of {pod}: {failure.message})"


async def follow(
    cluster: Cluster, pods: Sequence[str], query: Mapping[str, str]
) -> AsyncIterator[Entry]:
    """The lines of these pods as they come, those that come together in order of time."""
    arriving = asyncio.Queue[Entry](QUEUE)
    async with asyncio.TaskGroup() as group:
        readers = [
            group.create_task(_carry(cluster, pod, query, arriving), name=f"log of {pod}")
            for pod in pods
        ]
        while not (arriving.empty() and all(each.done() for each in readers)):
            for entry in in_order(await _gathered(arriving)):
                yield entry


async def _gathered(arriving: asyncio.Queue[Entry]) -> list[Entry]:
    await asyncio.sleep(GATHER_SECONDS)
    return [arriving.get_nowait() for _ in range(arriving.qsize())]


async def _carry(
    cluster: Cluster, pod: str, query: Mapping[str, str], arriving: asyncio.Queue[Entry]
) -> None:
    """Carry the lines of one pod; its end, or what broke it off, is a line as well."""
    if cluster.follow is None:
        return
    last = ""
    try:
        lines = cluster.follow(pod, cluster.namespace, {"container": MONGOD, **query})
        async for raw in lines:
            entry = entry_of(pod, raw, last)
            last = entry.at
            await arriving.put(entry)
        said = f"(the log of {pod} has ended)"
    except Failure as failure:
        said = f"({failure.message})"
    await arriving.put(Entry(pod, last, said, message=said))
