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


class Answering:
    """A mongod that has one answer to every command, or fails in one way."""

    def __init__(self, outcome: PyMongoError | dict[str, Any]) -> None:
        self._outcome = outcome

    def __getitem__(self, database: str) -> "Answering":
        return self

    async def command(self, command: dict[str, Any]) -> dict[str, Any]:
        if isinstance(self._outcome, PyMongoError):
            raise self._outcome
        return self._outcome


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


async def test_a_write_that_no_majority_acknowledged_is_not_taken_for_made() -> None:
    """It may be rolled back. The driver passes such a reply on as a success."""
    missed = {"code": 64, "errmsg": "waiting for replication timed out"}
    with pytest.raises(Retry, match="made createUser for itself alone: waiting for replication"):
        await session({"ok": 1, "writeConcernError": missed}).run({"createUser": "app"})
    assert await session({"ok": 1}).run({"createUser": "app"}) == {"ok": 1}


def session(outcome: PyMongoError | dict[str, Any]) -> Session:
    client = cast("AsyncMongoClient[dict[str, Any]]", Answering(outcome))
    return Session(client, "10.0.0.7:27017")
