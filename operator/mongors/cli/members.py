"""The members of a set, one row each: what they say, or what was last reported of them. Pure."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from mongors.api.status import MemberStatus
from mongors.cli.durations import seconds_between
from mongors.cli.seen import Seen
from mongors.observed.mongodb import MemberConfig, State
from mongors.observed.observed import Observed


@dataclass(frozen=True, slots=True)
class Member:
    """One member as it is shown."""

    name: str
    ordinal: int
    state: str
    id: int | None = None
    lag_seconds: float | None = None
    copies_from: str | None = None
    config: str | None = None
    """Version and term of the configuration that it holds: v5 t3."""
    votes: int | None = None
    priority: float | None = None
    hidden: bool = False
    delay_seconds: int = 0
    node: str | None = None
    zone: str | None = None
    claim: str | None = None
    size: str | None = None
    restarts: int | None = None
    age_seconds: float | None = None
    version: str | None = None
    runs: bool | None = None
    """Whether its mongod runs, as the kubelet says; None without a pod."""
    trouble: str | None = None
    """What keeps it from serving, in Kubernetes' or mongod's own words."""

    @property
    def serves(self) -> bool:
        """Whether it serves clients."""
        return self.state in (State.PRIMARY, State.SECONDARY)

    def to_wire(self) -> dict[str, Any]:
        """The member for programs."""
        return asdict(self)


def members_of(seen: Seen) -> tuple[Member, ...]:
    """All members that exist, are wanted, or stand in the configuration, in ordinal order."""
    reported = {each.ordinal: each for each in seen.status.member_status}
    ordinals = set(reported)
    if seen.observed is not None:
        ordinals |= seen.observed.pods.keys()
    if seen.desired is not None:
        ordinals |= {each.ordinal for each in seen.desired.members}
    return tuple(_member(seen, each, reported.get(each)) for each in sorted(ordinals))


def _member(seen: Seen, ordinal: int, reported: MemberStatus | None) -> Member:
    observed = seen.observed
    if observed is None or not seen.members_were_asked:
        row = _as_reported(seen, ordinal, reported)
    else:
        row = _as_asked(seen, observed, ordinal, reported)
    return row if observed is None else _with_objects(seen, observed, row)


def _as_reported(seen: Seen, ordinal: int, reported: MemberStatus | None) -> Member:
    name = seen.names.pod(ordinal)
    if reported is None:
        return Member(name, ordinal, State.UNKNOWN.value)
    return Member(
        name,
        ordinal,
        state=reported.state or State.UNKNOWN.value,
        id=reported.id,
        lag_seconds=reported.lag_seconds,
        copies_from=_pod_of(reported.sync_source),
        votes=reported.votes,
        priority=reported.priority,
        hidden=bool(reported.hidden),
        delay_seconds=reported.delay_seconds or 0,
        version=reported.version,
    )


def _as_asked(
    seen: Seen, observed: Observed, ordinal: int, reported: MemberStatus | None
) -> Member:
    host, answer = seen.names.host(ordinal), observed.answers.get(ordinal)
    entry = observed.config.member(host) if observed.config else None
    state = observed.state(ordinal)
    view = observed.view_of(host)
    held = answer.config.stamp if answer and answer.config else None
    if observed.config is None:  # only states were told: for the rest there is the report
        return replace(_as_reported(seen, ordinal, reported), state=state.value)
    return _with_entry(
        Member(
            seen.names.pod(ordinal),
            ordinal,
            state=state.value,
            lag_seconds=None if state is State.PRIMARY else observed.lag_seconds(host),
            copies_from=_pod_of(view.sync_source) if view else None,
            config=f"v{held[1]} t{held[0]}" if held else None,
            version=".".join(map(str, answer.version)) if answer and answer.version else None,
            trouble=answer.problem if answer else None,
        ),
        entry,
    )


def _with_entry(row: Member, entry: MemberConfig | None) -> Member:
    if entry is None:
        return row
    return replace(
        row,
        id=entry.id,
        votes=entry.votes,
        priority=entry.priority,
        hidden=entry.hidden,
        delay_seconds=entry.delay_seconds,
    )


def _with_objects(seen: Seen, observed: Observed, row: Member) -> Member:
    """The row with what Kubernetes has of the member."""
    pod, claim = observed.pods.get(row.ordinal), observed.claims.get(row.ordinal)
    node = observed.node(pod) if pod else None
    if pod is None:
        return replace(row, trouble=f"there is no pod {row.name} yet")
    return replace(
        row,
        node=pod.node,
        zone=node.zone if node else None,
        claim=seen.names.claim(row.ordinal) if claim else None,
        size=claim.capacity or claim.requested if claim else None,
        restarts=pod.mongod_restarts,
        runs=pod.mongod_running,
        age_seconds=seconds_between(pod.created, seen.at),
        trouble=None if row.serves else pod.trouble or row.trouble,
    )


def _pod_of(host: str | None) -> str | None:
    return host.partition(".")[0] if host else None
