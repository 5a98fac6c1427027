"""The log of a container, line by line, for as long as it goes on."""

from collections.abc import AsyncIterator, Mapping

import aiohttp

from mongors.errors import Denied, Refused, Retry
from mongors.kube.kinds import KINDS


async def follow(
    session: aiohttp.ClientSession,
    server: str,
    namespace: str,
    pod: str,
    query: Mapping[str, str],
) -> AsyncIterator[str]:
    """Yield the lines of a pod's log as they come; ends when the container does."""
    path = KINDS["Pod"].path(namespace, pod, "log")
    limits = aiohttp.ClientTimeout(total=None, sock_connect=5)
    try:
        async with session.get(
            server.rstrip("/") + path, params={**query, "follow": "true"}, timeout=limits
        ) as answer:
            if answer.status in (401, 403):
                raise Denied(f"the log of {pod} is not shown", "get", "pods/log")
            if answer.status != 200:
                raise Refused(f"{pod} shows no log (HTTP {answer.status})")
            async for line in answer.content:
                yield line.decode(errors="replace").rstrip("\n")
    except (aiohttp.ClientError, OSError) as error:
        raise Retry(f"the log of {pod} broke off: {type(error).__name__}") from error
