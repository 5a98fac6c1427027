"""The commands that change a replica set. Each fails rather than act on an old picture."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mongors.errors import Refused, Rejected, Unfit
from mongors.mongo.replies import config_of, document_of, last_write_in_hello
from mongors.mongo.session import Session
from mongors.observed.mongodb import Optime, ReplicaSetConfig

RECONFIG_SECONDS = 5
"""How long the old configuration may take to be committed; a time-out settles nothing."""

HEARTBEAT_SECONDS = 10
"""The server's own heartbeat time-out. Before it installs a configuration it asks every member of
it, and one that is cut off or frozen costs the whole time-out."""

STEP_DOWN_SECONDS = 20
"""How long the old primary does not stand for election again."""

CATCH_UP_SECONDS = 10
"""How long a secondary may take to catch up before the step-down is given up."""

CATCH_UP_LOOKS, CATCH_UP_PAUSE_SECONDS = 20, 0.05

FREEZE_SECONDS = 30
"""How long the other members do not stand for election during a handover, if nobody ends it."""

_MAJORITY = {"w": "majority", "wtimeout": 6000}


@dataclass(frozen=True, slots=True)
class User:
    """A database user with its password."""

    name: str
    password: str = field(repr=False)
    roles: tuple[tuple[str, str], ...]
    """Pairs of role and database."""


async def initiate(mongod: Session, config: ReplicaSetConfig, *, old_words: bool) -> None:
    """Initiate; the server checks that every founding member answers and is empty."""
    await mongod.run({"replSetInitiate": document_of(config, old_words=old_words)})


async def step_up(mongod: Session) -> None:
    """Have this member stand for election now; Refused when it cannot win yet."""
    await mongod.run({"replSetStepUp": 1})


async def stand_if_leaderless(mongod: Session) -> None:
    """Have this member stand, unless it sees a primary by now: it would unseat that one."""
    await _check_leaderless(mongod, "nobody else has to stand")
    await step_up(mongod)


async def step_down(mongod: Session) -> None:
    """Hand over to a caught-up secondary, or stay primary; never forced."""
    await mongod.run(
        {
            "replSetStepDown": STEP_DOWN_SECONDS,
            "secondaryCatchUpPeriodSecs": CATCH_UP_SECONDS,
            "force": False,
        }
    )


async def freeze(mongod: Session, seconds: int) -> None:
    """Keep a secondary from standing for election for so long; 0 ends it."""
    await mongod.run({"replSetFreeze": seconds})


async def committed(primary: Session) -> Optime:
    """What a majority has, as far as the primary knows."""
    return await _last_write(primary, "majorityOpTime")


async def await_write(mongod: Session, wanted: Optime) -> None:
    """Give a member a second to have what a majority had, for want of which nobody would elect it.

    One that is slower than that is not waited for: a primary that steps down waits for it as well.
    """
    for _ in range(CATCH_UP_LOOKS):
        if await _last_write(mongod, "opTime") >= wanted:
            return
        await asyncio.sleep(CATCH_UP_PAUSE_SECONDS)


async def _last_write(mongod: Session, which: str) -> Optime:
    found = last_write_in_hello(await mongod.run({"hello": 1}), which)
    if found is None:
        raise Refused("it tells of no write")
    return found


async def reconfigure(
    mongod: Session, based_on: tuple[int, int], config: ReplicaSetConfig, *, old_words: bool
) -> None:
    """Install the next configuration if the live one is still that which it is based on."""
    await _check_base(mongod, based_on)
    document = document_of(config, old_words=old_words)
    try:
        await mongod.run({"replSetReconfig": document, "maxTimeMS": _patience_ms(config)})
    except Unfit as failure:
        live = config_of((await mongod.run({"replSetGetConfig": 1}))["config"])
        if live.stamp != based_on:
            raise
        raise Rejected(failure.message) from None  # nothing changed: asking again cannot help


async def force(
    mongod: Session, based_on: tuple[int, int], config: ReplicaSetConfig, *, old_words: bool
) -> None:
    """Install a configuration without a majority, as a person has confirmed (rule 29).

    The one place in which anything is forced.
    """
    await _check_base(mongod, based_on)
    await _check_leaderless(mongod, "nothing is forced")
    document = document_of(config, old_words=old_words)
    await mongod.run(
        {"replSetReconfig": document, "force": True, "maxTimeMS": _patience_ms(config)}
    )


async def _check_leaderless(mongod: Session, said: str) -> None:
    hello = await mongod.run({"hello": 1})
    if hello.get("isWritablePrimary") or hello.get("primary"):
        raise Refused(f"there is a primary: {said}")


async def set_parameters(mongod: Session, values: Mapping[str, Any]) -> None:
    """Set server parameters of this member while it runs; mongod takes one in a command."""
    for name, value in sorted(values.items()):
        await mongod.run({"setParameter": 1, name: value})


async def set_write_concern(mongod: Session) -> None:
    """Make majority the default write concern of the set."""
    await mongod.run(
        {
            "setDefaultRWConcern": 1,
            "defaultWriteConcern": {"w": "majority"},
            "writeConcern": _MAJORITY,
        }
    )


def _patience_ms(config: ReplicaSetConfig) -> int:
    heartbeat = config.settings.get("heartbeatTimeoutSecs", HEARTBEAT_SECONDS)
    return int(RECONFIG_SECONDS + heartbeat) * 1000


async def _check_base(mongod: Session, based_on: tuple[int, int]) -> None:
    live = config_of((await mongod.run({"replSetGetConfig": 1}))["config"])
    if live.stamp != based_on:
        raise Refused(f"the configuration is {live.stamp} now, not {based_on}")


async def write_to_majority(
    mongod: Session, command: Mapping[str, Any], database: str, patience_ms: int
) -> None:
    """Run a write; raises `Rejected` or `Retry` unless a majority acknowledged it in this time."""
    concern = {"w": "majority", "wtimeout": patience_ms}
    reply = await mongod.run({**command, "writeConcern": concern}, database)
    if refused := reply.get("writeErrors"):  # in a reply that is no error otherwise
        raise Rejected(str(refused[0].get("errmsg")))


async def drop_user(mongod: Session, name: str) -> None:
    """Drop a user if there is one."""
    if await _is_known(mongod, name):
        await mongod.run({"dropUser": name, "writeConcern": _MAJORITY})


async def make_users(mongod: Session, users: Sequence[User]) -> None:
    """Create the users, or give existing ones this password and these roles.

    Only the last one waits for a majority, which then has the others as well, if this has been
    primary by one election all along. Right after a birth each of these waits lasts a second or
    more: members that have just copied all data learn only then from whom to replicate.
    """
    elected = await _election(mongod)
    for user in users:
        concern = _MAJORITY if user is users[-1] else {"w": 1}
        is_known = await _is_known(mongod, user.name)
        await mongod.run(
            {
                ("updateUser" if is_known else "createUser"): user.name,
                "pwd": user.password,
                "roles": [{"role": role, "db": database} for role, database in user.roles],
                "writeConcern": concern,
            }
        )
    if await _election(mongod) != elected:
        raise Refused("there was an election while users were made: some may have been lost")


async def _election(mongod: Session) -> object:
    """The election by which a member is primary; each has another id."""
    elected = (await mongod.run({"hello": 1})).get("electionId")
    if elected is None:
        raise Refused("it is not primary")
    return elected


async def _is_known(mongod: Session, user: str) -> bool:
    return bool((await mongod.run({"usersInfo": {"user": user, "db": "admin"}}))["users"])
