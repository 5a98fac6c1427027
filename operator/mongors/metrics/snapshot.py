"""From a snapshot of store and queue to samples. Pure: the same snapshot gives the same samples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mongors import __version__
from mongors.api.conditions import Condition, ConditionStatus, ConditionType
from mongors.api.status import MemberStatus, Status
from mongors.metrics import of_operator, of_sets
from mongors.metrics.figures import Figures
from mongors.metrics.metric import Sample
from mongors.store import members_of

_STATUSES = tuple(ConditionStatus)


@dataclass(frozen=True, slots=True)
class SetView:
    """One set at one moment."""

    resource: Mapping[str, Any]
    figures: Figures = field(default_factory=Figures)
    failures: int = 0
    """Passes that failed in a row."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue at one moment."""

    depth: int = 0
    oldest_wait: float = 0.0
    running: int = 0
    workers: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is read when Prometheus asks."""

    leads: bool = False
    queue: QueueView = field(default_factory=QueueView)
    sets: tuple[SetView, ...] = ()


def samples(snapshot: Snapshot) -> Iterator[Sample]:
    """Everything that a snapshot tells; sets that are being deleted are not told of."""
    queue = snapshot.queue
    yield Sample(of_operator.BUILD, (__version__,), 1)
    yield Sample(of_operator.LEADER, (), int(snapshot.leads))
    yield Sample(of_operator.DEPTH, (), queue.depth)
    yield Sample(of_operator.OLDEST_WAIT, (), queue.oldest_wait)
    yield Sample(of_operator.RUNNING, (), queue.running)
    yield Sample(of_operator.WORKERS, (), queue.workers)
    for view in snapshot.sets:
        if "deletionTimestamp" not in view.resource["metadata"]:
            yield from _of_set(view)


def _of_set(view: SetView) -> Iterator[Sample]:
    metadata, spec = view.resource["metadata"], view.resource.get("spec") or {}
    status = Status.read(view.resource.get("status") or {})
    ref = (str(metadata["namespace"]), str(metadata["name"]))
    versions = status.version or "", status.feature_compatibility_version or ""
    yield Sample(of_sets.INFO, (*ref, *versions), 1)
    yield Sample(of_sets.WANTED, ref, members_of(view.resource))
    yield Sample(of_sets.MEMBERS, ref, status.members or 0)
    yield Sample(of_sets.READY, ref, status.ready_members or 0)
    yield Sample(of_sets.HAS_PRIMARY, ref, int(status.holds(ConditionType.PRIMARY_ELECTED)))
    yield Sample(of_sets.PAUSED, ref, int(spec.get("paused") is True))
    yield Sample(of_sets.FAILURES, ref, view.failures)
    yield Sample(of_sets.HANDOVERS, ref, view.figures.handovers)
    if status.voting_members is not None:
        yield Sample(of_sets.VOTERS, ref, status.voting_members)
    if status.config_term is not None and status.config_term >= 0:  # a forced one has none
        yield Sample(of_sets.ELECTIONS, ref, status.config_term)
    if view.figures.oplog_seconds is not None:
        yield Sample(of_sets.OPLOG_WINDOW, ref, view.figures.oplog_seconds)
    for condition in status.conditions:
        yield from _of_condition(ref, condition)
    for member in status.member_status:
        yield from _of_member(ref, member, view.figures)


def _of_condition(ref: tuple[str, str], condition: Condition) -> Iterator[Sample]:
    for status in _STATUSES:
        labels = (*ref, condition.type.value, status.value)
        yield Sample(of_sets.CONDITION, labels, int(condition.status is status))


def _of_member(ref: tuple[str, str], member: MemberStatus, figures: Figures) -> Iterator[Sample]:
    labels = (*ref, member.name)
    yield Sample(of_sets.STATE, (*labels, member.state or "UNKNOWN"), 1)
    yield Sample(of_sets.DELAY, labels, member.delay_seconds or 0)
    exact = figures.lags
    lag = member.lag_seconds if exact is None else exact.get(member.ordinal)
    if lag is not None:
        yield Sample(of_sets.LAG, labels, lag)
