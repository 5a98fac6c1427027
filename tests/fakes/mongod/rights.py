"""Who may do what, as far as the commands of these servers go."""

from collections.abc import Iterable

OPEN = frozenset({
    "hello", "ismaster", "isMaster", "ping", "buildInfo", "saslStart", "saslContinue",
    "endSessions", "logout",
})  # fmt: skip
"""What needs no login."""

_MONITOR = frozenset({
    "replSetGetStatus", "replSetGetConfig", "getParameter", "serverStatus", "collStats",
    "getDefaultRWConcern",
})  # fmt: skip
_MANAGER = frozenset({
    "replSetGetStatus", "replSetGetConfig", "replSetInitiate", "replSetReconfig",
    "replSetStepUp", "replSetStepDown", "replSetFreeze", "replSetSyncFrom", "appendOplogNote",
    "getDefaultRWConcern", "setDefaultRWConcern",
})  # fmt: skip
_ROLES = {
    "clusterMonitor": _MONITOR,
    "clusterManager": _MANAGER,
    "hostManager": frozenset({"setParameter"}),
    "userAdminAnyDatabase": frozenset({"usersInfo", "createUser", "updateUser"}),
    "readWrite": frozenset[str](),
    "dbAdmin": frozenset[str](),
}


def permit(roles: Iterable[str], command: str) -> bool:
    """Whether any of these roles lets its owner run a command."""
    return any(command in _ROLES.get(role, ()) for role in roles)


def is_known(command: str) -> bool:
    """Whether any role has to do with a command."""
    return any(command in each for each in _ROLES.values())
