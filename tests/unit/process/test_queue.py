"""The queue: coalescing, one pass per key, due times, backoff, stopping, and its own health."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

import pytest

from fakes.virtual_time import run
from mongors.clock import Clock
from mongors.errors import Failure, Refused, Rejected, Retry
from mongors.mongo.session import CONNECT_MS
from mongors.next import Next
from mongors.queue import SLOW_PLACES, Queue
from mongors.store import SetRef

A = SetRef("default", "a")
B = SetRef("default", "b")

Answer = float | Exception | None


class Passes:
    """Plays a reconciler: notes each call with its time, and answers from a script."""

    def __init__(
        self, *answers: Answer, lasting: float = 0.0, longer: Mapping[SetRef, float] | None = None
    ) -> None:
        self.calls: list[tuple[float, SetRef, bool]] = []
        self.under_way: dict[SetRef, int] = {}
        self.most_at_once = 0
        self.working = 0.0
        """For which share of the time the process works, instead of waiting."""
        self._answers = list(answers)
        self._lasting = lasting
        self._longer: Mapping[SetRef, float] = longer or {}

    async def __call__(self, ref: SetRef, woken: bool) -> Next:
        now = asyncio.get_running_loop().time()
        self.calls.append((round(now, 3), ref, woken))
        self.under_way[ref] = self.under_way.get(ref, 0) + 1
        assert self.under_way[ref] == 1, "two passes of one set at a time"
        self.most_at_once = max(self.most_at_once, sum(self.under_way.values()))
        try:
            await asyncio.sleep(self._longer.get(ref, self._lasting))
        finally:
            self.under_way[ref] -= 1
        is_long = ref in self._longer
        usual = 1.0 if is_long else None
        answer = self._answers.pop(0) if self._answers else usual
        if isinstance(answer, Exception):
            raise answer
        return Next(answer, heard_all=not is_long)

    @property
    def times(self) -> list[float]:
        return [time for time, _, _ in self.calls]


Script = Callable[[Queue], Awaitable[None]]


def drive(passes: Passes, script: Script, *, workers: int = 16, stuck_after: float = 300.0) -> None:
    """Run a queue in virtual time while the script has its way with it, then stop it."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        queue = Queue(
            passes,
            workers,
            stuck_after=stuck_after,
            clock=Clock(loop.time, lambda: passes.working * loop.time()),
            random=lambda: 0.5,
        )
        running = asyncio.create_task(queue.run())
        await script(queue)
        await queue.stop(grace=5)
        await running

    run(main())


def waking(*refs: SetRef, then: float = 100.0) -> Script:
    """Wake sets at once, then let time pass."""

    async def script(queue: Queue) -> None:
        for ref in refs:
            queue.wake(ref)
        await asyncio.sleep(then)

    return script


def at(*moments: tuple[float, SetRef], until: float) -> Script:
    """Wake sets at moments given in seconds from the start."""

    async def script(queue: Queue) -> None:
        loop = asyncio.get_running_loop()
        for moment, ref in moments:
            await asyncio.sleep(moment - loop.time())
            queue.wake(ref)
        await asyncio.sleep(until - loop.time())

    return script


def test_wakes_before_a_pass_are_one_pass() -> None:
    passes = Passes()
    drive(passes, waking(A, A, A))
    assert passes.calls == [(0.0, A, True)]


def test_wakes_during_a_pass_are_one_more_pass_after_it() -> None:
    passes = Passes(lasting=2)
    drive(passes, at((0, A), (0.5, A), (1, A), until=50))
    assert passes.calls == [(0.0, A, True), (2.0, A, True)]


def test_a_due_time_brings_a_pass_that_was_not_woken() -> None:
    passes = Passes(10.0, None)
    drive(passes, waking(A))
    assert passes.calls == [(0.0, A, True), (10.0, A, False)]


def test_a_look_is_a_pass_at_once_that_was_not_woken_unless_news_come_first() -> None:
    async def script(queue: Queue) -> None:
        queue.look(A)
        queue.look(B)
        queue.wake(B)
        await asyncio.sleep(1)

    passes = Passes(None, None)
    drive(passes, script)
    assert passes.calls == [(0, A, False), (0, B, True)]


def test_a_look_does_not_shorten_a_backoff() -> None:
    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(0.1)
        queue.look(A)
        await asyncio.sleep(1)

    passes = Passes(Retry("later"), None)
    drive(passes, script)
    assert passes.calls == [(0, A, True), (0.2, A, True)]


def test_a_wake_comes_before_the_due_time_and_replaces_it() -> None:
    passes = Passes(10.0, 20.0)
    drive(passes, at((0, A), (3, A), until=15))
    assert passes.calls == [(0.0, A, True), (3.0, A, True)]


def test_a_set_that_asks_for_nothing_is_forgotten_until_woken() -> None:
    passes = Passes(None, None)
    drive(passes, at((0, A), (60, A), until=200))
    assert passes.times == [0.0, 60.0]


def test_a_forgotten_set_is_not_looked_at_again() -> None:
    passes = Passes(10.0)

    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(5)
        queue.forget(A)
        await asyncio.sleep(50)

    drive(passes, script)
    assert passes.times == [0.0]


def test_forgetting_and_waking_during_a_pass_never_makes_two_passes_at_a_time() -> None:
    passes = Passes(lasting=4)

    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(1)
        queue.forget(A)
        queue.wake(A)
        await asyncio.sleep(50)

    drive(passes, script)
    assert passes.times == [0.0, 4.0]


def test_forgetting_during_a_pass_ends_with_it() -> None:
    passes = Passes(10.0, lasting=4)

    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(1)
        queue.forget(A)
        await asyncio.sleep(50)

    drive(passes, script)
    assert passes.times == [0.0]


def test_sets_run_side_by_side_up_to_the_number_of_workers() -> None:
    passes = Passes(lasting=0.5)
    refs = tuple(SetRef("default", str(n)) for n in range(6))
    drive(passes, waking(*refs), workers=2)
    assert passes.most_at_once == 2
    assert passes.times == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]


ILL = [SetRef("default", f"ill-{each}") for each in range(12)]


def test_sets_that_wait_for_silent_members_do_not_hold_back_others() -> None:
    """At first they take all places, but for a second; from then on they have their own.

    The shortest wait for somebody silent is that of one `hello`.
    """
    passes = Passes(longer=dict.fromkeys(ILL, CONNECT_MS / 1000), lasting=0.1)

    async def script(queue: Queue) -> None:
        for each in ILL:
            queue.wake(each)
        for _ in range(60):
            await asyncio.sleep(1)
            queue.wake(A)

    drive(passes, script, workers=4)
    waits = [time - round(time) for time, ref, _ in passes.calls if ref == A and time > 20]
    assert len(waits) > 30
    assert max(map(abs, waits)) < 0.01
    assert sum(ref in ILL for _, ref, _ in passes.calls) > 100, "they have their turns as well"


def test_no_more_than_so_many_wait() -> None:
    passes = Passes(longer=dict.fromkeys(ILL, 1000.0))
    drive(passes, waking(*ILL), workers=2)
    assert passes.most_at_once == 2 * (1 + SLOW_PLACES)


@pytest.mark.parametrize(("working", "at_once"), [(0.9, 4), (0.1, 12)])
def test_one_that_works_keeps_its_place_and_one_that_waits_does_not(
    working: float, at_once: int
) -> None:
    """However long passes take: a burst does not start more of them than there are places."""
    passes = Passes(lasting=3.0)
    passes.working = working
    drive(passes, waking(*ILL), workers=4)
    assert passes.most_at_once == at_once


def test_a_set_whose_pass_took_long_is_no_silent_one() -> None:
    passes = Passes(1.0, lasting=3.0)

    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(3.5)
        assert not queue._entries[A].slow

    drive(passes, script)


def test_a_set_that_is_quick_again_has_a_usual_place_again() -> None:
    passes = Passes(1.0, None, longer={A: 3.0})

    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(3.5)
        assert queue._entries[A].slow
        passes._longer = {}
        await asyncio.sleep(3)

    drive(passes, script)
    assert len(passes.calls) == 2


def test_failures_back_off_from_a_fifth_of_a_second_to_a_minute() -> None:
    passes = Passes(*(Retry("no answer") for _ in range(12)))
    drive(passes, waking(A, then=400))
    gaps = [b - a for a, b in zip(passes.times, passes.times[1:], strict=False)]
    assert [round(gap, 1) for gap in gaps[:4]] == [0.2, 0.4, 0.8, 1.6]
    assert gaps[-1] == pytest.approx(60)


def test_a_success_ends_the_backoff() -> None:
    passes = Passes(Retry("x"), Retry("x"), 1.0, Retry("x"), None)
    drive(passes, waking(A))
    assert passes.times == [0.0, 0.2, 0.6, 1.6, 1.8]


def test_a_failed_pass_that_was_woken_counts_as_woken_when_it_comes_again() -> None:
    passes = Passes(Retry("x"), 5.0, None)
    drive(passes, waking(A))
    assert [woken for _, _, woken in passes.calls] == [True, True, False]


def test_the_wait_that_the_server_asks_for_is_kept_even_when_woken() -> None:
    passes = Passes(Retry("too many requests", after=30))
    drive(passes, at((0, A), (1, A), (2, A), until=50))
    assert passes.times == [0.0, 30.0]


def test_a_wake_after_a_refusal_looks_at_once() -> None:
    passes = Passes(1.0, Refused("conflict"))
    drive(passes, at((0, A), (1.01, A), until=50))
    assert passes.times == [0.0, 1.0, 1.01]


@pytest.mark.parametrize("failure", [Refused("conflict"), Retry("no answer"), ValueError("bug")])
def test_a_storm_of_wakes_does_not_make_a_hot_loop_of_failures(failure: Exception) -> None:
    passes = Passes(*(failure for _ in range(10_000)))

    async def script(queue: Queue) -> None:
        for _ in range(6000):
            queue.wake(A)
            await asyncio.sleep(0.01)

    drive(passes, script)
    assert 10 < len(passes.times) < 25  # in a minute


def test_a_correction_is_looked_at_within_seconds_after_many_failures() -> None:
    passes = Passes(*(Rejected("bad") for _ in range(9)))
    drive(passes, at((0, A), (80, A), until=80.5))
    assert passes.times[-1] == 80.0


def test_one_set_that_fails_does_not_hold_back_another() -> None:
    passes = Passes(ValueError("bug"), None)
    drive(passes, waking(A, B, then=0.1))
    assert [ref for _, ref, _ in passes.calls] == [A, B]


def levels(records: Iterable[logging.LogRecord]) -> list[str]:
    return [record.levelname for record in records if record.name == "mongors.queue"]


def test_a_known_failure_is_one_line_and_a_warning_from_the_third_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    failures: list[Failure] = [Retry("a"), Refused("b"), Retry("c")]
    drive(Passes(*failures), waking(A))
    assert levels(caplog.records) == ["INFO", "INFO", "WARNING"]
    assert not any(record.exc_info for record in caplog.records)


def test_a_bug_is_an_error_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    drive(Passes(KeyError("bug")), waking(A))
    assert levels(caplog.records) == ["ERROR"]
    assert caplog.records[0].exc_info is not None


def test_stop_lets_a_pass_end_within_the_grace() -> None:
    passes = Passes(lasting=3)
    drive(passes, waking(A, then=1))
    assert passes.under_way[A] == 0


def test_stop_cuts_a_pass_that_outlasts_the_grace(caplog: pytest.LogCaptureFixture) -> None:
    passes = Passes(lasting=1000)
    drive(passes, waking(A, then=1))
    assert "Cut a pass short" in caplog.text


def test_stuck_names_a_pass_that_never_ends() -> None:
    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(9)
        assert queue.stuck() is None
        await asyncio.sleep(2)
        assert "default/a" in (queue.stuck() or "")

    drive(Passes(lasting=1000), script, stuck_after=10)


def test_stuck_tells_when_a_due_set_finds_no_worker() -> None:
    async def script(queue: Queue) -> None:
        for each in ILL[: 1 + SLOW_PLACES]:
            queue.wake(each)
        await asyncio.sleep(1)
        queue.wake(B)
        await asyncio.sleep(8)
        assert queue.stuck() is None
        assert queue.oldest_wait(asyncio.get_running_loop().time()) == pytest.approx(8)

    drive(Passes(lasting=100), script, workers=1, stuck_after=10)


def test_a_set_that_only_rests_is_not_stuck() -> None:
    async def script(queue: Queue) -> None:
        queue.wake(A)
        await asyncio.sleep(500)
        assert queue.stuck() is None
        assert queue.oldest_wait(asyncio.get_running_loop().time()) == 0

    drive(Passes(1000.0), script, stuck_after=10)


def test_whoever_asks_is_told_how_many_wait_run_and_fail() -> None:
    async def script(queue: Queue) -> None:
        now = asyncio.get_running_loop().time
        queue.wake(A)
        await asyncio.sleep(1)
        queue.wake(B)
        assert (queue.depth(now()), queue.running, queue.workers) == (1, 1, 1)
        await asyncio.sleep(2.5)
        assert (queue.depth(now()), queue.running) == (0, 1)
        assert (queue.failures(A), queue.failures(B)) == (1, 0)

    drive(Passes(Retry("x", after=60), lasting=3), script, workers=1)


def test_each_start_tells_how_long_its_set_was_due() -> None:
    waited: list[float] = []

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        queue = Queue(Passes(lasting=1), 1, clock=Clock(clock), on_start=waited.append)
        running = asyncio.create_task(queue.run())
        queue.wake(A)
        queue.wake(B)
        await asyncio.sleep(10)
        await queue.stop(0)
        await running

    run(main())
    assert waited == [pytest.approx(0), pytest.approx(1)]
