"""What a member says of itself and of its set."""

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId, Timestamp

from fakes.mongod.configuration import is_electable
from fakes.mongod.group import Group
from fakes.mongod.member import PRIMARY, SECONDARY, SETTABLE_LIVE, WORDS, Member
from fakes.mongod.refusals import Code, Refusal

Document = dict[str, Any]

_DOWN = 8
_LIMITS: Document = {
    "maxBsonObjectSize": 16777216,
    "maxMessageSizeBytes": 48000000,
    "maxWriteBatchSize": 100000,
    "logicalSessionTimeoutMinutes": 30,
    "minWireVersion": 0,
    "maxWireVersion": 17,
    "readOnly": False,
    "helloOk": True,
}


def hello(member: Member, command: Document) -> Document:
    """Who it is and whom it takes for the primary; needs no login."""
    group, state = member.live_group, member.state
    leads = state == PRIMARY
    role: Document = {
        "isWritablePrimary": leads,
        "ismaster": leads,
        "secondary": state == SECONDARY,
    }
    common = {**_LIMITS, "localTime": datetime.now(UTC), **role}
    if group is None:
        return {**common, "isreplicaset": True, "info": "Does not have a valid replica set config"}
    visible = [each for each in group.config["members"] if not each["hidden"]]
    passive = [each["host"] for each in visible if not is_electable(each)]
    primary = {"primary": group.primary.host} if group.primary else {}
    last = group.optime
    return {
        **common,
        "hosts": [each["host"] for each in visible if each["host"] not in passive],
        **({"passives": passive} if passive else {}),
        "setName": group.config["_id"],
        "setVersion": group.config["version"],
        **primary,
        "lastWrite": {"opTime": last, "majorityOpTime": last},
        "me": member.host,
        **({"electionId": ObjectId(f"7fffffff{group.term:016x}")} if leads else {}),
    }


def build_info(member: Member, command: Document) -> Document:
    """The server's version."""
    return {"version": member.version, "maxBsonObjectSize": _LIMITS["maxBsonObjectSize"]}


def config(member: Member, command: Document) -> Document:
    """The configuration, and on the primary whether a majority has it."""
    group = _group(member)
    if not command.get("commitmentStatus"):
        return {"config": group.config}
    group.check_primary(member)
    return {"config": group.config, "commitmentStatus": group.majority_is_there(group.config)}


def status(member: Member, command: Document) -> Document:
    """How it sees all members."""
    group = _group(member)
    if group.entry(member.host) is None:
        raise Refusal(Code.INVALID_REPLICA_SET_CONFIG, "Our replica set config is invalid")
    return {
        "set": group.config["_id"],
        "date": datetime.now(UTC),
        "myState": member.state,
        "term": group.term,
        "votingMembersCount": group.voters_that_count,
        "syncSourceHost": _source(group, member) if member.state == SECONDARY else "",
        "optimes": {"lastCommittedOpTime": group.optime, "appliedOpTime": group.optime},
        "members": [_view(group, each, member) for each in group.config["members"]],
    }


def get_parameter(member: Member, command: Document) -> Document:
    """Server parameters, with or without whether they can be set while it runs."""
    detailed = isinstance(command["getParameter"], dict)
    known = {**member.parameters, "featureCompatibilityVersion": _fcv(member)}
    found = {name: known[name] for name in command if name in known}
    if not found:
        raise Refusal(None, "no option found to get")
    if not detailed:
        return found
    return {
        name: {
            "value": value,
            "settableAtRuntime": name in SETTABLE_LIVE,
            "settableAtStartup": True,
        }
        for name, value in found.items()
    }


def write_concern(member: Member, command: Document) -> Document:
    """The default write concern of the set; majority unless somebody has set another."""
    group = _group(member)
    return {"defaultWriteConcern": group.write_concern or {"w": "majority", "wtimeout": 0}}


def _fcv(member: Member) -> Document:
    return {"version": ".".join(member.version.split(".")[:2])}


def _group(member: Member) -> Group:
    group = member.live_group
    if group is None:
        raise Refusal(Code.NOT_YET_INITIALIZED, "no replset config has been received")
    return group


def _view(group: Group, entry: Document, asked: Member) -> Document:
    there = group.member_at(entry["host"])
    state = there.state if there else _DOWN
    synced = state in (PRIMARY, SECONDARY)
    never = {"ts": Timestamp(0, 0), "t": -1}
    return {
        "_id": entry["_id"],
        "name": entry["host"],
        "health": float(there is not None),
        "state": state,
        "stateStr": WORDS.get(state, "(not reachable/healthy)"),
        "optime": group.optime if synced else never,
        "optimeDate": group.wall if synced else datetime.fromtimestamp(0, UTC),
        "syncSourceHost": _source(group, there) if there and state == SECONDARY else "",
        **({"self": True} if there is asked else {}),
    }


def _source(group: Group, member: Member) -> str:
    """From where a secondary copies: from whom it was asked to, or from the primary."""
    asked = group.member_at(member.copies_from)
    if asked is not None and asked is not member:
        return asked.host
    return group.primary.host if group.primary is not None else ""
