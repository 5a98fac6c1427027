"""Two clocks side by side: the time, and how much of it this process has worked."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Both tell seconds from some moment on."""

    now: Callable[[], float] = time.monotonic
    worked: Callable[[], float] = time.process_time

    def idle(self) -> float:
        """Seconds in which this process did not work, from some moment on."""
        return self.now() - self.worked()
