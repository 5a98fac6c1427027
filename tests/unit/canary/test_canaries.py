"""Canaries: who has one, whom it writes to, what is told of it. The mongod is a stand-in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from mongors.canary import writing
from mongors.canary.canaries import Canaries, wanted_period
from mongors.canary.findings import Findings
from mongors.desired.desired import Desired
from mongors.desired.secrets import CANARY, encoded
from mongors.errors import Denied, Failure, Retry
from mongors.mongo.session import Login
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.onlooker import Onlooker
from mongors.planning.plan import Plan
from mongors.planning.steps.users import users_mark
from mongors.store import SetRef, Store
from unit.builders import IDENTITY, NOW, running, wanted

REF = SetRef("default", "mongo")
MARKS = {"app.kubernetes.io/managed-by": "mongors", "app.kubernetes.io/instance": "mongo"}
ON = wanted(3, monitoring={"canary": {"enabled": True, "periodSeconds": 1}})
OFF = wanted(3)
PAUSED = wanted(3, monitoring={"canary": {"enabled": True}}, paused=True)
SECRET: dict[str, Any] = {
    "kind": "Secret",
    "metadata": {
        "namespace": "default",
        "name": "mongo-operator",
        "labels": MARKS,
        "resourceVersion": "1",
    },
    "data": {"usersPassword": encoded("users-password")},
}


def pod(ordinal: int, role: str) -> dict[str, Any]:
    name = {"namespace": "default", "name": f"mongo-{ordinal}"}
    marks = MARKS | {"mongors.io/role": role}
    return {
        "kind": "Pod",
        "metadata": {**name, "labels": marks, "resourceVersion": "1"},
        "status": {"podIP": f"10.0.0.{ordinal}"},
    }


def with_users(observed: Observed) -> Observed:
    """All users are made, that of the canary among them."""
    return replace(observed, record=Record(IDENTITY, 2, users_mark(ON, observed)))


@dataclass
class Mongod:
    """Acknowledges, or fails as often as is told."""

    failures: int = 0
    failing: Failure = field(default_factory=lambda: Retry("10.0.0.1:27017 did not answer update"))
    clock: float = 0.0
    """Each command takes a second of it."""
    reply: dict[str, Any] = field(default_factory=dict)
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    logins: list[tuple[str, Login]] = field(default_factory=list)

    async def run(self, command: Mapping[str, Any], database: str) -> dict[str, Any]:
        assert database == "mongors"
        self.asked.append(command)
        self.clock += 1
        if self.failures:
            self.failures -= 1
            raise self.failing
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


@pytest.fixture
def mongod(monkeypatch: pytest.MonkeyPatch) -> Mongod:
    made = Mongod()
    monkeypatch.setattr(writing, "session", made.session)
    monkeypatch.setattr(writing, "FIRST_PAUSE", 0.0)
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
        self.canaries.passed(desired, observed or with_users(running(desired)), Plan(), ())


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
    assert login.password == CANARY.password(SECRET["data"])
    assert "users-password" not in login.password, "it cannot be told from it"
    assert command["writeConcern"]["w"] == "majority"
    assert command["updates"][0]["q"] == {"_id": "mongo"}, "one document, whatever happens"
    assert kept.woken == [REF], "the status tells since when"
    await kept.canaries.close()


async def test_a_gap_is_told_when_it_has_ended(mongod: Mongod) -> None:
    told = list[Any]()
    canary = writing.Canary(
        REF, Kept().store, 0.0, lambda *each: told.append(each), clock=lambda: mongod.clock
    )
    mongod.failures = 2
    task = asyncio.create_task(canary.run())
    await until(lambda: len(told) >= 4)
    task.cancel()
    assert [each[2] for each in told[:4]] == [None, None, 3.0, 1.0], "from its first attempt on"
    assert (told[2][1].failures, told[2][1].gaps, told[2][1].longest) == (2, 1, 3.0)


async def test_what_was_refused_is_not_acknowledged(mongod: Mongod) -> None:
    kept = Kept()
    mongod.reply = {"writeErrors": [{"errmsg": "no"}]}
    kept.see(ON)
    await until(lambda: kept.told.seconds)
    assert kept.told.seconds[0] is None
    await kept.canaries.close()


@pytest.mark.parametrize("missing", [SECRET, pod(1, "primary")], ids=["Secret", "primary"])
async def test_without_its_secret_or_a_primary_nothing_is_asked(
    mongod: Mongod, missing: dict[str, Any]
) -> None:
    kept = Kept()
    kept.store.remove({**missing, "metadata": {**missing["metadata"], "resourceVersion": "9"}})
    kept.see(ON)
    await until(lambda: kept.told.seconds)
    assert (kept.told.seconds[0], mongod.asked) == (None, [])
    assert kept.canaries.status(REF) is None, "nothing to tell before the first write"
    await kept.canaries.close()


async def test_a_login_that_is_refused_is_not_tried_ten_times_a_second(mongod: Mongod) -> None:
    mongod.failures, mongod.failing = 9, Denied("no such login", "update", "mongod")
    canary = writing.Canary(REF, Kept().store, 3600.0, lambda *_: None)
    task = asyncio.create_task(canary.run())
    for _ in range(100):
        await asyncio.sleep(0)
    task.cancel()
    assert len(mongod.asked) == 1


async def test_a_slow_set_is_told_of_once_a_minute(
    mongod: Mongod, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept()
    kept.see(ON)
    await until(lambda: kept.canaries.status(REF))
    kept.woken.clear()
    found = Findings(NOW)
    for _ in range(5):
        found = found.acknowledged(NOW, 0.6)
        kept.canaries._noted(REF, found, 0.6)
    assert kept.woken == []
    kept.canaries._wake_again(REF)
    assert kept.woken == [REF]
    told = kept.canaries.status(REF)
    assert told is not None
    assert told.gaps == 5
    await kept.canaries.close()


async def test_one_that_ended_by_itself_is_begun_anew(mongod: Mongod) -> None:
    kept = Kept()
    mongod.failures, mongod.failing = 1, cast(Failure, KeyError("a bug"))
    kept.see(ON)
    await until(lambda: mongod.asked)
    await asyncio.sleep(0)
    kept.see(ON)
    await until(lambda: kept.canaries.status(REF))
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
    seen = with_users(running(ON))
    assert wanted_period(ON, seen, is_running=False) == 1.0
    assert wanted_period(OFF, seen, is_running=True) is None
    assert wanted_period(PAUSED, seen, is_running=True) is None
    before = running(ON)
    assert wanted_period(ON, before, is_running=False) is None, "the others were made, not its own"
    assert wanted_period(ON, before, is_running=True) == 1.0, "a password has changed"
