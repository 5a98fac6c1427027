"""MongoDB's error codes that decisions rest on. Errors are told apart by code, never by text."""

from enum import IntEnum


class Code(IntEnum):
    """Server error codes, by the names that the server gives them."""

    UNAUTHORIZED = 13
    AUTHENTICATION_FAILED = 18
    ALREADY_INITIALIZED = 23
    LOCK_TIMEOUT = 24
    MAX_TIME_MS_EXPIRED = 50
    WRITE_CONCERN_FAILED = 64
    NODE_NOT_FOUND = 74
    PRIMARY_STEPPED_DOWN = 189
    NOT_PRIMARY_OR_SECONDARY = 13436
    INVALID_REPLICA_SET_CONFIG = 93
    NOT_YET_INITIALIZED = 94
    INTERRUPTED_AT_SHUTDOWN = 11600
    INTERRUPTED_DUE_TO_REPL_STATE_CHANGE = 11602
    SHUTDOWN_IN_PROGRESS = 91
    NEW_CONFIG_INCOMPATIBLE = 103
    CONFIGURATION_IN_PROGRESS = 109
    COMMAND_FAILED = 125
    EXCEEDED_TIME_LIMIT = 262
    CURRENT_CONFIG_NOT_COMMITTED_YET = 308
    USER_ALREADY_EXISTS = 51003
    NOT_WRITABLE_PRIMARY = 10107
    NOT_PRIMARY_NO_SECONDARY_OK = 13435
    CONFLICTING_OPERATION_IN_PROGRESS = 117
    STALE_TERM = 216


LOGIN = frozenset({Code.UNAUTHORIZED, Code.AUTHENTICATION_FAILED})
"""The login or the rights are not accepted."""

LOOK_AGAIN = frozenset(
    {
        Code.ALREADY_INITIALIZED,
        Code.NEW_CONFIG_INCOMPATIBLE,
        Code.CONFIGURATION_IN_PROGRESS,
        Code.CURRENT_CONFIG_NOT_COMMITTED_YET,
        Code.CONFLICTING_OPERATION_IN_PROGRESS,
        Code.COMMAND_FAILED,
        Code.NOT_WRITABLE_PRIMARY,
        Code.NOT_PRIMARY_NO_SECONDARY_OK,
        Code.NOT_PRIMARY_OR_SECONDARY,
        Code.PRIMARY_STEPPED_DOWN,
        Code.SHUTDOWN_IN_PROGRESS,
        Code.INTERRUPTED_AT_SHUTDOWN,
        Code.INTERRUPTED_DUE_TO_REPL_STATE_CHANGE,
        Code.STALE_TERM,
        Code.NOT_YET_INITIALIZED,
    }
)
"""The picture that the command rested on is not the present one (any more)."""

TRY_LATER = frozenset(
    {
        Code.NODE_NOT_FOUND,
        Code.LOCK_TIMEOUT,
        Code.MAX_TIME_MS_EXPIRED,
        Code.WRITE_CONCERN_FAILED,
        Code.EXCEEDED_TIME_LIMIT,
    }
)
"""A peer is missing, or the outcome is unknown."""
