"""The probes: fine without a complaint, 503 with its text otherwise."""

import asyncio

import aiohttp

from fakes.virtual_time import run
from mongors.clock import Clock
from mongors.health import Health, serving
from mongors.next import Next
from mongors.queue import Queue
from mongors.store import SetRef


async def ask(health: Health, path: str) -> tuple[int, str]:
    async with (
        serving(0, health.routes()) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


async def test_nothing_to_watch_over_is_fine() -> None:
    assert await ask(Health(), "/healthz") == (200, "ok\n")
    assert await ask(Health(), "/readyz") == (200, "ok\n")


async def test_a_complaint_is_a_503_with_its_reason() -> None:
    health = Health()
    health.watch_over("queue", alive=lambda: None, ready=lambda: None)
    health.watch_over("watches", alive=lambda: "pods are silent", ready=lambda: None)
    assert await ask(health, "/healthz") == (503, "watches: pods are silent\n")
    assert await ask(health, "/readyz") == (200, "ok\n")


async def test_not_ready_does_not_mean_not_alive() -> None:
    health = Health()
    health.watch_over("watches", ready=lambda: "not listed yet: pods")
    assert await ask(health, "/healthz") == (200, "ok\n")
    assert await ask(health, "/readyz") == (503, "watches: not listed yet: pods\n")


def test_a_pass_that_hangs_makes_the_process_unhealthy() -> None:
    complaints: list[str | None] = []

    async def hang(ref: SetRef, woken: bool) -> Next:
        await asyncio.Event().wait()
        return Next()

    async def main() -> None:
        queue = Queue(hang, stuck_after=300, clock=Clock(asyncio.get_running_loop().time))
        running = asyncio.create_task(queue.run())
        queue.wake(SetRef("default", "mongo"))
        for _ in range(2):
            await asyncio.sleep(200)
            complaints.append(queue.stuck())
        await queue.stop(0)
        await running

    run(main())
    assert complaints[0] is None
    assert complaints[1] is not None
    assert "default/mongo" in complaints[1]
