"""The Lease: one holder, given back at exit, lost in time, and no trust in other clocks."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fakes.virtual_time import run
from mongors.errors import Retry
from mongors.kube.lease import Lease, LeaseLost
from mongors.kube.request import Answer, Request
from mongors.kube.terms import LeaseTerms
from mongors.kube.transport import Transport

HOUR = 3600.0


class Leases(Transport):
    """Keeps one Lease, as an API server does; can be cut off."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.is_away = False
        self.pods = dict[str, int]()
        """The codes with which pods are answered."""
        self.asked_of_pods = 0

    async def send(self, request: Request) -> Answer:
        await asyncio.sleep(0.01)
        if self.is_away:
            raise Retry("away")
        if request.kind.name == "Pod":
            self.asked_of_pods += 1
            code = self.pods.get(request.name)
            return Answer(code, b"{}") if code else _status(404, "NotFound", request.name)
        body = dict(request.body or {})
        match request.verb:
            case "get" if self.lease is None:
                return _status(404, "NotFound", request.name)
            case "get":
                return Answer(200, json.dumps(self.lease).encode())
            case "create" if self.lease is not None:
                return _status(409, "AlreadyExists", request.name)
            case "update" if self.lease is None or _version(body) != _version(self.lease):
                return _status(409, "Conflict", request.name)
        return Answer(200, json.dumps(self.write(body)).encode())

    def write(self, body: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        metadata = {**body["metadata"], "resourceVersion": str(self.version)}
        self.lease = {**body, "metadata": metadata}
        return self.lease

    @property
    def holder(self) -> str:
        return str(self.lease["spec"]["holderIdentity"]) if self.lease else ""


def _version(lease: dict[str, Any]) -> Any:
    return lease["metadata"].get("resourceVersion")


def _status(code: int, reason: str, name: str) -> Answer:
    body = {"kind": "Status", "reason": reason, "details": {"name": name}}
    return Answer(code, json.dumps(body).encode())


def candidate(leases: Leases, identity: str) -> Lease:
    terms = LeaseTerms("default", "mongors", identity)
    return Lease(leases, terms, clock=asyncio.get_running_loop().time)


def working(seconds: float) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        await asyncio.sleep(seconds)

    return work


def now() -> float:
    return asyncio.get_running_loop().time()


def test_the_lease_is_held_during_the_work_and_given_back_after_it() -> None:
    async def main() -> None:
        leases = Leases()
        holders: list[str] = []

        async def work() -> None:
            await asyncio.sleep(60)
            holders.append(leases.holder)

        await candidate(leases, "a").run(work)
        assert holders == ["a"]
        assert leases.holder == ""

    run(main())


def test_the_lease_is_given_back_when_the_work_fails() -> None:
    async def main() -> None:
        leases = Leases()

        async def work() -> None:
            await asyncio.sleep(1)
            raise ValueError("bug")

        with pytest.raises(ValueError, match="bug"):
            await candidate(leases, "a").run(work)
        assert leases.holder == ""

    run(main())


def test_the_lease_is_given_back_when_the_work_is_cancelled() -> None:
    async def main() -> None:
        leases = Leases()
        task = asyncio.create_task(candidate(leases, "a").run(working(HOUR)))
        await asyncio.sleep(10)
        task.cancel()
        await asyncio.wait({task})
        assert leases.holder == ""

    run(main())


def test_a_second_operator_takes_over_within_seconds_of_a_clean_exit() -> None:
    async def main() -> None:
        leases = Leases()
        first = asyncio.create_task(candidate(leases, "a").run(working(30)))
        await asyncio.sleep(5)
        second = candidate(leases, "b")
        task = asyncio.create_task(second.run(working(10)))
        await first
        await asyncio.sleep(2.5)
        assert second.is_held
        assert leases.holder == "b"
        await task

    run(main())


def test_a_second_operator_waits_for_the_silence_of_a_dead_one() -> None:
    async def main() -> None:
        leases = Leases()
        spec = {
            "holderIdentity": "dead",
            "leaseDurationSeconds": 15,
            "renewTime": "1970-01-01T00:00:00.000000Z",
        }
        leases.write({"metadata": {"name": "mongors"}, "spec": spec})
        second = candidate(leases, "b")
        task = asyncio.create_task(second.run(working(1)))
        await asyncio.sleep(14)
        assert not second.is_held, "the time written in the lease must not count"
        await asyncio.sleep(4)
        assert leases.holder == "b" or task.done()
        await task

    run(main())


def test_who_comes_back_under_its_own_name_goes_on_at_once() -> None:
    async def main() -> None:
        leases = Leases()
        spec = {"holderIdentity": "a", "leaseDurationSeconds": 90, "leaseTransitions": 3}
        leases.write({"metadata": {"name": "mongors"}, "spec": spec})
        again = candidate(leases, "a")
        task = asyncio.create_task(again.run(working(10)))
        await asyncio.sleep(1)
        assert again.is_held
        assert leases.lease is not None
        assert leases.lease["spec"]["leaseTransitions"] == 3, "nobody else held it meanwhile"
        await task

    run(main())


@pytest.mark.parametrize(
    ("holder", "pods", "waits"),
    [
        ("pod/gone", {}, False),
        ("pod/lives", {"lives": 200}, True),
        ("pod/unknown", {"unknown": 403}, True),
        ("pod/unknown", {"unknown": 503}, True),
        ("laptop_1234", {}, True),
    ],
)
def test_nobody_waits_for_a_holder_whose_pod_is_certainly_gone(
    holder: str, pods: dict[str, int], waits: bool
) -> None:
    async def main() -> None:
        leases = Leases()
        leases.pods = pods
        spec = {"holderIdentity": holder, "leaseDurationSeconds": 90}
        leases.write({"metadata": {"name": "mongors"}, "spec": spec})
        second = candidate(leases, "pod/second")
        task = asyncio.create_task(second.run(working(1)))
        await asyncio.sleep(0.5)
        assert second.is_held is not waits
        await asyncio.sleep(60)
        assert leases.asked_of_pods <= 7, "it asks now and then, not all the time"
        await asyncio.sleep(60)
        assert task.done(), "after 90 s without a renewal it is free in any case"
        await task

    run(main())


def test_one_that_renews_once_a_minute_keeps_it_and_asks_sixty_times_an_hour() -> None:
    async def main() -> None:
        leases = Leases()
        lease = Lease(leases, ALONE, clock=now)
        await lease.run(working(HOUR))
        assert leases.version <= 62, "renewals, one that takes it and one that gives it back"

    run(main())


ALONE = LeaseTerms(
    "default", "mongors", "a", duration=90, renew_within=75, renew_every=60, retry_every=2
)
"""As the chart has it where nobody stands by."""


@pytest.mark.parametrize("terms", [LeaseTerms("default", "mongors", "a"), ALONE])
def test_a_server_that_is_as_slow_as_may_be_costs_nobody_the_lease(terms: LeaseTerms) -> None:
    """Counted is from when a renewal was sent, and there is time for a second one."""

    async def main() -> None:
        leases = Slow(terms.patience)
        lease = Lease(leases, terms, clock=now)
        await lease.run(working(HOUR))
        leases.lost = {3, 6, 9}
        await lease.run(working(HOUR))

    run(main())


class Slow(Leases):
    """Answers as late as is waited for, and some requests not at all."""

    def __init__(self, patience: float) -> None:
        super().__init__()
        self.patience = patience
        self.lost = set[int]()
        self.asked = 0

    async def send(self, request: Request) -> Answer:
        self.asked += 1
        await asyncio.sleep(self.patience - 0.02)
        if self.asked in self.lost:
            raise Retry("no answer in time")
        return await super().send(request)


def test_the_holder_ends_before_another_could_take_the_lease() -> None:
    async def main() -> None:
        leases = Leases()
        lease = candidate(leases, "a")
        task = asyncio.create_task(lease.run(working(HOUR)))
        await asyncio.sleep(21)
        leases.is_away = True
        cut_at = now()
        with pytest.raises(LeaseLost):
            await task
        assert now() - cut_at < 11.5
        assert not lease.is_held

    run(main())


def test_a_short_absence_of_the_api_server_is_survived() -> None:
    async def main() -> None:
        leases = Leases()
        task = asyncio.create_task(candidate(leases, "a").run(working(60)))
        await asyncio.sleep(21)
        leases.is_away = True
        await asyncio.sleep(5)
        leases.is_away = False
        await task

    run(main())


def test_a_lease_taken_by_force_is_lost() -> None:
    async def main() -> None:
        leases = Leases()
        task = asyncio.create_task(candidate(leases, "a").run(working(HOUR)))
        await asyncio.sleep(10)
        assert leases.lease is not None
        leases.write({**leases.lease, "spec": {**leases.lease["spec"], "holderIdentity": "b"}})
        with pytest.raises(LeaseLost, match="held by b"):
            await task
        assert leases.holder == "b"

    run(main())


def test_a_lease_touched_by_somebody_else_stays_ours() -> None:
    async def main() -> None:
        leases = Leases()
        task = asyncio.create_task(candidate(leases, "a").run(working(30)))
        await asyncio.sleep(10)
        assert leases.lease is not None
        leases.write({**leases.lease, "spec": {**leases.lease["spec"], "note": "x"}})
        await task
        assert leases.holder == ""

    run(main())


def test_two_candidates_never_hold_it_at_the_same_time() -> None:
    async def main() -> None:
        leases = Leases()
        holding = 0

        async def work() -> None:
            nonlocal holding
            holding += 1
            assert holding == 1
            await asyncio.sleep(20)
            holding -= 1

        await asyncio.gather(*(candidate(leases, name).run(work) for name in "abc"))
        assert leases.lease is not None
        assert leases.lease["spec"]["leaseTransitions"] == 3

    run(main())
