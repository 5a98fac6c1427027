"""Asking members from where a person is: through the API server, or at their pods' addresses."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from mongors.cli.seen import Further
from mongors.desired.names import Names
from mongors.errors import Failure
from mongors.kube.tunnel import Tunnels
from mongors.mongo.ask import Questions, ask
from mongors.mongo.session import Reply, session
from mongors.observed.mongodb import Answer, State


class Asker:
    """Asks members as the operator does, and the primary a little more."""

    def __init__(self, names: Names, tunnels: Tunnels | None) -> None:
        self._names = names
        self._tunnels = tunnels
        self.further = Further()
        self.problem: str | None = None
        """Why the last of those who could not be asked could not."""

    async def __call__(self, ordinal: int, ip: str, port: int, questions: Questions) -> Answer:
        """Ask one member; a failure is an answer too."""
        try:
            async with self._way_to(ordinal, ip, port) as (host, at):
                answer = await ask(ordinal, host, at, questions)
                if answer.is_writable_primary:
                    self.further = await _ask_further(host, at, questions)
        except Failure as failure:
            self.problem = failure.message
            return Answer(ordinal, State.UNREACHABLE, problem=failure.message)
        if not answer.answered:
            self.problem = answer.problem
        return answer

    @asynccontextmanager
    async def _way_to(self, ordinal: int, ip: str, port: int) -> AsyncIterator[tuple[str, int]]:
        if self._tunnels is None:
            yield ip, port
            return
        pod = self._names.pod(ordinal)
        async with self._tunnels.open(self._names.namespace, pod, port) as local:
            yield "127.0.0.1", local


async def _ask_further(host: str, port: int, questions: Questions) -> Further:
    """When the primary was elected, and how far its oplog reaches; nothing if it does not say."""
    login = questions.logins.cluster or questions.logins.system
    if login is None:
        return Further()
    said: list[Reply] = []
    with contextlib.suppress(Failure):
        async with session(host, port, login) as mongod:
            said.append(await mongod.run({"replSetGetStatus": 1}))
            said.append(await mongod.run({"serverStatus": 1, "oplog": 1}))
    status, server = (*said, {}, {})[:2]
    return further_of(status, server.get("oplog") or {})


def further_of(status: Mapping[str, Any], oplog: Mapping[str, Any]) -> Further:
    """What the replies say."""
    mine: Mapping[str, Any] = next(
        (each for each in status.get("members", ()) if each.get("self")), {}
    )
    elected = mine.get("electionDate")
    first, last = oplog.get("earliestOptime"), oplog.get("latestOptime")
    return Further(
        elected_at=elected.replace(tzinfo=UTC) if isinstance(elected, datetime) else None,
        oplog_seconds=None if first is None or last is None else float(last.time - first.time),
    )
