"""Lines of styled text for a terminal of a given width: facts, tables, paragraphs. Pure.

What a line looks like is decided here once, so a screen in colours and one in plain text are the
same screen.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """What a piece of text means to the eye."""

    PLAIN = "plain"
    TITLE = "title"
    QUIET = "quiet"
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: Style = Style.PLAIN


Line = tuple[Span, ...]

EMPTY: Line = ()

_LABEL = 11
"""Columns of the labels in front of facts."""

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; one that may shrink gives way when the table is too wide."""

    title: str
    shrinks: bool = False
    right: bool = False


def line(text: str, style: Style = Style.PLAIN) -> Line:
    """A line of one piece."""
    return (Span(text, style),)


def text_of(lines: Iterable[Line]) -> str:
    """The lines as plain text."""
    return "\n".join("".join(span.text for span in each).rstrip() for each in lines)


def paragraph(
    text: str, width: int, style: Style = Style.PLAIN, *, first: str = "", rest: str | None = None
) -> list[Line]:
    """Text broken into lines, the first and the others behind an indent."""
    wrapped = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line(each, style) for each in wrapped]


def facts(pairs: Iterable[tuple[str, str | Span]], width: int) -> list[Line]:
    """Labels with what there is to say about each, long ones over several lines."""
    lines = list[Line]()
    for label, said in pairs:
        value = said if isinstance(said, Span) else Span(said)
        wrapped = textwrap.wrap(
            value.text, width - _LABEL - 2, break_on_hyphens=False, break_long_words=False
        )
        for number, piece in enumerate(wrapped or ["-"]):
            title = label if number == 0 else ""
            head = Span(f"  {title:<{_LABEL}}", Style.QUIET)
            lines.append((head, Span(piece, value.style)))
    return lines


def table(columns: Sequence[Column], rows: Sequence[Sequence[Span]], width: int) -> list[Line]:
    """Rows under titles; what does not fit is cut with an ellipsis where a column may shrink."""
    cells = [[Span(each.title, Style.QUIET) for each in columns], *rows]
    widths = [max(len(row[at].text) for row in cells) for at in range(len(columns))]
    widths = _shrunk(columns, widths, width - len(_GAP) * (len(columns) - 1))
    return [_row(columns, row, widths) for row in cells]


def _shrunk(columns: Sequence[Column], widths: list[int], room: int) -> list[int]:
    while sum(widths) > room:
        may = [at for at, each in enumerate(columns) if each.shrinks and widths[at] > _LABEL]
        if not may:
            return widths
        widest = max(may, key=lambda at: widths[at])
        widths = [each - (at == widest) for at, each in enumerate(widths)]
    return widths


def _row(columns: Sequence[Column], row: Sequence[Span], widths: Sequence[int]) -> Line:
    spans = list[Span]()
    for column, cell, width in zip(columns, row, widths, strict=True):
        text = cell.text if len(cell.text) <= width else cell.text[: width - 1] + "…"
        padded = text.rjust(width) if column.right else text.ljust(width)
        spans += (Span(padded, cell.style), Span(_GAP))
    return tuple(spans[:-1])
