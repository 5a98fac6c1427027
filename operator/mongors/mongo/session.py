"""One short-lived direct connection to one mongod; errors become those of `errors`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import (
    ConfigurationError,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
)

from mongors.door import passing
from mongors.errors import Denied, Failure, NotInitiated, Refused, Rejected, Retry, Unfit
from mongors.mongo import codes

Reply = Mapping[str, Any]

CONNECT_MS = 1500
"""A mongod in the same cluster answers in milliseconds; longer means that it does not."""

MONGOD = "mongod"
"""What refuses, in a failure that no Kubernetes permission can mend."""

COMMAND_MS = 8000
"""Commands that wait for other members are given up after this, with unknown outcome."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who the operator is to a mongod."""

    user: str
    password: str = field(repr=False)
    source: str = "admin"


def system_login(keyfile: str) -> Login:
    """The members' own identity: what a set without users can be born with, over the network."""
    return Login("__system", "".join(keyfile.split()), "local")


class Session:
    """Commands to one mongod."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], address: str) -> None:
        self._client = client
        self._address = address

    async def run(self, command: Mapping[str, Any], database: str = "admin") -> Reply:
        """Run a command; raises one of the failures of `errors`.

        A write that was made, and not acknowledged as was asked, is `Retry`: it may be rolled back.
        The server tells it in a reply that is no error otherwise, and the driver passes that on.
        """
        name = next(iter(command))
        try:
            with passing(f"{name} {self._address}"):
                reply: Reply = await self._client[database].command(dict(command))
        except (OperationFailure, NotPrimaryError) as error:
            raise failure_of(name, *_told(error), self._address) from None
        except (ConfigurationError, ValueError):  # what no mongod can take for a password
            raise Denied(f"{self._address} takes no such login", name, MONGOD) from None
        except PyMongoError as error:
            kind = type(error).__name__
            raise Retry(f"{self._address} did not answer {name} ({kind})") from None
        if (missed := reply.get("writeConcernError")) is not None:
            raise Retry(f"{self._address} made {name} for itself alone: {missed.get('errmsg')}")
        return reply


def _told(error: OperationFailure | NotPrimaryError) -> tuple[int | None, str]:
    """The code and the words of the server; the driver keeps them in different places."""
    details = error.details if isinstance(error.details, Mapping) else {}
    said = str(details.get("errmsg", ""))
    if isinstance(error, NotPrimaryError):
        return details.get("code", codes.Code.NOT_WRITABLE_PRIMARY), said
    return error.code, said


def failure_of(command: str, code: int | None, message: str, address: str) -> Failure:
    """What an error code means to the caller; the server's text is not passed on with a login."""
    said = f"{address} refused {command} with code {code}"
    if code in codes.LOGIN:
        return Denied(said, command, MONGOD)
    special = {
        codes.Code.NOT_YET_INITIALIZED: NotInitiated,
        codes.Code.NEW_CONFIG_INCOMPATIBLE: Unfit,
    }
    explained = f"{said}: {message[:300]}"
    if code in codes.LOOK_AGAIN:
        return special.get(codes.Code(code), Refused)(explained)
    if code in codes.TRY_LATER:
        return Retry(explained)
    return Rejected(explained)


@asynccontextmanager
async def session(
    host: str, port: int, login: Login | None = None, *, patience_ms: int = COMMAND_MS
) -> AsyncIterator[Session]:
    """Connect to this mongod alone, whatever set it belongs to, and leave nothing standing."""
    credentials: dict[str, Any] = {}
    if login is not None:
        credentials = {
            "username": login.user,
            "password": login.password,
            "authSource": login.source,
            "authMechanism": "SCRAM-SHA-256",
        }
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        f"[{host}]" if ":" in host else host,
        port,
        directConnection=True,
        appname="mongors",
        serverSelectionTimeoutMS=CONNECT_MS,
        connectTimeoutMS=CONNECT_MS,
        socketTimeoutMS=patience_ms,
        serverMonitoringMode="poll",
        retryReads=False,
        retryWrites=False,
        maxPoolSize=1,
        **credentials,
    )
    try:
        yield Session(client, f"{host}:{port}")
    finally:
        await client.close()
