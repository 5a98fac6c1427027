"""Writes anew what is generated in docs/: `python -m docs.reference`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from docs import fields, gaps, marks, values, words
from docs.markdown import DOCS

GENERATED: Mapping[Path, Callable[[], str]] = {
    DOCS / "fields.md": fields.render,
    DOCS / "conditions.md": words.render,
    DOCS / "labels.md": marks.render,
    DOCS / "values.md": values.render,
    gaps.PAGE: gaps.render,
}
"""Each page, and what makes it."""


def main() -> None:
    """Write all of them."""
    for path, render in GENERATED.items():
        path.write_text(render())


if __name__ == "__main__":
    main()
