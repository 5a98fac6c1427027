"""Waiting that measures: looks often, and gives up the whole run with a reason."""

import time
from collections.abc import Callable

LOOK_SECONDS = 0.05


def wait_until(look: Callable[[], bool], seconds: float, what: Callable[[], str]) -> float:
    """Look until something holds; the moment of `time.monotonic` at which it was seen."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds:.0f} s: {what()}")
        time.sleep(LOOK_SECONDS)
    return time.monotonic()
