"""An operator that ends itself with SIGKILL, before or after its n-th call that changes something.

    python -m faults.dying before 7
    python -m faults.dying frozen replSetStepDown    stops itself before the first such call, once

Calls that only ask are not counted. An operator remembers nothing from one call to the next, so
to die at a question is to die after the change before it. Nor are those of the Lease, by which
nothing is changed, nor notes in the oplog, of which there are more or fewer each time. Each call
that counts is written to stderr as `call 7: patch pods mongo-0`.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mongors.__main__ import main
from mongors.door import stand_by

BEFORE, AFTER, FROZEN, NEVER = "before", "after", "frozen", "never"
ASKING = frozenset({
    "get", "hello", "buildInfo", "replSetGetStatus", "replSetGetConfig", "getParameter",
    "getDefaultRWConcern", "serverStatus", "collStats", "usersInfo", "appendOplogNote",
})  # fmt: skip
UNCOUNTED = ("leases.coordination.k8s.io", "selfsubjectaccessreviews.authorization.k8s.io")
TOLD = "call "


def changes_something(call: str) -> bool:
    """Whether a call, in the words of the door, asks for a change."""
    verb, about, *_ = call.split()
    return verb not in ASKING and about not in UNCOUNTED


class Frost:
    """Stands by the door, and stops the process before the first call that begins like this."""

    def __init__(self, call: str) -> None:
        self._call = call
        self._is_over = False

    @contextmanager
    def __call__(self, call: str) -> Iterator[None]:
        if call.startswith(self._call) and not self._is_over:
            self._is_over = True
            os.kill(os.getpid(), signal.SIGSTOP)
        yield


class Death:
    """Stands by the door, counts, and ends the process at its time."""

    def __init__(self, when: str, at: int) -> None:
        self._when = when
        self._at = at
        self._count = 0

    @contextmanager
    def __call__(self, call: str) -> Iterator[None]:
        is_mine = False
        if changes_something(call):
            self._count += 1
            is_mine = self._count == self._at
            print(f"{TOLD}{self._count}: {call}", file=sys.stderr, flush=True)
        if is_mine and self._when == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        yield
        if is_mine and self._when == AFTER:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    when, at = sys.argv[1:]
    stand_by(Frost(at) if when == FROZEN else Death(when, int(at)))
    sys.exit(main([]))
