"""Writing to the terminal: colours where they are wanted, plain text everywhere else."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import yaml

from mongors.cli.layout import Line, Style, text_of

_COLOURS = {
    Style.PLAIN: "",
    Style.TITLE: "bold",
    Style.QUIET: "dim",
    Style.GOOD: "green",
    Style.BAD: "bold red",
    Style.UNSURE: "yellow",
}

WIDEST = 120
"""Columns beyond which lines are hard to read."""


def width() -> int:
    """The columns to use: those of the terminal, or 80."""
    return max(60, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def wants_colours() -> bool:
    """Whether the output is a terminal, and nobody asked for plain text."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def show(lines: Iterable[Line]) -> None:
    """Print lines."""
    if not wants_colours():
        click.echo(text_of(lines))
        return
    from rich.console import Console  # noqa: PLC0415 - only where there are colours

    Console().print(rich_text(lines), soft_wrap=True)


def show_value(value: Any, form: str) -> None:
    """Print a value as JSON or YAML."""
    if form == "json":
        click.echo(json.dumps(value, indent=2, default=str))
    else:
        click.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True).rstrip())


class Watched:
    """One screen after the other, in the same place on a terminal."""

    def __init__(self, live: Any = None) -> None:
        self._live = live

    def show(self, lines: list[Line]) -> None:
        """Show the next screen."""
        if self._live is None:
            click.echo(text_of(lines) + "\n")
        else:
            self._live.update(rich_text(lines), refresh=True)


@contextmanager
def watched() -> Iterator[Watched]:
    """A place for screens that follow each other."""
    if not wants_colours():
        yield Watched()
        return
    from rich.live import Live  # noqa: PLC0415 - only where there are colours

    with Live(auto_refresh=False, vertical_overflow="crop") as live:
        yield Watched(live)


def rich_text(lines: Iterable[Line]) -> Any:
    """The lines in colours, as Rich takes them."""
    from rich.text import Text  # noqa: PLC0415 - only where there are colours

    each = (Text.assemble(*((span.text, _COLOURS[span.style]) for span in line)) for line in lines)
    return Text("\n").join(each)
