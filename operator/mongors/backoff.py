"""How long to wait after a failed pass, and how it is told."""

import logging

from mongors.errors import Failure, Refused, Retry
from mongors.store import SetRef

logger = logging.getLogger("mongors.queue")

FIRST_BACKOFF = 0.2
LAST_BACKOFF = 60.0
WOKEN_BACKOFF = 5.0
"""Seconds at most that failures make a wake-up wait: people see their correction acted upon."""
SHOUT_AFTER = 3
"""Failures in a row from which on people may have to act."""


def backoff(failures: int, error: Exception, chance: float) -> tuple[float, float]:
    """The seconds until the next pass, and those in which not even a wake-up starts one.

    `chance`, from 0 to 1, keeps sets apart that failed together.
    """
    delay = min(LAST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(failures - 1, 16))
    floor = min(delay, WOKEN_BACKOFF)
    delay *= 0.75 + 0.5 * chance
    if isinstance(error, Refused) and failures == 1:
        floor = 0.0  # we acted on an old picture; the event that shows the new one says when
    if isinstance(error, Retry) and error.after is not None:
        delay = max(delay, error.after)
        floor = error.after
    return delay, floor


def log_failure(ref: SetRef, failures: int, delay: float, error: Exception) -> None:
    """Tell of a failed pass: of a bug at once, of what may end by itself once it lasts."""
    known = isinstance(error, Failure)
    if not known:
        level = logging.ERROR
    elif failures < SHOUT_AFTER:
        level = logging.INFO
    else:
        level = logging.WARNING
    logger.log(
        level,
        "Failed a pass, the next one is in %.1f s: %s: %s",
        delay,
        type(error).__name__,
        error,
        exc_info=None if known else error,
        extra={**named(ref), "failures": failures},
    )


def named(ref: SetRef) -> dict[str, str]:
    """What a log line about a set carries."""
    return {"namespace": ref.namespace, "set": ref.name}
