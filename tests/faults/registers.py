"""Clients that read, write and compare-and-set a few registers, and what came of every operation.

Each register is one document, changed with `w: majority, j: true` and read with the read concern
`linearizable`: so each has to behave as one value that everybody sees at once. After some
operations a register is left for a new one, because long histories cannot be judged.

Between them clients read with the read concern `majority`, of whatever member is near. That may be
old, but it is there for good: somebody wrote it, and it can never be undone.
"""

import itertools
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import Nearest
from pymongo.write_concern import WriteConcern

from e2e.writer import was_refused
from faults.linear import NEVER, Kind, Operation, violation

REGISTERS = 3
LENGTH = 150
"""Operations on a register before a new one takes its place."""
PATIENCE_MS = 20000
INITIAL = 0


class Registers:
    """Works until it is left. `violations` judges each register once, when it is out of use."""

    def __init__(self, uri: str, *, clients: int = 3, seed: int = 0, pause: float = 0.02) -> None:
        self._uri = uri
        self._seed = seed
        self._pause = pause
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._values = itertools.count(1)
        self._judged: set[str] = set()
        self._busy: Counter[str] = Counter()
        self._numbers = dict.fromkeys(range(REGISTERS), 0)
        self._threads = [
            threading.Thread(target=self._work, args=(each,), daemon=True)
            for each in range(clients)
        ]
        self.histories: dict[str, list[Operation]] = defaultdict(list)
        self.seen: dict[str, dict[int, float]] = defaultdict(dict)
        """When a value was first read of a majority, by register."""
        self.errors: list[str] = []

    def __enter__(self) -> Self:
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            self._uri, serverSelectionTimeoutMS=PATIENCE_MS, socketTimeoutMS=PATIENCE_MS
        )
        self._registers: Collection[dict[str, Any]] = self._client.app.get_collection(
            "registers",
            write_concern=WriteConcern(w="majority", j=True, wtimeout=PATIENCE_MS),
            read_concern=ReadConcern("linearizable"),
        )
        self._committed = self._registers.with_options(
            read_concern=ReadConcern("majority"), read_preference=Nearest()
        )
        for each in range(REGISTERS):
            self._registers.insert_one({"_id": self._name(each), "value": INITIAL})
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
            thread.join(2 * PATIENCE_MS / 1000)
        self._client.close()

    @property
    def operations(self) -> int:
        """How many have ended, or may have."""
        return sum(map(len, self.histories.values()))

    def violations(self) -> list[str]:
        """What no order of the operations can explain, of all that nobody works on any more."""
        with self._lock:
            in_use = set() if self._stop.is_set() else set(map(self._name, self._numbers))
            ended = self.histories.keys() - in_use - self._judged - (+self._busy).keys()
            self._judged |= ended
        return [
            f"register {name}: {said}"
            for name in sorted(ended)
            for said in judged(self.histories[name], self.seen[name])
        ]

    def _name(self, register: int) -> str:
        return f"{register}.{self._numbers[register]}"

    def _work(self, number: int) -> None:
        chance, client = random.Random(f"{self._seed} {number}"), f"client {number}"
        seen: dict[str, int] = {}
        while not self._stop.wait(self._pause):
            register = chance.randrange(REGISTERS)
            name = self._chosen(register)
            if name is None:
                continue
            kind = chance.choice((Kind.READ, Kind.WRITE, Kind.SWAP, Kind.SWAP))
            self._look(name)
            done = self._do(client, name, kind, seen.get(name, INITIAL))
            with self._lock:
                self._busy[name] -= 1
                if done is not None:
                    self.histories[name].append(done)
            if done is not None and done.is_known and done.value is not None:
                seen[name] = seen.get(name, INITIAL) if done.kind is Kind.MISS else done.value

    def _chosen(self, register: int) -> str | None:
        """The register to work on; None while a new one could not be made."""
        with self._lock:
            if len(self.histories[self._name(register)]) < LENGTH:
                self._busy[self._name(register)] += 1
                return self._name(register)
            fresh = f"{register}.{self._numbers[register] + 1}"
            try:
                self._registers.update_one(
                    {"_id": fresh}, {"$setOnInsert": {"value": INITIAL}}, upsert=True
                )
            except PyMongoError as failure:
                self.errors.append(repr(failure))
                return None
            self._numbers[register] += 1
            self._busy[fresh] += 1
            return fresh

    def _look(self, name: str) -> None:
        """Read what a majority has, as far as some member knows."""
        try:
            found = self._committed.find_one({"_id": name}, max_time_ms=PATIENCE_MS)
        except PyMongoError as failure:
            self.errors.append(repr(failure))
            return
        if found:
            with self._lock:
                self.seen[name].setdefault(found["value"], time.monotonic())

    def _do(self, client: str, name: str, kind: Kind, expected: int) -> Operation | None:
        """One operation; None when it certainly had no effect and saw nothing."""
        value, began = next(self._values), time.monotonic()
        try:
            match kind:
                case Kind.READ:
                    found = self._registers.find_one({"_id": name}, max_time_ms=PATIENCE_MS)
                    value = found["value"] if found else None  # type: ignore[assignment]
                case Kind.WRITE:
                    self._registers.update_one({"_id": name}, {"$set": {"value": value}})
                case _:
                    wanted = {"_id": name, "value": expected}
                    result = self._registers.update_one(wanted, {"$set": {"value": value}})
                    kind = Kind.SWAP if result.matched_count else Kind.MISS
        except PyMongoError as failure:
            self.errors.append(repr(failure))
            if kind is Kind.READ or was_refused(failure):
                return None
            return Operation(client, kind, began, NEVER, value, expected)
        return Operation(client, kind, began, time.monotonic(), value, expected)


def judged(history: Iterable[Operation], seen: Mapping[int, float]) -> Iterator[str]:
    """What is wrong with a register of these operations; `seen` as of `Registers`.

    A write without an answer was done if a majority had it: by then at the latest.
    """
    operations = [each if each.is_known else _settled(each, seen) for each in history]
    written = {each.value for each in operations if each.kind in (Kind.WRITE, Kind.SWAP)}
    for value in sorted(seen.keys() - written - {INITIAL}):
        yield f"a majority had {value}, which nobody wrote"
    if said := violation(operations, INITIAL):
        yield said


def _settled(unknown: Operation, seen: Mapping[int, float]) -> Operation:
    at = None if unknown.value is None else seen.get(unknown.value)
    return unknown if at is None else replace(unknown, ended=at)
