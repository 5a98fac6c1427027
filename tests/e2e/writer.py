"""A writer that remembers what was acknowledged, to ask every member for it at the end."""

import threading
import time
from types import TracebackType
from typing import Any, Self

from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.read_preferences import Nearest
from pymongo.write_concern import WriteConcern

from e2e.sets import ReplicaSet


class Writer:
    """Inserts documents with unique ids, `w: majority`, one after the other, until it is left."""

    def __init__(self, replica_set: ReplicaSet, pause: float = 0.005) -> None:
        self._set = replica_set
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self.acknowledged: list[ObjectId] = []
        self.errors: list[str] = []
        self.longest_gap = 0.0

    def __enter__(self) -> Self:
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            self._set.secret("connection")["uri"], serverSelectionTimeoutMS=30000
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(60)
        self._client.close()

    def _write(self) -> None:
        writes = self._client.app.get_collection(
            "writes", write_concern=WriteConcern(w="majority", wtimeout=30000)
        )
        last = time.monotonic()
        while not self._stop.is_set():
            try:
                self.acknowledged.append(writes.insert_one({}).inserted_id)
            except PyMongoError as failure:
                self.errors.append(repr(failure))
            now = time.monotonic()
            self.longest_gap = max(self.longest_gap, now - last)
            last = now
            self._stop.wait(self._pause)

    def missing_on(self, ordinal: int) -> set[ObjectId]:
        """What was acknowledged and this member does not have."""
        with self._set.member(ordinal) as client:
            database = client.get_database("app", read_preference=Nearest())
            there = {document["_id"] for document in database.writes.find({}, {"_id": 1})}
        return set(self.acknowledged) - there
