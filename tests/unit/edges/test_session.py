"""What the driver raises becomes one of the known failures, by the code that mongod gave."""

from typing import Any, cast

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import (
    AutoReconnect,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from mongors.errors import Failure, Refused, Rejected, Retry
from mongors.mongo.session import Session


class Failing:
    """A mongod to which every command fails in one way."""

    def __init__(self, error: PyMongoError) -> None:
        self._error = error

    def __getitem__(self, database: str) -> "Failing":
        return self

    async def command(self, command: dict[str, Any]) -> dict[str, Any]:
        raise self._error


def told(code: int | None, said: str) -> dict[str, Any]:
    return {"ok": 0, "errmsg": said} | ({} if code is None else {"code": code})


@pytest.mark.parametrize("code", [10107, 189, 91, 11600, 11602])
async def test_who_is_not_primary_any_more_is_looked_at_again(code: int) -> None:
    """The driver has an exception of its own for these, which is no OperationFailure."""
    error = NotPrimaryError("not primary", told(code, "not primary"))
    with pytest.raises(Refused, match=f"refused replSetStepDown with code {code}: not primary"):
        await session(error).run({"replSetStepDown": 10})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OperationFailure("no", 103, told(103, "incompatible")), Refused),
        (OperationFailure("no", 93, told(93, "bad")), Rejected),
        (OperationFailure("no", None, told(None, "no option found")), Rejected),
        (NotPrimaryError("not primary"), Refused),
        (AutoReconnect("connection closed"), Retry),
        (ServerSelectionTimeoutError("nobody"), Retry),
    ],
)
async def test_each_failure_is_of_its_kind(error: PyMongoError, kind: type[Failure]) -> None:
    with pytest.raises(kind) as caught:
        await session(error).run({"replSetReconfig": {}})
    assert type(caught.value).__mro__.index(kind) <= 1
    assert caught.value.message.startswith("10.0.0.7:27017 ")


def session(error: PyMongoError) -> Session:
    client = cast("AsyncMongoClient[dict[str, Any]]", Failing(error))
    return Session(client, "10.0.0.7:27017")
