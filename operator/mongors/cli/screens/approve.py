"""What waits for approval, as lines. Pure."""

from collections.abc import Sequence

from mongors.api.approval import WaitingPlan
from mongors.cli.layout import Line, Style, paragraph


def approval_screen(name: str, waiting: Sequence[WaitingPlan], width: int) -> list[Line]:
    """Each plan under its id, in words."""
    if not waiting:
        return paragraph(f"Nothing of {name} waits for approval.", width, Style.GOOD)
    lines = list[Line]()
    for each in waiting:
        lines += paragraph(each.id, width, Style.TITLE)
        lines += paragraph(each.plan, width, first="  ", rest="  ")
    return lines
