"""A hook of MkDocs: pictures that are not drawn yet are left out of the page."""

import re
from typing import Any

DRAWN_LATER = "performance/"
"""Under this path lie the pictures that `make bench` draws; before its first run there are none."""

_PICTURE = re.compile(rf"!\[[^\]]*\]\(({DRAWN_LATER}[^)]+)\)\n?|\[{DRAWN_LATER}\]\([^)]+\)")


def on_page_markdown(markdown: str, *, files: Any, **_: Any) -> str:
    """Keep the pictures that are there; a folder is named, and not led to."""
    there = {each.src_uri for each in files}

    def kept(found: re.Match[str]) -> str:
        if found[1] is None:
            return f"`docs/{DRAWN_LATER}`"
        return found[0] if found[1] in there else ""

    return _PICTURE.sub(kept, markdown)
