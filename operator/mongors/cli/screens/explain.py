"""The sentences of `explain`, as lines. Pure."""

from collections.abc import Sequence

from mongors.cli.layout import Line, Style, paragraph

_WAY = "What to do"


def explain_screen(sentences: Sequence[str], width: int, *, is_ready: bool) -> list[Line]:
    """One sentence after the other; the first in the colour of the set's health."""
    lines = list[Line]()
    for number, each in enumerate(sentences):
        health = Style.GOOD if is_ready else Style.BAD
        style = health if number == 0 else Style.TITLE if each.startswith(_WAY) else Style.PLAIN
        lines += paragraph(each, width, style, rest="  ")
    return lines
