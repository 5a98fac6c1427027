"""A writer that goes on whatever happens: to the primary of the moment, one write after another."""

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

from mongors.cli.cluster import POD, Cluster, Raw
from mongors.cli.gaps import Gaps
from mongors.cli.trouble import Unable
from mongors.desired.names import PORT, Names
from mongors.desired.secrets import APP_DATABASE
from mongors.errors import Denied, Failure, Retry
from mongors.mongo.ask import greet
from mongors.mongo.commands import write_to_majority
from mongors.mongo.session import Login, Session, session

PATIENCE_MS = 1000
"""A write that takes longer is given up, and the primary looked for anew."""

LOOK_SECONDS = 0.05
"""Between two looks for a primary while there is none."""

LIST_SECONDS = 1.0
"""How long a list of the set's pods is good for."""

LAST_SECONDS = 2.0
"""At the end, for the write that is waited for: one that is on its way is no gap that stays."""

DROP_SECONDS = 10.0

Address = tuple[str, int]
Found = tuple[str, Address]
"""A pod, and the way to it."""


@dataclass
class Writer:
    """Writes small documents into a collection of its own, each acknowledged by a majority."""

    cluster: Cluster
    names: Names
    login: Login
    pause: float
    """Seconds between two writes."""
    gaps: Gaps
    collection: str = field(default_factory=lambda: f"mongors_bench_{uuid.uuid4().hex[:8]}")
    _began: float = field(default_factory=time.monotonic)
    _until: float = 0.0
    _ways: dict[str, Address] = field(default_factory=dict)
    _pods: list[Raw] = field(default_factory=list)
    _listed: float = -LIST_SECONDS

    async def write(self, seconds: float, seen: Callable[[], None]) -> None:
        """Write for so long, telling after each write or failure; then drop the collection."""
        self._until = self._at + seconds
        async with AsyncExitStack() as stack:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds + LAST_SECONDS):
                        while self._goes_on:
                            self.gaps.begin(self._at)
                            await self._write_to(await self._primary(stack, seen), seen)
            finally:
                self.gaps.at = self._at
                if self.gaps.acknowledged or self.gaps.failed:
                    await self._drop(stack)

    @property
    def _at(self) -> float:
        return time.monotonic() - self._began

    @property
    def _goes_on(self) -> bool:
        return self._at < self._until or self.gaps.since is not None

    async def _write_to(self, found: Found, seen: Callable[[], None]) -> None:
        pod, (host, port) = found
        async with session(host, port, self.login, patience_ms=PATIENCE_MS) as mongod:
            try:
                while self._goes_on:
                    self.gaps.begin(self._at)
                    await self._insert(mongod)
                    self.gaps.acknowledge(self._at, pod)
                    seen()
                    await asyncio.sleep(min(self.pause, max(self._until - self._at, 0)))
            except Denied as failure:
                said = failure.message
                raise Unable(f"{pod} does not let {self.login.user} write: {said}") from failure
            except Failure as failure:
                self.gaps.fail(self._at, failure.message.replace(f"{host}:{port}", pod))
                seen()

    async def _insert(self, mongod: Session) -> None:
        command = {"insert": self.collection, "documents": [{"_id": uuid.uuid4().hex}]}
        await write_to_majority(mongod, command, APP_DATABASE, PATIENCE_MS)

    async def _primary(self, stack: AsyncExitStack, seen: Callable[[], None]) -> Found:
        """Wait for a member that says that it takes writes."""
        while True:
            if self._at - self._listed >= LIST_SECONDS:
                with suppress(Retry):  # those that were listed last will do
                    self._pods = await self.cluster.of_set(POD, self.names.name)
                self._listed = self._at
            ways = {each["metadata"]["name"]: await self._way(stack, each) for each in self._pods}
            found = await _first_writable({pod: way for pod, way in ways.items() if way})
            if found is not None:
                return found
            self.gaps.at = self._at
            seen()
            await asyncio.sleep(LOOK_SECONDS)

    async def _way(self, stack: AsyncExitStack, pod: Raw) -> Address | None:
        """A way to a pod stays open: each connection over it leads to the pod of this name."""
        name = pod["metadata"]["name"]
        if self.cluster.tunnels is None:
            ip = pod.get("status", {}).get("podIP")
            return (ip, PORT) if ip else None
        if name not in self._ways:
            opening = self.cluster.tunnels.open(self.names.namespace, name, PORT)
            try:
                self._ways[name] = ("127.0.0.1", await stack.enter_async_context(opening))
            except Retry:  # it is not there yet, or not any more
                return None
        return self._ways[name]

    async def _drop(self, stack: AsyncExitStack) -> None:
        """Leave nothing behind, or note what is left: what was measured is worth more."""
        try:
            async with asyncio.timeout(DROP_SECONDS):
                _, (host, port) = await self._primary(stack, lambda: None)
                async with session(host, port, self.login) as mongod:
                    await mongod.run({"drop": self.collection}, APP_DATABASE)
        except (Failure, TimeoutError):
            self.gaps.left = (
                f"the collection {self.collection} in the database {APP_DATABASE} could not be "
                "dropped: drop it yourself once there is a primary"
            )


async def _first_writable(ways: Mapping[str, Address]) -> Found | None:
    """The first member that says that it takes writes; who is silent is not waited for then."""

    async def asked(pod: str, way: Address) -> Found | None:
        reply = await greet(*way)
        return (pod, way) if reply is not None and reply.get("isWritablePrimary") else None

    asking = [asyncio.create_task(asked(pod, way)) for pod, way in ways.items()]
    try:
        for each in asyncio.as_completed(asking):
            if (found := await each) is not None:
                return found
    finally:
        for task in asking:
            task.cancel()
    return None
