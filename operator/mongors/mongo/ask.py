"""Asking one mongod about itself. Whatever goes wrong becomes part of the answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mongors.errors import Denied, Failure, NotInitiated, Refused, Rejected
from mongors.mongo.hello import hello
from mongors.mongo.replies import (
    config_of,
    is_any_behind,
    oplog_seconds_of,
    optime_of,
    parameters_of,
    state_in_hello,
    state_of,
    version_of,
    views_of,
    write_concern_of,
)
from mongors.mongo.session import CONNECT_MS, Login, Reply, Session, session
from mongors.observed.mongodb import Answer, Parameter, State

DEADLINE_SECONDS = 4.0
"""For all questions to one mongod; one that takes longer counts as silent."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The identities that the operator can take on; None where a Secret is missing."""

    system: Login | None
    cluster: Login | None = field(default=None)
    """The limited user of daily work; None before it is made."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Whom to ask as, and for what beside the member's own state."""

    logins: Logins
    parameters: tuple[str, ...] = ()
    """The names of server parameters."""


async def greet(host: str, port: int) -> Reply | None:
    """The reply to an unauthenticated `hello`, or None if there is none: the check at rest."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await hello(host, port)
    except (Failure, TimeoutError):
        return None


async def ask(ordinal: int, host: str, port: int, questions: Questions) -> Answer:
    """All that a pass needs to know of one member."""
    silent = Answer(ordinal, State.UNREACHABLE, problem=f"{host} does not answer")
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            async with asyncio.timeout(CONNECT_MS / 1000):
                greeting = _greeting(ordinal, await hello(host, port))
            return await _ask_further(greeting, host, port, questions)
    except TimeoutError:
        return silent
    except Failure as failure:
        return replace(silent, problem=failure.message)


def _greeting(ordinal: int, said: Mapping[str, Any]) -> Answer:
    return Answer(
        ordinal,
        state_in_hello(said),
        is_writable_primary=bool(said.get("isWritablePrimary")),
        set_name=said.get("setName"),
    )


async def _ask_further(greeting: Answer, host: str, port: int, questions: Questions) -> Answer:
    """Ask as the limited user where there must be one, else as a member."""
    logins, wanted = questions.logins, questions.parameters
    if logins.cluster is not None and greeting.state.serves:
        try:
            return await _ask_as(logins.cluster, greeting, host, port, wanted)
        except Denied:
            greeting = replace(greeting, login_refused=True)
    if logins.system is None:
        return replace(greeting, problem="the key to log in with is missing")
    try:
        return await _ask_as(logins.system, greeting, host, port, wanted)
    except Denied as failure:
        return replace(greeting, problem=failure.message)


async def _ask_as(
    login: Login, greeting: Answer, host: str, port: int, parameters: tuple[str, ...]
) -> Answer:
    async with session(host, port, login) as mongod:
        version = version_of(str((await mongod.run({"buildInfo": 1}))["version"]))
        live = await _parameters(mongod, parameters)
        answer = replace(greeting, version=version, parameters=live)
        try:
            status = await mongod.run({"replSetGetStatus": 1, "initialSync": 1})
        except NotInitiated:
            return replace(answer, state=State.UNINITIATED)
        except Refused as failure:
            return replace(answer, problem=failure.message)
        except Rejected:
            return await _removed(mongod, answer)
        return await _member(mongod, answer, status)


async def _removed(mongod: Session, answer: Answer) -> Answer:
    """A member that its own configuration does not hold (any more); its oplog says how far it is.

    That database alone is readable in this state, and no other command tells it.
    """
    reply = await mongod.run({"replSetGetConfig": 1})
    last = {"find": "oplog.rs", "sort": {"$natural": -1}, "limit": 1, "singleBatch": True}
    try:
        found = (await mongod.run(last, "local"))["cursor"]["firstBatch"]
    except (Refused, Rejected):
        found = []
    return replace(
        answer,
        state=State.REMOVED,
        config=config_of(reply["config"]),
        applied=optime_of(found[0]) if found else None,
    )


async def _member(mongod: Session, answer: Answer, status: Reply) -> Answer:
    command: dict[str, Any] = {"replSetGetConfig": 1}
    if answer.is_writable_primary:
        command["commitmentStatus"] = True
    reply = await mongod.run(command)
    if answer.is_writable_primary:
        answer = await _of_the_set(mongod, replace(answer, views=views_of(status)))
    optimes = status.get("optimes", {})
    committed = optime_of(optimes.get("lastCommittedOpTime"))
    mine: Reply = next((each for each in status["members"] if each.get("self")), {})
    state = state_of(str(mine.get("stateStr", "")))
    return replace(
        answer,
        state=state,
        copying=state is State.STARTUP2 and "initialSyncStatus" in status,
        host=mine.get("name"),
        term=int(status.get("term", -1)),
        config=config_of(reply["config"]),
        config_committed=bool(reply.get("commitmentStatus")),
        voting_members=status.get("votingMembersCount"),
        applied=optime_of(optimes.get("appliedOpTime")),
        committed_term=committed.term if committed else None,
        views=views_of(status),
    )


async def _of_the_set(mongod: Session, primary: Answer) -> Answer:
    """What only the primary is asked: facts about the whole set.

    Its oplog is looked at only while it matters: that is two commands more.
    """
    got = await mongod.run({"getParameter": 1, "featureCompatibilityVersion": 1})
    concern = await mongod.run({"getDefaultRWConcern": 1})
    return replace(
        primary,
        fcv=str(got["featureCompatibilityVersion"]["version"]),
        write_concern=write_concern_of(concern),
        oplog_seconds=await _oplog_seconds(mongod) if is_any_behind(primary.views) else None,
    )


async def _oplog_seconds(mongod: Session) -> float | None:
    status = await mongod.run({"serverStatus": 1, "oplog": 1})
    stats = await mongod.run({"collStats": "oplog.rs"}, "local")
    return oplog_seconds_of(status.get("oplog") or {}, stats)


async def _parameters(mongod: Session, names: tuple[str, ...]) -> dict[str, Parameter]:
    if not names:
        return {}
    try:
        asked = {"getParameter": {"showDetails": True}, **dict.fromkeys(names, 1)}
        return parameters_of(await mongod.run(asked))
    except Rejected:  # it knows none of them
        return {}
