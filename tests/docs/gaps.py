"""Measured times in a page: taken from the table of docs/reliability.md, never typed."""

import re

from docs.markdown import DOCS, Page

PAGE = DOCS / "failures.md"
SOURCE = DOCS / "reliability.md"

_PLACE = re.compile(r"<!-- gap: (.+?) -->.*?<!-- end -->")
_COLUMNS = 8


def measured() -> dict[str, str]:
    """The longest gap of every scenario in the table, in seconds."""
    rows = (line.strip("| \n").split(" | ") for line in SOURCE.read_text().splitlines())
    return {row[0]: row[2] for row in rows if len(row) == _COLUMNS and row[2][0].isdigit()}


def render() -> str:
    """Return the page with the times that stand in the table now."""
    known = measured()

    def filled(found: re.Match[str]) -> str:
        return f"<!-- gap: {found[1]} -->{known[found[1]]}<!-- end -->"

    return _PLACE.sub(filled, Page(PAGE).text)
