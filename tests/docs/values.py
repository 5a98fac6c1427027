"""The page of the chart's values, made from values.yaml: its keys, defaults and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from docs.markdown import ROOT, table

VALUES = ROOT / "deploy/chart/mongors/values.yaml"

_BEGIN = """\
<!-- Made from deploy/chart/mongors/values.yaml by `make reference`; edits here are lost. -->
# Values of the chart

What `helm upgrade --install mongors deploy/chart/mongors` takes with `--set`, or in a file with
`--values`. Names and types are checked before anything is installed: a value that is misspelt is
refused.
"""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the chart; a group of values has no default of its own."""

    name: str
    default: str | None
    said: str


def described() -> list[Value]:
    """Every value and group, in the order of the file, with its comment."""
    text = VALUES.read_text()
    root = yaml.compose(text)
    assert isinstance(root, yaml.MappingNode)
    return list(_described(root, "", text.splitlines()))


def _described(node: yaml.MappingNode, above: str, lines: list[str]) -> Iterator[Value]:
    for key, value in node.value:
        name, said = f"{above}{key.value}", _comment(lines, key.start_mark.line)
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            yield Value(name, None, said)
            yield from _described(value, f"{name}.", lines)
        else:
            yield Value(name, _source(value), said)


def _source(node: yaml.Node) -> str:
    start, end = node.start_mark, node.end_mark
    return str(start.buffer)[start.pointer : end.pointer].strip()


def _comment(lines: list[str], line: int) -> str:
    """What stands above a line, without a gap, and behind it."""
    behind = re.search(r"\s# (.*)$", lines[line])
    above = list[str]()
    while line > 0 and (found := re.fullmatch(r"\s*# (.*)", lines[line - 1])):
        above.insert(0, found[1])
        line -= 1
    return " ".join([*above, *([behind[1]] if behind else [])])


def render() -> str:
    """Return the page, as it lies in docs/."""
    values = described()
    groups = [each for each in values if each.default is None]
    parts = [_BEGIN, _table([each for each in values if "." not in each.name])]
    for group in groups:
        members = [each for each in values if each.name.rpartition(".")[0] == group.name]
        parts += [f"## {group.name}\n", *([f"{_text(group.said)}\n"] if group.said else [])]
        parts.append(_table(members))
    return "\n".join(parts)


def _table(values: list[Value]) -> str:
    rows = [
        (f"`{each.name}`", f"`{each.default}`", _text(each.said))
        for each in values
        if each.default is not None
    ]
    return table(("value", "default", "what it is"), rows)


def _text(said: str) -> str:
    """A comment as a sentence; braces are no Markdown."""
    said = re.sub(r"(\[?\{[^}]*\}\]?)", r"`\1`", said)
    return f"{said[:1].upper()}{said[1:]}" + ("" if said.endswith((".", ":")) else ".")
