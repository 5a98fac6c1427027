"""Markdown as far as the documentation uses it: headings, links, fenced blocks, code in text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: in which language, and what."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One page of the documentation."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text()

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The fenced blocks."""
        return tuple(Block(found[1], found[2]) for found in _FENCE.finditer(self.text))

    @cached_property
    def prose(self) -> str:
        """What stands outside of fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The headings, without their marks."""
        return tuple(found[2] for found in _HEADING.finditer(self.prose))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where its links and pictures lead."""
        return tuple(found[1] for found in _LINK.finditer(_CODE.sub("code", self.prose)))

    @cached_property
    def code(self) -> tuple[str, ...]:
        """The code in its sentences."""
        return tuple(found[1] for found in _CODE.finditer(self.prose))


def pages() -> list[Page]:
    """All pages of the documentation."""
    return [Page(path) for path in sorted(DOCS.rglob("*.md"))]


def anchor(heading: str) -> str:
    """The anchor that MkDocs gives to a heading."""
    plain = unicodedata.normalize("NFKD", _text(heading)).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^\w\s-]", "", plain).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


def anchor_on_github(heading: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\s-]", "", _text(heading)).strip().lower().replace(" ", "-")


def _text(heading: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell does not end it."""
    lines = (heads, ["---"] * len(heads), *rows)
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def commands(page: Page) -> Iterator[str]:
    """The commands that a page has people type: lines of `console` that begin with a prompt.

    A command that ends with a backslash goes on in the next line.
    """
    for block in page.blocks:
        if block.language == "console":
            joined = block.text.replace("\\\n", " ")
            yield from (line[2:] for line in joined.splitlines() if line.startswith("$ "))
