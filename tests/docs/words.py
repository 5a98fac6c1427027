"""The page of all conditions, reasons and Events, made from the lists in the code."""

from collections.abc import Iterable, Iterator

from docs.markdown import table
from mongors.api.conditions import ConditionType
from mongors.api.reasons import EventReason, Explained, Reason
from mongors.cli.ways_out import way_out

UNTOLD: frozenset[Explained] = frozenset({Reason.INTERNAL_ERROR, EventReason.BEGUN_ANEW})
"""On the lists, and told by no code: whoever read of them here would wait in vain."""

_TROUBLE_WHEN_TRUE = {ConditionType.STALLED, ConditionType.DATA_LOSS_POSSIBLE}

_BEGIN = """\
<!-- Made from operator/mongors/api by `make reference`; edits here are lost. -->
# Conditions, reasons, Events

What a set says of itself. `kubectl describe mrs NAME` shows all of it; `kubectl mongors explain
NAME` says it in sentences. [Troubleshooting](troubleshooting.md) begins with these words and ends
with what to do.

## Conditions

Each has a status (`True`, `False` or `Unknown`), a reason, a message in words, and the generation
of the spec that it speaks about. So `kubectl wait --for=condition=Ready` waits for the spec that
you applied last, not for the one before.
"""

_REASONS = """\
## Reasons

A program may rely on these words; messages are for people and change. Where the last column is
empty, waiting is all there is to do.
"""

_EVENTS = """\
## Events

One for each act, each refusal, and each turn for better or worse. They stand at the resource, not
at the pods. Kubernetes keeps Events for an hour unless it is set up otherwise.
"""


def render() -> str:
    """Return the page, as it lies in docs/."""
    parts = (
        _BEGIN,
        table(("condition", "what it says", "trouble when"), _conditions()),
        _REASONS,
        table(("reason", "what it means", "what to do"), _reasons()),
        _EVENTS,
        table(("reason of the Event", "what it tells"), _meanings(told(EventReason))),
    )
    return "\n".join(parts)


def told(words: Iterable[Explained]) -> list[Explained]:
    """The words that some code says, in alphabetical order."""
    return sorted(word for word in words if word not in UNTOLD)


def _conditions() -> Iterator[tuple[str, str, str]]:
    for each in ConditionType:
        bad = "`True`" if each in _TROUBLE_WHEN_TRUE else "`False`"
        yield f"`{each}`", each.meaning, "" if each is ConditionType.RECONCILING else bad


def _reasons() -> Iterator[tuple[str, str, str]]:
    for word, meaning in _meanings(told(Reason)):
        yield word, meaning, way_out(Reason(word.strip("`"))) or ""


def _meanings(words: Iterable[Explained]) -> Iterator[tuple[str, str]]:
    return ((f"`{each}`", each.meaning) for each in words)
