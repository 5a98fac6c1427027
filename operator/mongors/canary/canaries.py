"""The canaries of all sets: begun, changed and ended as passes see that they are wanted."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mongors.api.monitoring import CanaryStatus
from mongors.canary.findings import Findings
from mongors.canary.writing import Canary
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.onlooker import Onlooker
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.planning.steps.users import users_mark
from mongors.store import SetRef, Store

logger = logging.getLogger(__name__)

WAKE_SECONDS = 60.0
"""At most once in so long the status of a set is written for its canary."""


@dataclass
class _Kept:
    period: float
    task: asyncio.Task[None]
    findings: Findings | None = None
    """None until a first write was acknowledged."""
    told: int = -1
    """How many gaps were found when the set was woken last."""
    waking: asyncio.TimerHandle | None = None


class Canaries(Onlooker):
    """Keeps a canary for each set that wants one and has users; the others cost nothing."""

    def __init__(self, store: Store, wake: Callable[[SetRef], None], told: Onlooker) -> None:
        self._store = store
        self._wake = wake
        self._told = told
        self._kept: dict[SetRef, _Kept] = {}

    def status(self, ref: SetRef) -> CanaryStatus | None:
        """What the canary of a set has found; None where there is none, or nothing to tell yet."""
        kept = self._kept.get(ref)
        return kept.findings.to_status() if kept and kept.findings else None

    def passed(
        self, desired: Desired, observed: Observed, planned: Plan, outcomes: Sequence[Outcome]
    ) -> None:
        """Begin, change or end the canary of a set."""
        ref = SetRef(desired.names.namespace, desired.names.name)
        kept = self._kept.get(ref)
        period = wanted_period(desired, observed, is_running=kept is not None)
        if kept is not None and (kept.period != period or kept.task.done()):
            self.gone(ref)
            self._wake(ref)  # the status has told of it
        if period is not None and ref not in self._kept:
            canary = Canary(ref, self._store, period, self._noted)
            task = asyncio.create_task(canary.run(), name=f"canary of {ref}")
            self._kept[ref] = _Kept(period, task)

    def gone(self, ref: SetRef) -> None:
        """End the canary of a set."""
        kept = self._kept.pop(ref, None)
        if kept is None:
            return
        if kept.task.done() and not kept.task.cancelled():
            logger.error("A canary ended by itself", exc_info=kept.task.exception())
        kept.task.cancel()
        if kept.waking is not None:
            kept.waking.cancel()
        self._told.silenced(ref)

    async def close(self) -> None:
        """End all of them."""
        tasks = [each.task for each in self._kept.values()]
        for ref in tuple(self._kept):
            self.gone(ref)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _noted(self, ref: SetRef, findings: Findings, seconds: float | None) -> None:
        self._told.attempted(ref, seconds)
        kept = self._kept[ref]
        if seconds is not None or kept.findings is not None:
            kept.findings = findings
            self._tell(ref, kept)

    def _tell(self, ref: SetRef, kept: _Kept) -> None:
        """Have the status tell of new gaps, unless it was written a moment ago."""
        if kept.waking is not None or kept.findings is None or kept.findings.gaps == kept.told:
            return
        kept.told = kept.findings.gaps
        loop = asyncio.get_running_loop()
        kept.waking = loop.call_later(WAKE_SECONDS, self._wake_again, ref)
        self._wake(ref)

    def _wake_again(self, ref: SetRef) -> None:
        kept = self._kept[ref]
        kept.waking = None
        self._tell(ref, kept)


def wanted_period(desired: Desired, observed: Observed, *, is_running: bool) -> float | None:
    """The seconds between two writes; None for a set that wants none, is paused, or has no user.

    One that runs goes on while users are made anew: a password that changes is no reason to forget
    what was found.
    """
    canary = desired.spec.monitoring.canary
    if not canary.enabled or desired.spec.paused:
        return None
    mark = users_mark(desired, observed)
    has_user = mark is not None and observed.record.users_made == mark
    return float(canary.period_seconds) if has_user or is_running else None
