"""Counts what happens, and keeps the exact figures of each set until its next look.

This and the exposition are all that know the client library.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from mongors.api.status import Status
from mongors.desired.desired import Desired
from mongors.metrics import of_operator, of_sets
from mongors.metrics.figures import Figures, after_greeting, after_pass, unready_seconds
from mongors.metrics.metric import Metric
from mongors.metrics.outcomes import PassOutcome, of_action, of_error, of_pass
from mongors.next import Next, Reconcile
from mongors.observed.observed import Observed
from mongors.onlooker import Onlooker
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from mongors.store import SetRef


class Meters(Onlooker):
    """Looks on at passes, and is told of requests and waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._clock = clock
        self._figures: dict[SetRef, Figures] = {}
        self._ends: dict[SetRef, PassOutcome] = {}
        self._passes = self._counter(of_operator.PASSES)
        self._pass_times = self._histogram(of_operator.PASS_TIMES)
        self._actions = self._counter(of_operator.ACTIONS)
        self._gaps = self._histogram(of_operator.GAPS)
        self._unready = self._histogram(of_operator.UNREADY)
        self._waits = self._histogram(of_operator.WAITS)
        self._canary_writes = self._histogram(of_sets.CANARY_WRITES)
        self._canary_failures = self._counter(of_sets.CANARY_FAILURES)
        self._requests = self._counter(of_operator.REQUESTS)
        self._request_times = self._histogram(of_operator.REQUEST_TIMES)

    def figures(self, ref: SetRef) -> Figures:
        """Look up the exact figures of a set."""
        return self._figures.get(ref, Figures())

    def measured(self, reconcile: Reconcile) -> Reconcile:
        """Count the passes that go through what is returned, and time them."""

        async def passing(ref: SetRef, woken: bool) -> Next:
            began = self._clock()
            self._ends[ref] = PassOutcome.SKIPPED
            try:
                following = await reconcile(ref, woken)
            except Exception as error:
                self._ends[ref] = of_error(error)
                raise
            finally:
                end = self._ends.pop(ref)
                self._pass_times.observe(self._clock() - began)
                self._passes.labels(end.value).inc()
            return following

        return passing

    def waited(self, seconds: float) -> None:
        """Be told how long a pass that begins has been due."""
        self._waits.observe(seconds)

    def answered(self, verb: str, resource: str, code: int | None, seconds: float) -> None:
        """Be told of a request to the API server; the code of one without an answer is None."""
        self._requests.labels(verb, resource, "none" if code is None else str(code)).inc()
        self._request_times.labels(verb, resource).observe(seconds)

    def greeted(self, ref: SetRef, applied: Mapping[int, float | None]) -> None:
        """Note how far the members are; should a whole pass follow, it says how the pass ended."""
        self._figures[ref] = after_greeting(self.figures(ref), applied)
        self._ends[ref] = PassOutcome.CHECKED

    def passed(
        self, desired: Desired, observed: Observed, planned: Plan, outcomes: Sequence[Outcome]
    ) -> None:
        """Count what was done, and note the figures that were seen."""
        ref = SetRef(desired.names.namespace, desired.names.name)
        self._figures[ref], gap = after_pass(self.figures(ref), desired, observed, outcomes)
        self._ends[ref] = of_pass(planned, outcomes)
        if gap is not None:
            self._gaps.observe(gap)
        for each in outcomes:
            self._actions.labels(type(each.action).__name__, of_action(each).value).inc()

    def reported(self, before: Status, after: Status) -> None:
        """Note for how long a set was not ready that is now."""
        seconds = unready_seconds(before, after)
        if seconds is not None:
            self._unready.observe(seconds)

    def gone(self, ref: SetRef) -> None:
        """Forget a set."""
        self._figures.pop(ref, None)

    def attempted(self, ref: SetRef, seconds: float | None) -> None:
        """Note how long a write of a canary took, or that one was not acknowledged."""
        failures = self._canary_failures.labels(ref.namespace, ref.name)
        if seconds is None:
            failures.inc()
        else:
            self._canary_writes.labels(ref.namespace, ref.name).observe(seconds)

    def silenced(self, ref: SetRef) -> None:
        """Forget what a canary told."""
        for each in (self._canary_writes, self._canary_failures):
            with suppress(KeyError):
                each.remove(ref.namespace, ref.name)

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.tells, metric.labels, registry=self.registry)

    def _histogram(self, metric: Metric) -> Histogram:
        return Histogram(
            metric.name,
            metric.tells,
            metric.labels,
            buckets=metric.buckets,
            registry=self.registry,
        )
