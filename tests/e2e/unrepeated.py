"""Writes that fail though they may be repeated, because the driver does not repeat them.

Two kinds, both met in bare step-downs too, without any operator:

- Between choosing the primary and sending to it, pymongo (4.20 at least) looks once more at what it
  knows of that member. When the news that it is primary no longer arrive in between, the write is
  sent without a transaction number, and neither server nor driver may repeat it.
- mongod tells of some writes that it had begun as it stepped down in `writeErrors`, beside the
  label that says that they may be repeated; pymongo raises the first and does not see the second.
"""

from bson import ObjectId
from pymongo.errors import PyMongoError, WriteError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

PRIMARY_STEPPED_DOWN = 189


class Unnumbered(CommandListener):
    """Notes which inserts were sent without a transaction number."""

    def __init__(self) -> None:
        self._ids: set[ObjectId] = set()

    def __contains__(self, document: ObjectId) -> bool:
        return document in self._ids

    def started(self, event: CommandStartedEvent) -> None:
        """Called in the thread that sends, before the answer is known."""
        if event.command_name == "insert" and "txnNumber" not in event.command:
            self._ids.update(each["_id"] for each in event.command["documents"])

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing more is known then."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing more is known then."""


def was_not_repeated(failure: PyMongoError, *, numbered: bool) -> bool:
    """Whether a failure is the first one of a write, which the driver left at that."""
    in_write_errors = isinstance(failure, WriteError) and failure.code == PRIMARY_STEPPED_DOWN
    return in_write_errors or not numbered
