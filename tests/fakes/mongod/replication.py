"""The commands that change a replica set, with what makes a server refuse them."""

import time
from typing import Any

from fakes.mongod.configuration import check_founding, check_next
from fakes.mongod.group import Group
from fakes.mongod.member import SECONDARY, SET_AT_START, SETTABLE_LIVE, Member
from fakes.mongod.refusals import Code, Refusal

Document = dict[str, Any]


def initiate(member: Member, command: Document) -> Document:
    """Found a set, if all of its members answer and know of none."""
    if member.group is not None:
        raise Refusal(Code.ALREADY_INITIALIZED, "already initialized")
    document = command["replSetInitiate"]
    check_founding(document, member.set_name)
    hosts = [each["host"] for each in document["members"]]
    if member.host not in hosts:
        raise Refusal(Code.INVALID_REPLICA_SET_CONFIG, "No host maps to this node")
    silent = [host for host in hosts if not _answers(member.world.get(host))]
    if silent:
        raise Refusal(Code.NODE_NOT_FOUND, f"quorum check failed: {', '.join(silent)}")
    group = Group(member.world, document)
    member.group, member.heard_at = group, 0.0
    member.synced_at = time.monotonic()
    return {}


def reconfigure(member: Member, command: Document) -> Document:
    """Install the next configuration, if it may follow and a majority of its voters is there."""
    group, forced = _group(member), bool(command.get("force"))
    document = command["replSetReconfig"]
    if not forced:
        group.check_primary(member)
    check_next(document, group.config, forced=forced)
    if member.host not in [each["host"] for each in document["members"]]:
        raise Refusal(Code.NODE_NOT_FOUND, "No host maps to this node")
    if not forced and not group.majority_is_there(document):
        raise Refusal(Code.NODE_NOT_FOUND, "not enough voting nodes responded")
    version = max(document["version"], group.config["version"] + 1) if forced else None
    group.install({**document, **({"version": version} if version else {})}, forced=forced)
    return {}


def step_up(member: Member, command: Document) -> Document:
    """Stand for election."""
    group = _group(member)
    if not group.could_win(member):
        raise Refusal(Code.COMMAND_FAILED, "Election failed.")
    if group.primary is not member:
        group.elect(member)
    return {}


def step_down(member: Member, command: Document) -> Document:
    """Give up the lead, if there is a secondary that may take over."""
    group = _group(member)
    group.check_primary(member)
    others = (group.member_at(each["host"]) for each in group.config["members"])
    if not any(each and each is not member and each.state == SECONDARY for each in others):
        raise Refusal(Code.EXCEEDED_TIME_LIMIT, "No electable secondaries caught up")
    group.step_down(float(command["replSetStepDown"]))
    return {}


def freeze(member: Member, command: Document) -> Document:
    """Do not stand for election for a while."""
    _group(member)
    member.frozen_until = time.monotonic() + float(command["replSetFreeze"])
    return {}


def sync_from(member: Member, command: Document) -> Document:
    """Copy from this member of the set from now on."""
    source = _group(member).member_at(command["replSetSyncFrom"])
    if source is None or source is member or member.state != SECONDARY:
        raise Refusal(Code.INVALID_OPTIONS, "cannot sync from there")
    member.copies_from = command["replSetSyncFrom"]
    return {}


def note(member: Member, command: Document) -> Document:
    """Write something that nobody is told of."""
    group = _group(member)
    group.check_primary(member)
    return {"operationTime": group.optime["ts"]}


def set_parameter(member: Member, command: Document) -> Document:
    """Set a server parameter that can be set while it runs."""
    name = next(key for key in command if key != "setParameter")
    if name in SET_AT_START:
        raise Refusal(None, f"not allowed to change [{name}] at runtime")
    if name not in SETTABLE_LIVE:
        raise Refusal(Code.INVALID_OPTIONS, f"attempted to set unrecognized parameter [{name}]")
    was, member.parameters[name] = member.parameters[name], command[name]
    return {"was": was}


def set_write_concern(member: Member, command: Document) -> Document:
    """Set the default write concern of the set."""
    group = _group(member)
    group.check_primary(member)
    group.write_concern = {**command["defaultWriteConcern"], "wtimeout": 0}
    group.note_write()
    return {"defaultWriteConcern": group.write_concern}


def _answers(member: Member | None) -> bool:
    return member is not None and member.running and not member.hangs and member.group is None


def _group(member: Member) -> Group:
    group = member.live_group
    if group is None:
        raise Refusal(Code.NOT_YET_INITIALIZED, "no replset config has been received")
    return group
