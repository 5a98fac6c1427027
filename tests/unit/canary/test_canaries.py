"""Canaries: who has one, whom it writes to, what is told of it. The mongod is a stand-in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mongors.canary import writing
from mongors.canary.canaries import Canaries, wanted_period
from mongors.desired.desired import Desired
from mongors.desired.secrets import CANARY, encoded
from mongors.errors import Retry
from mongors.mongo.session import Login
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.onlooker import Onlooker
from mongors.planning.plan import Plan
from mongors.store import SetRef, Store
from unit.builders import IDENTITY, running, wanted

REF = SetRef("default", "mongo")
MARKS = {"app.kubernetes.io/managed-by": "mongors", "app.kubernetes.io/instance": "mongo"}
ON = wanted(3, monitoring={"canary": {"enabled": True, "periodSeconds": 1}})
OFF = wanted(3)
SECRET = {
    "kind": "Secret",
    "metadata": {"namespace": "default", "name": "mongo-operator", "labels": MARKS},
    "data": {"usersPassword": encoded("users-password")},
}


@dataclass
class Mongod:
    """Acknowledges, or fails as often as is told."""

    failures: int = 0
    reply: dict[str, Any] = field(default_factory=dict)
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    logins: list[tuple[str, Login]] = field(default_factory=list)

    async def run(self, command: Mapping[str, Any], database: str) -> dict[str, Any]:
        assert database == "mongors"
        self.asked.append(command)
        if self.failures:
            self.failures -= 1
            raise Retry("10.0.0.1:27017 did not answer update")
        return self.reply

    @asynccontextmanager
    async def session(
        self, host: str, port: int, login: Login, *, patience_ms: int
    ) -> AsyncIterator["Mongod"]:
        self.logins.append((host, login))
        yield self


@dataclass
class Told(Onlooker):
    """Remembers what it was told."""

    seconds: list[float | None] = field(default_factory=list)
    silenced_sets: list[SetRef] = field(default_factory=list)

    def attempted(self, ref: SetRef, seconds: float | None) -> None:
        self.seconds.append(seconds)

    def silenced(self, ref: SetRef) -> None:
        self.silenced_sets.append(ref)


def pod(ordinal: int, role: str) -> dict[str, Any]:
    name = {"namespace": "default", "name": f"mongo-{ordinal}"}
    marks = MARKS | {"mongors.io/role": role}
    return {
        "kind": "Pod",
        "metadata": {**name, "labels": marks, "resourceVersion": "1"},
        "status": {"podIP": f"10.0.0.{ordinal}"},
    }


@pytest.fixture
def mongod(monkeypatch: pytest.MonkeyPatch) -> Mongod:
    made = Mongod()
    monkeypatch.setattr(writing, "session", made.session)
    monkeypatch.setattr(writing, "AGAIN_SECONDS", 0.0)
    return made


@dataclass
class Kept:
    """Canaries over a store with one set, whose primary is mongo-1."""

    woken: list[SetRef] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    store: Store = field(default_factory=Store)

    def __post_init__(self) -> None:
        for each in (pod(0, "secondary"), pod(1, "primary"), SECRET):
            self.store.put(each)
        self.canaries = Canaries(self.store, self.woken.append, self.told)

    def see(self, desired: Desired, observed: Observed | None = None) -> None:
        self.canaries.passed(desired, observed or running(desired), Plan(), ())


async def until(seen: Callable[[], object]) -> None:
    for _ in range(1000):
        if seen():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


async def test_it_writes_to_the_primary_with_a_user_of_its_own(mongod: Mongod) -> None:
    kept = Kept()
    kept.see(ON)
    await until(lambda: kept.told.seconds)
    (command,), ((host, login),) = mongod.asked, mongod.logins
    assert (host, login.user) == ("10.0.0.1", "mongors-canary")
    assert login.password == CANARY.password(SECRET["data"])  # type: ignore[arg-type]
    assert "users-password" not in login.password, "it cannot be told from it"
    assert command["writeConcern"]["w"] == "majority"
    assert command["updates"][0]["q"] == {"_id": "mongo"}, "one document, whatever happens"
    assert kept.woken == [REF], "the status tells since when"
    await kept.canaries.close()


async def test_a_gap_is_told_when_it_has_ended(mongod: Mongod) -> None:
    kept, clock = Kept(), iter(range(100))
    told = list[Any]()
    canary = writing.Canary(
        REF, kept.store, 0.0, lambda *each: told.append(each), clock=lambda: float(next(clock))
    )
    mongod.failures = 2
    task = asyncio.create_task(canary.run())
    await until(lambda: len(told) >= 3)
    task.cancel()
    assert [each[2] for each in told[:3]] == [None, None, 1.0]
    assert (told[2][1].failures, told[2][1].gaps, told[2][1].longest) == (2, 1, 1.0)


@pytest.mark.parametrize("refusal", ["writeErrors", "writeConcernError"])
async def test_what_no_majority_has_is_not_acknowledged(mongod: Mongod, refusal: str) -> None:
    kept = Kept()
    mongod.reply = {refusal: [{"errmsg": "no"}]}
    kept.see(ON)
    await until(lambda: kept.told.seconds)
    assert kept.told.seconds[0] is None
    await kept.canaries.close()


async def test_without_a_primary_or_its_secret_nothing_is_asked(mongod: Mongod) -> None:
    kept = Kept(store=Store())
    kept.store.remove({**SECRET, "metadata": {**SECRET["metadata"], "resourceVersion": "9"}})  # type: ignore[dict-item]
    kept.see(ON)
    await until(lambda: kept.told.seconds)
    assert (kept.told.seconds[0], mongod.asked) == (None, [])
    await kept.canaries.close()


async def test_it_ends_when_nobody_wants_it_and_when_the_set_has_gone(mongod: Mongod) -> None:
    kept = Kept()
    for is_gone in (False, True):
        kept.see(ON)
        await until(lambda: kept.canaries.status(REF))
        if is_gone:
            kept.canaries.gone(REF)
        else:
            kept.see(OFF)
        assert kept.canaries.status(REF) is None
    assert kept.told.silenced_sets == [REF, REF]
    kept.see(ON)
    await kept.canaries.close()
    assert len(asyncio.all_tasks()) == 1


def test_only_who_asks_has_one_and_only_once_there_is_a_user() -> None:
    seen = running(ON)
    assert wanted_period(ON, seen) == 1.0
    assert wanted_period(OFF, seen) is None
    assert wanted_period(ON, replace(seen, record=Record(IDENTITY, 2))) is None
