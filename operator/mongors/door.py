"""The one door: each request to the API server and each command to a mongod passes it.

Only the watches go by another way, for they change nothing. Whoever wants to know of all calls
stands by this door: what counts them, or a trial that lets the operator die before any of them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

Bystander = Callable[[str], AbstractContextManager[None]]
"""Is told what is called, in words like `patch pods mongo-0` or `replSetInitiate 10.0.0.7:27017`;
the call takes place inside of what it returns."""

_bystanders: list[Bystander] = []


@contextmanager
def passing(call: str) -> Iterator[None]:
    """Let one call out, under the eyes of all bystanders."""
    with ExitStack() as eyes:
        for each in _bystanders:
            eyes.enter_context(each(call))
        yield


def stand_by(bystander: Bystander) -> Callable[[], None]:
    """Be told of every call from now on; returns how to leave."""
    _bystanders.append(bystander)
    return lambda: _bystanders.remove(bystander)
