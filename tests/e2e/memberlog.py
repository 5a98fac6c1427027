"""What the members of a set have written to their logs, in mongod's JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Protocol

from e2e.sets import Raw


class WithLogs(Protocol):
    """A set whose pods can be asked for their logs, whoever made it."""

    def run(self, *args: str) -> str:
        """Run kubectl in its namespace."""

    def pods(self) -> Sequence[Raw]:
        """List its pods, in ordinal order."""


def logs_of(members: WithLogs) -> list[str]:
    """The text of each member's log, in ordinal order."""
    return [log_of(members, pod["metadata"]["name"]) for pod in members.pods()]


def log_of(members: WithLogs, pod: str) -> str:
    """The text of one member's log, since its mongod started."""
    return members.run("logs", pod, "--container=mongod")


def entries(log: str) -> Iterator[Raw]:
    """The lines of a log that are JSON."""
    return (json.loads(line) for line in log.splitlines() if line.startswith("{"))
