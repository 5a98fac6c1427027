"""Which failed writes are laid at the driver's door, and which never are."""

import pytest
from bson import ObjectId
from pymongo.errors import (
    AutoReconnect,
    NotPrimaryError,
    PyMongoError,
    WriteConcernError,
    WriteError,
)
from pymongo.monitoring import CommandStartedEvent

from e2e.unrepeated import Unnumbered, was_not_repeated

MINE, ANOTHERS = ObjectId(), ObjectId()


def sent(command: str, document: ObjectId, **more: object) -> CommandStartedEvent:
    """A command as the driver tells of it."""
    body = {command: "writes", "documents": [{"_id": document}], **more}
    return CommandStartedEvent(body, "app", 1, ("mongo-0", 27017), 1)


def test_what_is_sent_without_a_number_is_noted() -> None:
    noting = Unnumbered()
    noting.started(sent("insert", MINE))
    noting.started(sent("insert", ANOTHERS, txnNumber=7))
    assert MINE in noting
    assert ANOTHERS not in noting


def test_other_commands_are_nothing_to_it() -> None:
    noting = Unnumbered()
    noting.started(sent("find", MINE))
    assert MINE not in noting


@pytest.mark.parametrize(
    ("failure", "numbered", "left"),
    [
        (NotPrimaryError("not primary", {"code": 10107}), False, True),
        (WriteError("Not primary while writing to app.writes", 189), True, True),
        (NotPrimaryError("not primary", {"code": 10107}), True, False),
        (NotPrimaryError("stepped down", {"code": 189}), True, False),
        (WriteError("duplicate key", 11000), True, False),
        (WriteConcernError("waiting for replication timed out", 64), True, False),
        (AutoReconnect("connection closed"), True, False),
    ],
)
def test_only_what_the_driver_left_at_one_try_is_its_own(
    failure: PyMongoError, *, numbered: bool, left: bool
) -> None:
    assert was_not_repeated(failure, numbered=numbered) is left
