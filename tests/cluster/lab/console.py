"""What the tool says while it works, and the one error it raises on purpose."""

import sys
import time

_STARTED = time.monotonic()


class LabError(Exception):
    """Something the person at the keyboard can act upon; printed without a traceback."""


def step(message: str) -> None:
    """Print one finished step with the time since the tool started."""
    print(f"[{time.monotonic() - _STARTED:6.1f}s] {message}", file=sys.stderr, flush=True)
