"""Takes the picture of `kubectl mongors status` in the README, of a set that really runs.

tests/cluster/cluster exec -- .venv/bin/python -m docs.screenshot NAMESPACE NAME
"""

import asyncio
import re
import sys
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from docs.markdown import DOCS
from mongors.cli.cluster import connected
from mongors.cli.looking import look
from mongors.cli.output import rich_text
from mongors.cli.place import Place
from mongors.cli.screens.status import status_screen
from mongors.cli.view import View, view_of

TARGET = DOCS / "pictures" / "status.svg"
COLUMNS = 92
_FONTS_FROM_ELSEWHERE = re.compile(r"@font-face \{.*?\}", re.DOTALL)


async def seen(namespace: str, name: str) -> View:
    """Look at a set as `status` does."""
    place = Place(namespace, None, None, direct=False)
    async with connected(place) as cluster:
        return view_of(await look(cluster, name, lambda: datetime.now(UTC)))


def picture(view: View, name: str) -> str:
    """The screen as an SVG that loads nothing from anywhere."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(rich_text(status_screen(view, COLUMNS)), soft_wrap=True)
    svg = console.export_svg(title=f"kubectl mongors status {name}", unique_id="status")
    return _FONTS_FROM_ELSEWHERE.sub("", svg)


def main() -> None:
    """Look, and draw."""
    namespace, name = sys.argv[1:]
    drawn = picture(asyncio.run(seen(namespace, name)), name)
    TARGET.write_text("\n".join(each.rstrip() for each in drawn.splitlines()) + "\n")


if __name__ == "__main__":
    main()
