"""The canaries of all sets: begun, changed and ended as passes see that they are wanted."""

import asyncio
from collections.abc import Callable, Sequence

from mongors.api.monitoring import CanaryStatus
from mongors.canary.findings import Findings
from mongors.canary.writing import Canary
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.onlooker import Onlooker
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.store import SetRef, Store


class Canaries(Onlooker):
    """Keeps a canary for each set that wants one and has users; the others cost nothing."""

    def __init__(self, store: Store, wake: Callable[[SetRef], None], told: Onlooker) -> None:
        self._store = store
        self._wake = wake
        self._told = told
        self._running: dict[SetRef, tuple[float, asyncio.Task[None]]] = {}
        self._findings: dict[SetRef, Findings] = {}

    def status(self, ref: SetRef) -> CanaryStatus | None:
        """What the canary of a set has found; None where there is none."""
        findings = self._findings.get(ref)
        return None if findings is None else findings.to_status()

    def passed(
        self, desired: Desired, observed: Observed, planned: Plan, outcomes: Sequence[Outcome]
    ) -> None:
        """Begin, change or end the canary of a set."""
        ref = SetRef(desired.names.namespace, desired.names.name)
        period = wanted_period(desired, observed)
        running, _ = self._running.get(ref, (None, None))
        if running == period:
            return
        self.gone(ref)
        if period is not None:
            canary = Canary(ref, self._store, period, self._noted)
            task = asyncio.create_task(canary.run(), name=f"canary of {ref}")
            self._running[ref] = (period, task)

    def gone(self, ref: SetRef) -> None:
        """End the canary of a set."""
        if ref in self._running:
            _, task = self._running.pop(ref)
            task.cancel()
            self._findings.pop(ref, None)
            self._told.silenced(ref)

    async def close(self) -> None:
        """End all of them."""
        tasks = [task for _, task in self._running.values()]
        for ref in tuple(self._running):
            self.gone(ref)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _noted(self, ref: SetRef, findings: Findings, seconds: float | None) -> None:
        """Have the status written where a gap has ended: failures alone wait for its end."""
        before = self._findings.get(ref)
        self._findings[ref] = findings
        self._told.attempted(ref, seconds)
        if before is None or findings.gaps != before.gaps:
            self._wake(ref)


def wanted_period(desired: Desired, observed: Observed) -> float | None:
    """The seconds between two writes; None for a set that wants none, or has no users yet."""
    canary = desired.spec.monitoring.canary
    can_log_in = observed.record.users_made is not None
    return float(canary.period_seconds) if canary.enabled and can_log_in else None
