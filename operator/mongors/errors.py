"""How a request to the outside can fail: five answers, and what each asks of the caller.

Edges translate what their clients raise into these; nothing above them looks at a status code
or at the text of a message.
"""


class Failure(Exception):  # noqa: N818 - an answer, as its kinds are; not a bug
    """An outside that did not do what was asked; the message is fit for people and for logs."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Retry(Failure):
    """The answer is unknown or "not now": network, timeout, 429, 5xx. Ask again later."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after
        """Seconds that the other side asked to be left alone, if it said so."""


class NotNow(Retry):
    """A disruption budget does not allow it now: somebody else is out of service already."""


class Refused(Failure):
    """A precondition no longer holds, so the plan was made on an old picture. Look again."""


class NotInitiated(Refused):
    """A mongod knows of no replica set, or has not loaded its configuration yet."""


class Unfit(Refused):
    """A configuration is refused: the live one changed meanwhile, or this one breaks a rule."""


class Denied(Failure):
    """The other side does not let us: a permission is missing or a login is not accepted."""

    def __init__(self, message: str, verb: str, resource: str) -> None:
        super().__init__(message)
        self.verb = verb
        self.resource = resource


class Altered(Failure):
    """The other side took the request, and kept something else than was asked for."""


class Rejected(Failure):
    """The object itself is wrong; asking again with the same object cannot help."""
