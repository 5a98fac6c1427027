"""What is worth knowing of a set, worked out from one look at it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mongors.api.conditions import Condition, ConditionType, Reason
from mongors.cli.durations import seconds_between, told
from mongors.cli.happenings import Happening
from mongors.cli.members import Member, members_of
from mongors.cli.seen import Seen
from mongors.cli.ways_out import is_as_it_should_be
from mongors.desired.names import PORT
from mongors.observed.mongodb import ReplicaSetConfig

LATE_SECONDS = 30
"""An operator that has not seen a new spec for so long is probably away."""


@dataclass(frozen=True, slots=True)
class View:
    """One set as it is shown."""

    seen: Seen
    members: tuple[Member, ...]
    health: str
    """In one sentence."""
    is_ready: bool
    primary: str | None
    primary_since: datetime | None
    config: ReplicaSetConfig | None

    @property
    def voters(self) -> int | None:
        """How many members vote."""
        return len(self.config.voters) if self.config else self.seen.status.voting_members

    @property
    def voters_serving(self) -> int:
        """How many of them are in service."""
        return sum(bool(each.votes) and each.serves for each in self.members)

    @property
    def is_waiting(self) -> bool:
        """Whether the operator waits, and does nothing itself."""
        told = self.seen.status.condition(ConditionType.RECONCILING)
        return told is not None and told.reason is not Reason.PROGRESSING

    def short(self, text: str) -> str:
        """A text for people, in which the hosts of this set are called by their pods."""
        return text.replace(f".{self.seen.names.domain}:{PORT}", "")

    @property
    def troubles(self) -> tuple[Condition, ...]:
        """The conditions that are not as they should be."""
        told = self.seen.status.conditions
        return tuple(each for each in told if not is_as_it_should_be(each))

    @property
    def work(self) -> str:
        """What the operator is doing or waits for."""
        if not self.seen.status.conditions:
            return "has not reported anything about this set yet; is it running?"
        if not self.seen.is_current:
            return _late(self.seen)
        return self.seen.status.plan or "nothing is left to do"

    def latest(self, number: int) -> tuple[Happening, ...]:
        """The last Events, the newest last."""
        return self.seen.happenings[-number:]

    def to_wire(self) -> dict[str, Any]:
        """The view for programs."""
        status, config = self.seen.status, self.config
        return {
            "name": self.seen.names.name,
            "namespace": self.seen.names.namespace,
            "ready": self.is_ready,
            "health": self.health,
            "phase": status.phase,
            "primary": self.primary,
            "primarySince": self.primary_since.isoformat() if self.primary_since else None,
            "version": status.version,
            "featureCompatibilityVersion": status.feature_compatibility_version,
            "replicaSetId": status.replica_set_id,
            "configVersion": config.version if config else status.config_version,
            "configTerm": config.term if config else status.config_term,
            "voters": self.voters,
            "votersServing": self.voters_serving,
            "oplogSeconds": self.seen.further.oplog_seconds,
            "canary": status.canary.to_wire() if status.canary else None,
            "operator": self.work,
            "waitingForApproval": [each.to_wire() for each in status.waiting_for_approval or ()],
            "members": [_camel(each.to_wire()) for each in self.members],
            "conditions": [each.to_wire() for each in status.conditions],
            "events": [each.to_wire() for each in self.latest(20)],
            "notSeen": list(self.seen.missed),
        }


def view_of(seen: Seen) -> View:
    """Work out what to show."""
    observed = seen.observed
    asked = observed if observed is not None and seen.members_were_asked else None
    led = asked.primary if asked else None
    members = members_of(seen)
    primary = seen.names.pod(led.ordinal) if led else (None if asked else seen.status.primary)
    is_ready = seen.is_ready and (asked is None or _serves(seen, members, primary))
    return View(
        seen=seen,
        members=members,
        health=_health(seen, members, primary, is_ready=is_ready),
        is_ready=is_ready,
        primary=primary,
        primary_since=seen.further.elected_at if led else None,
        config=asked.config if asked else None,
    )


def _serves(seen: Seen, members: Sequence[Member], primary: str | None) -> bool:
    """Whether the members say so themselves: an operator that is away reports of the past."""
    wanted = len(seen.desired.members) if seen.desired else len(members)
    return primary is not None and sum(each.serves for each in members) >= wanted


def _health(seen: Seen, members: Sequence[Member], primary: str | None, *, is_ready: bool) -> str:
    ready = seen.status.condition(ConditionType.READY)
    if ready is None:
        return "not ready: nothing is reported about it yet"
    if seen.status.holds(ConditionType.READY) and not seen.is_current:
        return "not ready: the operator has not seen the present spec yet"
    seconds = seconds_between(ready.last_transition_time, seen.at)
    word = "ready" if is_ready else "not ready"
    is_known = seconds is not None and is_ready is seen.is_ready
    lasting = f" (for {told(seconds)})" if is_known and seconds is not None else ""
    return f"{word}{lasting}: {_counted(seen, members, primary)}"


def _counted(seen: Seen, members: Sequence[Member], primary: str | None) -> str:
    """How many members are in service, and what else is to be known before all."""
    wanted = len(seen.desired.members) if seen.desired else len(members)
    serving = sum(each.serves for each in members if each.ordinal < wanted)
    parts = [
        f"all {wanted} members are in service"
        if serving == wanted
        else f"{serving} of {wanted} members are in service"
    ]
    parts += ["nobody is primary"] * (primary is None)
    parts += ["the operator is paused"] * bool(seen.desired and seen.desired.spec.paused)
    parts += ["the spec cannot be followed"] * bool(seen.problems)
    return ", and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _late(seen: Seen) -> str:
    behind = f"has seen generation {seen.status.observed_generation or 0} of {seen.generation}"
    return f"{behind}; if that lasts for more than {LATE_SECONDS} s, it is not running"


def _camel(fields: Mapping[str, Any]) -> dict[str, Any]:
    def wire(name: str) -> str:
        first, *others = name.split("_")
        return first + "".join(each.capitalize() for each in others)

    return {wire(name): value for name, value in fields.items() if value is not None}
