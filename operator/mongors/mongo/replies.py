"""Server replies to our values, and our configuration back to the server's document."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mongors.observed.mongodb import (
    MemberConfig,
    MemberView,
    Optime,
    Parameter,
    ReplicaSetConfig,
    State,
)

BEHIND_SECONDS = 10.0
"""From this difference between two members on, the primary's oplog is looked at."""

_NEVER = datetime.fromtimestamp(0, UTC)
"""Servers' word for no time at all."""

_DELAYS = ("secondaryDelaySecs", "slaveDelay")
"""The field of a member's delay, since 5.0 and before."""
_OWN_MEMBER_FIELDS = ("_id", "host", "votes", "priority", "hidden", "tags", *_DELAYS)
_OWN_CONFIG_FIELDS = ("_id", "version", "term", "members", "settings")


def config_of(document: Mapping[str, Any]) -> ReplicaSetConfig:
    """A configuration from the reply to replSetGetConfig; what is not ours is kept as it is."""
    settings = document.get("settings", {})
    replica_set_id = settings.get("replicaSetId")
    return ReplicaSetConfig(
        name=document["_id"],
        version=int(document["version"]),
        term=int(document.get("term", -1)),
        members=tuple(_member_of(each) for each in document["members"]),
        replica_set_id=None if replica_set_id is None else str(replica_set_id),
        settings=settings,
        foreign=_without(document, _OWN_CONFIG_FIELDS),
    )


def document_of(config: ReplicaSetConfig, *, old_words: bool = False) -> dict[str, Any]:
    """The document for replSetInitiate and replSetReconfig; the server sets the term.

    `old_words` are those of servers before 5.0.
    """
    return {
        **config.foreign,
        "_id": config.name,
        "version": config.version,
        "members": [_member_document(each, _DELAYS[old_words]) for each in config.members],
        "settings": dict(config.settings),
    }


def _member_document(member: MemberConfig, delay: str) -> dict[str, Any]:
    return {
        **member.foreign,
        "_id": member.id,
        "host": member.host,
        "votes": member.votes,
        "priority": member.priority,
        "hidden": member.hidden,
        **({delay: member.delay_seconds} if member.delay_seconds else {}),
        "tags": dict(member.tags),
    }


def views_of(status: Mapping[str, Any]) -> tuple[MemberView, ...]:
    """How a member sees all members, itself included, from the reply to replSetGetStatus."""
    return tuple(
        MemberView(
            host=each["name"],
            state=state_of(each.get("stateStr", "")),
            healthy=bool(each.get("health")),
            optime_seconds=_last_applied(each),
            sync_source=each.get("syncSourceHost") or None,
        )
        for each in status.get("members", ())
    )


def is_any_behind(views: Sequence[MemberView]) -> bool:
    """Whether some member, in service or not, has not applied what another one had long ago."""
    applied = [each.optime_seconds for each in views if each.optime_seconds is not None]
    return bool(applied) and max(applied) - min(applied) > BEHIND_SECONDS


def oplog_seconds_of(ends: Mapping[str, Any], stats: Mapping[str, Any]) -> float | None:
    """How far back an oplog reaches once it is full, at the pace at which it was filled so far.

    From the section `oplog` of serverStatus and the reply to collStats; None when they do not say.
    """
    first, last = (ends.get(each) for each in ("earliestOptime", "latestOptime"))
    if first is None or last is None or not stats.get("size"):
        return None
    share: float = min(1.0, stats["size"] / stats["maxSize"])
    return float(last.time - first.time) / share


def optime_of(document: Mapping[str, Any] | None) -> Optime | None:
    """An optime from its document, `{ts, t}`."""
    if not document or "ts" not in document:
        return None
    stamp = document["ts"]
    return Optime(int(document.get("t", -1)), int(stamp.time), int(stamp.inc))


def parameters_of(reply: Mapping[str, Any]) -> dict[str, Parameter]:
    """The reply to getParameter with details."""
    return {
        name: Parameter(each.get("value"), bool(each.get("settableAtRuntime")))
        for name, each in reply.items()
        if isinstance(each, Mapping) and "settableAtRuntime" in each
    }


def write_concern_of(reply: Mapping[str, Any]) -> str | int:
    """The default `w` in the reply to getDefaultRWConcern; 1 where none is set."""
    concern = reply.get("defaultWriteConcern") or {}
    w: str | int = concern.get("w", 1)
    return w


def state_of(text: str) -> State:
    """A member's state from the server's word for it."""
    if text in set(State):
        return State(text)
    return State.DOWN if "not reachable" in text else State.UNKNOWN


def state_in_hello(hello: Mapping[str, Any]) -> State:
    """A member's state as far as an unauthenticated `hello` tells it."""
    if hello.get("isWritablePrimary"):
        return State.PRIMARY
    if hello.get("secondary"):
        return State.SECONDARY
    return State.UNKNOWN


def last_write_in_hello(hello: Mapping[str, Any], which: str = "opTime") -> Optime | None:
    """The last operation that a member applied, or that it knows a majority to have applied.

    The latter is `majorityOpTime`. None where a `hello` tells of none.
    """
    return optime_of((hello.get("lastWrite") or {}).get(which))


def applied_in_hello(hello: Mapping[str, Any]) -> float | None:
    """When a member applied its last operation, in seconds since the epoch; None if it has none."""
    applied = last_write_in_hello(hello)
    return float(applied.seconds) if applied and applied.seconds else None


def version_of(text: str) -> tuple[int, int, int]:
    """The first three numbers of a server version."""
    major, minor, patch = text.split("-", maxsplit=1)[0].split(".")[:3]
    return int(major), int(minor), int(patch)


def _member_of(document: Mapping[str, Any]) -> MemberConfig:
    return MemberConfig(
        id=int(document["_id"]),
        host=document["host"],
        votes=int(document.get("votes", 1)),
        priority=float(document.get("priority", 1)),
        hidden=bool(document.get("hidden", False)),
        delay_seconds=next((int(document[each]) for each in _DELAYS if each in document), 0),
        tags=dict(document.get("tags", {})),
        foreign=_without(document, _OWN_MEMBER_FIELDS),
    )


def _without(document: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in fields}


def _last_applied(member: Mapping[str, Any]) -> float | None:
    """When a member applied its last operation; of one that is down only the second field tells."""
    for each in ("optimeDate", "lastAppliedWallTime"):
        at = member.get(each)
        if isinstance(at, datetime) and at.year > _NEVER.year:
            return at.timestamp()
    return None
