"""The road: look, think, act, report. One pass for one set; nothing is remembered between two."""

import logging
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mongors.api.conditions import ConditionType
from mongors.api.monitoring import CanaryStatus
from mongors.api.spec import InvalidSpec, MongoReplicaSet
from mongors.api.status import Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.names import Names
from mongors.execute import Executor
from mongors.kube.client import Kube
from mongors.kube.events import Event, EventType, Regarding
from mongors.next import Next
from mongors.observe import Observer
from mongors.onlooker import Onlooker
from mongors.planning.news import news
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan, plan
from mongors.planning.report import is_worth_writing, refused, report
from mongors.planning.waits import SLOW_SECONDS
from mongors.settings import Settings
from mongors.store import SetRef, Store

logger = logging.getLogger(__name__)

AFTER_ACTING_SECONDS = 0.05
"""What was done shows at once, or announces itself by an event; this only yields to others."""

AFTER_REFUSAL_SECONDS = 0.1
"""The picture was old, or a member cannot win its election yet: look again soon."""

AFTER_FAILURE_SECONDS = 2.0

WAITING_SHARE = 0.02
"""What takes long is looked at seldom: a wait adds at most so much to what is waited for."""

CHECK_CPU_SECONDS = 0.001
"""What one member costs in a check at rest: 0.3 ms for its `hello`, and its share of the pass;
0.9 ms were measured together."""

CHECK_SHARE = 0.1
"""The share of a core that all checks at rest may cost together."""

LOOK_AT_ALL_SECONDS = 600.0
"""How often a check at rest is a whole pass: some of what may drift is in no `hello`."""


def rest_seconds(shortest: float, members: int) -> float:
    """How long to rest between two checks of a set, so that all members' checks stay cheap."""
    return max(shortest, members * CHECK_CPU_SECONDS / CHECK_SHARE)


def looks_at_all(uid: str, now: datetime, rest: float) -> bool:
    """Whether this check at rest is a whole pass: each set has a moment of its own for it.

    A default write concern that somebody lowered, say, is found by nothing less (rule 47).
    """
    offset = zlib.crc32(uid.encode()) % LOOK_AT_ALL_SECONDS
    return (now.timestamp() + offset) % LOOK_AT_ALL_SECONDS < rest


class Reconciler:
    """Takes one set one step further."""

    def __init__(
        self,
        store: Store,
        kube: Kube,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        onlooker: Onlooker = Onlooker(),  # noqa: B008 - it holds nothing
        canary: Callable[[SetRef], CanaryStatus | None] = lambda ref: None,
    ) -> None:
        self._store = store
        self._kube = kube
        self._settings = settings
        self._now = now
        self._onlooker = onlooker
        self._observer = Observer(
            store,
            kube,
            now,
            cluster_wide_bindings=settings.cluster_wide_bindings,
            onlooker=onlooker,
        )
        self._canary = canary
        self._executor = Executor(kube)

    async def reconcile(self, ref: SetRef, woken: bool) -> Next:
        """One pass; returns when to look again."""
        raw = self._store.set(ref)
        if raw is None:
            self._onlooker.gone(ref)
            await self._clear_away(ref)
            return Next()
        if "deletionTimestamp" in raw["metadata"]:
            return Next()
        before = Status.read(raw.get("status") or {})
        try:
            cluster = MongoReplicaSet.stored(raw)
        except InvalidSpec as invalid:
            generation = raw["metadata"]["generation"]
            await self._tell(
                raw, before, refused(before, generation, invalid.problems, self._now())
            )
            return Next()
        desired = Desired.of(cluster)
        rest = self._rest()
        at_rest = not woken and _is_at_rest(before, desired)
        is_brief = at_rest and not looks_at_all(desired.uid, self._now(), rest)
        if is_brief and await self._observer.is_as_reported(desired, before):
            return Next(rest)
        return await self._pass(ref, raw, desired, before, at_rest)

    async def _pass(
        self, ref: SetRef, raw: Mapping[str, Any], desired: Desired, before: Status, at_rest: bool
    ) -> Next:
        observed = await self._observer.observe(desired, before, at_rest=at_rest)
        observed = replace(observed, canary=self._canary(ref))
        planned = plan(desired, observed)
        logger.debug("Planned: %s", planned.sentence(), extra={"set": desired.names.name})
        outcomes = await self._executor.execute(desired, observed, planned)
        self._onlooker.passed(desired, observed, planned, outcomes)
        after = report(desired, observed, planned, outcomes)
        await self._tell(raw, before, after, outcomes)
        return Next(self._next_look(planned, outcomes, before), observed.heard_all)

    async def _tell(
        self,
        raw: Mapping[str, Any],
        before: Status,
        after: Status,
        outcomes: list[Outcome] | None = None,
    ) -> None:
        """Write the status if it differs, and the Events of this pass."""
        try:
            if is_worth_writing(before, after):
                await self._kube.apply_status(_status_manifest(raw, after))
                self._onlooker.reported(before, after)
        finally:  # what was done is told, even if the resource changed meanwhile
            for item in news(outcomes or [], before, after):
                kind = EventType.WARNING if item.is_warning else EventType.NORMAL
                reason = item.reason.value
                await self._kube.emit(Event(_regarding(raw), kind, reason, "Reconcile", item.note))

    def _next_look(self, planned: Plan, outcomes: list[Outcome], before: Status) -> float:
        patience = min(SLOW_SECONDS, WAITING_SHARE * self._unready_seconds(before))
        if any(each.is_final or each.missing_permission for each in outcomes):
            return max(AFTER_FAILURE_SECONDS, self._settings.rest_seconds)
        failures = [each for each in outcomes if each.failure]
        if failures:
            refused_all = all(each.was_refused for each in failures)
            return max(patience, AFTER_REFUSAL_SECONDS if refused_all else AFTER_FAILURE_SECONDS)
        if outcomes:
            return AFTER_ACTING_SECONDS
        if planned.waits:
            return max(patience, min(wait.look_again_seconds for wait in planned.waits))
        return self._rest()

    def _unready_seconds(self, status: Status) -> float:
        """For how long the set has not been ready, as its status says."""
        ready = status.condition(ConditionType.READY)
        since = ready.last_transition_time if ready else None
        if since is None or status.holds(ConditionType.READY):
            return 0.0
        return (self._now() - since).total_seconds()

    def _rest(self) -> float:
        return rest_seconds(self._settings.rest_seconds, self._store.members)

    async def _clear_away(self, ref: SetRef) -> None:
        """Remove what the garbage collector cannot follow; everything else it removes itself."""
        if not self._settings.cluster_wide_bindings:
            return
        names = Names(ref.namespace, ref.name)
        binding = await self._kube.get("ClusterRoleBinding", None, names.cluster_binding)
        if binding and labels.are_ours(binding["metadata"].get("labels") or {}, ref.name):
            uid = binding["metadata"]["uid"]
            await self._kube.delete("ClusterRoleBinding", None, names.cluster_binding, uid)


def _is_at_rest(status: Status, desired: Desired) -> bool:
    """Whether the last pass left the set ready and with nothing to wait for."""
    is_about_this = status.observed_generation == desired.generation and status.plan is None
    return is_about_this and status.holds(ConditionType.READY)


_IDENTITY = ("name", "namespace", "uid", "resourceVersion")
"""A status is about the very object that was read; the API server checks the version alone."""


def _status_manifest(raw: Mapping[str, Any], status: Status) -> dict[str, Any]:
    metadata = raw["metadata"]
    return {
        "apiVersion": "mongors.io/v1alpha1",
        "kind": "MongoReplicaSet",
        "metadata": {key: metadata[key] for key in _IDENTITY},
        "status": status.to_wire(),
    }


def _regarding(raw: Mapping[str, Any]) -> Regarding:
    metadata = raw["metadata"]
    return Regarding(
        "mongors.io/v1alpha1",
        "MongoReplicaSet",
        metadata["namespace"],
        metadata["name"],
        metadata["uid"],
    )
