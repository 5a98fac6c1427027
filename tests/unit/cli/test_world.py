"""Ctrl-C ends whatever a command is at."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from mongors.cli import world
from mongors.cli.cluster import Cluster
from mongors.cli.place import Place
from mongors.cli.world import World


@asynccontextmanager
async def nowhere(place: Place) -> AsyncIterator[Cluster]:
    yield cast("Cluster", None)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_interrupt_that_gets_lost_is_given_once_more(
    monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """A library may take the first cancellation for a time-out of its own, and go on."""
    monkeypatch.setattr(world, "INTERRUPT_AGAIN_SECONDS", 0.01)
    swallowed = 0

    async def act(cluster: Cluster) -> None:
        nonlocal swallowed
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed == lost:
                    raise
                swallowed += 1

    with pytest.raises(KeyboardInterrupt):
        World(nowhere).run(Place(), act)
    assert swallowed == lost
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_not_interrupted_is_returned() -> None:
    async def act(cluster: Cluster) -> int:
        return 3

    assert World(nowhere).run(Place(), act) == 3
