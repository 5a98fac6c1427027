"""The errors of a server, by the names and numbers that it gives them."""

from enum import IntEnum


class Code(IntEnum):
    """Error codes that these servers answer with."""

    UNAUTHORIZED = 13
    AUTHENTICATION_FAILED = 18
    ALREADY_INITIALIZED = 23
    COMMAND_NOT_FOUND = 59
    WRITE_CONCERN_FAILED = 64
    INVALID_OPTIONS = 72
    NODE_NOT_FOUND = 74
    INVALID_REPLICA_SET_CONFIG = 93
    NOT_YET_INITIALIZED = 94
    NEW_REPLICA_SET_CONFIGURATION_INCOMPATIBLE = 103
    COMMAND_FAILED = 125
    EXCEEDED_TIME_LIMIT = 262
    NOT_WRITABLE_PRIMARY = 10107
    USER_ALREADY_EXISTS = 51003


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """What a command is answered with when it is not carried out."""

    def __init__(self, code: Code | None, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def document(self) -> dict[str, object]:
        """The reply; some real refusals carry no code."""
        if self.code is None:
            return {"ok": 0.0, "errmsg": str(self)}
        name = "".join(word.capitalize() for word in self.code.name.split("_"))
        return {"ok": 0.0, "errmsg": str(self), "code": int(self.code), "codeName": name}
