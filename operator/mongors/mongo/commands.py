"""The commands that change a replica set. Each fails rather than act on an old picture."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mongors.errors import Refused, Rejected, Unfit
from mongors.mongo.replies import config_of, document_of
from mongors.mongo.session import Session
from mongors.observed.mongodb import ReplicaSetConfig

RECONFIG_MS = 5000
"""The server waits here for the old configuration to be committed; a time-out settles nothing."""

STEP_DOWN_SECONDS = 60
"""How long the old primary does not stand for election again."""

CATCH_UP_SECONDS = 10
"""How long a secondary may take to catch up before the step-down is given up."""

_MAJORITY = {"w": "majority", "wtimeout": 6000}


@dataclass(frozen=True, slots=True)
class User:
    """A database user with its password."""

    name: str
    password: str = field(repr=False)
    roles: tuple[tuple[str, str], ...]
    """Pairs of role and database."""


async def initiate(mongod: Session, config: ReplicaSetConfig) -> None:
    """Initiate; the server checks that every founding member answers and is empty."""
    await mongod.run({"replSetInitiate": document_of(config)})


async def step_up(mongod: Session) -> None:
    """Have this member stand for election now; Refused when it cannot win yet."""
    await mongod.run({"replSetStepUp": 1})


async def step_down(mongod: Session) -> None:
    """Hand over to a caught-up secondary, or stay primary; never forced."""
    await mongod.run(
        {
            "replSetStepDown": STEP_DOWN_SECONDS,
            "secondaryCatchUpPeriodSecs": CATCH_UP_SECONDS,
            "force": False,
        }
    )


async def reconfigure(mongod: Session, based_on: tuple[int, int], config: ReplicaSetConfig) -> None:
    """Install the next configuration if the live one is still that which it is based on."""
    live = config_of((await mongod.run({"replSetGetConfig": 1}))["config"])
    if live.stamp != based_on:
        raise Refused(f"the configuration is {live.stamp} now, not {based_on}")
    try:
        await mongod.run({"replSetReconfig": document_of(config), "maxTimeMS": RECONFIG_MS})
    except Unfit as failure:
        live = config_of((await mongod.run({"replSetGetConfig": 1}))["config"])
        if live.stamp != based_on:
            raise
        raise Rejected(failure.message) from None  # nothing changed: asking again cannot help


async def make_users(mongod: Session, users: Iterable[User]) -> None:
    """Create the users, or give existing ones this password and these roles."""
    for user in users:
        known = await mongod.run({"usersInfo": {"user": user.name, "db": "admin"}})
        await mongod.run(
            {
                ("updateUser" if known["users"] else "createUser"): user.name,
                "pwd": user.password,
                "roles": [{"role": role, "db": database} for role, database in user.roles],
                "writeConcern": _MAJORITY,
            }
        )
