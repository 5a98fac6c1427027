"""Users: made on the primary, and acknowledged by a majority or not at all."""

from typing import Any

from fakes.mongod.group import Group, User
from fakes.mongod.member import Member
from fakes.mongod.refusals import Code, Refusal

Document = dict[str, Any]


def info(member: Member, command: Document) -> Document:
    """One user, or nobody."""
    asked = command["usersInfo"]
    group = member.live_group
    found = group.users.get((asked["user"], asked["db"])) if group else None
    return {"users": [{"user": found.name, "db": found.database}] if found else []}


def create(member: Member, command: Document) -> Document:
    """Make a user."""
    group = _writable(member)
    if (command["createUser"], command["$db"]) in group.users:
        raise Refusal(Code.USER_ALREADY_EXISTS, "User already exists")
    return _store(group, command["createUser"], command)


def update(member: Member, command: Document) -> Document:
    """Give a user another password and other roles."""
    return _store(_writable(member), command["updateUser"], command)


def _writable(member: Member) -> Group:
    group = member.live_group
    if group is None:
        raise Refusal(Code.NOT_WRITABLE_PRIMARY, "not primary")
    group.check_primary(member)
    return group


def _store(group: Group, name: str, command: Document) -> Document:
    roles = tuple((each["role"], each["db"]) for each in command["roles"])
    group.users[name, command["$db"]] = User(name, command["$db"], command["pwd"], roles)
    group.note_write()
    return {}
