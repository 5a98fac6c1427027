"""A writer that remembers what was acknowledged, to ask every member for it at the end."""

import threading
import time
from functools import partial
from types import TracebackType
from typing import Any, Self

from bson import ObjectId
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import NotPrimaryError, PyMongoError, ServerSelectionTimeoutError
from pymongo.read_preferences import Nearest
from pymongo.write_concern import WriteConcern

from e2e.sets import ReplicaSet, eventually
from e2e.unrepeated import Unnumbered, was_not_repeated

NOT_WRITABLE_PRIMARY = 10107  # refused before anything was done
CATCH_UP_SECONDS = 30


class Writer:
    """Inserts documents with unique ids, `w: majority, j: true`, until it is left.

    There may be more threads than one. Every id ends in one of three: `acknowledged`, `failed`
    (certainly not written) or `unknown`.
    """

    def __init__(
        self,
        replica_set: ReplicaSet,
        pause: float = 0.02,
        *,
        threads: int = 1,
        retry_writes: bool = True,
    ) -> None:
        self._set = replica_set
        self._pause = pause
        self._retry_writes = retry_writes
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(threads)]
        self._last: float | None = None
        self.acknowledged: list[ObjectId] = []
        self.failed: list[ObjectId] = []
        self.unknown: list[ObjectId] = []
        self.errors: list[str] = []
        self.unrepeated: list[str] = []
        """What failed because the driver, asked to repeat, did not: nobody else could help it."""
        self._unnumbered = Unnumbered()
        self.longest_gap = 0.0

    def __enter__(self) -> Self:
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            self._set.secret("connection")["uri"],
            serverSelectionTimeoutMS=30000,
            retryWrites=self._retry_writes,
            event_listeners=[self._unnumbered],
        )
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        self._client.close()
        self._measure_gap()

    def await_more(self, count: int = 20, seconds: float = 30) -> None:
        """Wait until so many more writes have been acknowledged: the set takes writes now."""
        before = len(self.acknowledged)
        eventually(
            lambda: len(self.acknowledged) >= before + count,
            seconds,
            f"{count} more writes are acknowledged; last errors {self.errors[-3:]}",
            self._set.explain,
        )

    def go_on(self, seconds: float) -> None:
        """Wait until writes have been acknowledged for so long from now on."""
        until = time.monotonic() + seconds
        eventually(
            lambda: self._last is not None and self._last >= until,
            seconds + 60,
            f"writes are acknowledged; last errors {self.errors[-3:]}",
            self._set.explain,
        )

    def missing_on(self, ordinal: int) -> set[ObjectId]:
        """What was acknowledged and this member does not have."""
        with self._set.member(ordinal) as client:
            database = client.get_database("app", read_preference=Nearest())
            there = {document["_id"] for document in database.writes.find({}, {"_id": 1})}
        return set(self.acknowledged) - there

    def check_every_member(self) -> None:
        """Assert that something was acknowledged, and that every member comes to have all of it."""
        assert self.acknowledged, f"nothing was acknowledged: {self.errors[-3:]}"
        for pod in self._set.pods():
            if "deletionTimestamp" in pod["metadata"]:
                continue  # its member has left the set already
            name = pod["metadata"]["name"]
            ordinal = int(name.rsplit("-", 1)[1])
            eventually(
                partial(self._has_all, ordinal),
                CATCH_UP_SECONDS,
                f"{name} has all that was acknowledged",
                self._set.explain,
            )

    def _has_all(self, ordinal: int) -> bool:
        return not self.missing_on(ordinal)

    def _write(self) -> None:
        writes = self._client.app.get_collection(
            "writes", write_concern=WriteConcern(w="majority", j=True, wtimeout=30000)
        )
        while not self._stop.is_set():
            self._insert(writes)
            self._stop.wait(self._pause)

    def _insert(self, writes: Collection[dict[str, Any]]) -> None:
        mine = ObjectId()
        try:
            writes.insert_one({"_id": mine})
        except PyMongoError as failure:
            with self._lock:
                self._errors_like(failure, mine).append(repr(failure))
                (self.failed if was_refused(failure) else self.unknown).append(mine)
            return
        with self._lock:
            self.acknowledged.append(mine)
            self._measure_gap()

    def _errors_like(self, failure: PyMongoError, document: ObjectId) -> list[str]:
        numbered = document not in self._unnumbered
        left = self._retry_writes and was_not_repeated(failure, numbered=numbered)
        return self.unrepeated if left else self.errors

    def _measure_gap(self) -> None:
        """The time between two acknowledgements, of whatever threads, and until the end."""
        now = time.monotonic()
        if self._last is not None:
            self.longest_gap = max(self.longest_gap, now - self._last)
        self._last = now


def was_refused(failure: PyMongoError) -> bool:
    """Whether a write was certainly not done; of all other failures nobody knows."""
    if isinstance(failure, ServerSelectionTimeoutError):
        return True
    details = failure.details if isinstance(failure, NotPrimaryError) else None
    return isinstance(details, dict) and details.get("code") == NOT_WRITABLE_PRIMARY
