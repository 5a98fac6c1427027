"""mongod's log for people: its JSON made readable, members put in order of time. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mongors.cli.layout import Line, Span, Style

_SEVERITIES = {"F": Style.BAD, "E": Style.BAD, "W": Style.UNSURE, "D": Style.QUIET}

_LONGEST_VALUE = 200
"""Characters of an attribute that are shown; the raw line has the rest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of one member's log."""

    member: str
    at: str
    """The moment as mongod wrote it, in UTC; of a line without one, that of the line before."""
    raw: str
    severity: str = ""
    component: str = ""
    context: str = ""
    message: str = ""
    attributes: Mapping[str, Any] | None = None


def entries(member: str, lines: Iterable[str]) -> Iterator[Entry]:
    """The lines of one member, each with a moment to put it in order by."""
    last = ""
    for raw in lines:
        if raw.strip():
            entry = entry_of(member, raw, last)
            last = entry.at
            yield entry


def entry_of(member: str, raw: str, last: str = "") -> Entry:
    """One line; what is not mongod's JSON is kept as it is."""
    try:
        said = json.loads(raw)
        moment = said["t"]["$date"]
    except (ValueError, KeyError, TypeError):
        return Entry(member, last, raw, message=raw)
    return Entry(
        member,
        at=_in_utc(str(moment)),
        raw=raw,
        severity=str(said.get("s", "")),
        component=str(said.get("c", "")),
        context=str(said.get("ctx", "")),
        message=str(said.get("msg", "")),
        attributes=said.get("attr") if isinstance(said.get("attr"), dict) else None,
    )


def in_order(found: Iterable[Entry]) -> list[Entry]:
    """Entries in order of time: threads of one mongod write theirs a little out of it as well.

    What was written at the same moment, or tells none, stays behind what was before it.
    """
    return sorted(found, key=lambda each: each.at)


def pretty(entry: Entry, widest: int = 0) -> Line:
    """One entry as a line: time, member, severity, component, message, attributes."""
    style = _SEVERITIES.get(entry.severity, Style.PLAIN)
    clock = entry.at[11:23] or "-"
    attributes = " ".join(_attributes(entry.attributes or {}))
    return (
        Span(f"{clock:<12} ", Style.QUIET),
        Span(f"{entry.member:<{widest}} ", Style.TITLE),
        Span(f"{entry.severity or '-'} {entry.component or '-':<8} ", style),
        Span(entry.message, style),
        Span(f"  {attributes}" if attributes else "", Style.QUIET),
    )


def _attributes(attributes: Mapping[str, Any]) -> Iterator[str]:
    for key, value in attributes.items():
        said = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        said = said if len(said) <= _LONGEST_VALUE else said[:_LONGEST_VALUE] + "…"
        yield f"{key}={json.dumps(said) if ' ' in said and isinstance(value, str) else said}"


def _in_utc(moment: str) -> str:
    """A moment that sorts as text: containers run in UTC, and say so in one of two ways."""
    return moment.removesuffix("Z").removesuffix("+00:00")
