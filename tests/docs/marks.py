"""The page of all labels and annotations, made from the module that names them."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from docs.markdown import table
from mongors.desired import labels

_BEGIN = """\
<!-- Made from operator/mongors/desired/labels.py by `make reference`; edits here are lost. -->
# Labels and annotations

Everything that the operator marks objects with. What is asked of it by people are annotations of
the resource; the rest is the operator's own, and is put back when somebody changes it.
"""

BY_PEOPLE = "On the resource, by people: "


def described() -> dict[str, str]:
    """Every key, with what the module says under it."""
    tree = ast.parse(Path(labels.__file__).read_text())
    return dict(_described(tree.body))


def _described(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """A constant is described by the text that follows it."""
    for statement, after in pairwise(body):
        match statement, after:
            case (
                ast.AnnAssign(value=ast.Constant(value=str(key))),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield key, text


def render() -> str:
    """Return the page, as it lies in docs/."""
    rows = described().items()
    asked = [(f"`{k}`", _sentence(v.removeprefix(BY_PEOPLE))) for k, v in rows if BY_PEOPLE in v]
    own = [(f"`{k}`", v) for k, v in rows if BY_PEOPLE not in v]
    return "\n".join(
        [
            _BEGIN,
            "## By people\n",
            table(("annotation of the resource", "what it asks for"), asked),
            "## By the operator\n",
            table(("label, annotation or condition", "where, and what for"), own),
        ]
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
