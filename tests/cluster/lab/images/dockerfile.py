"""As much of a Dockerfile as is needed to know which images it starts from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_INSTRUCTION = re.compile(r"^\s*(ARG|FROM)\s+(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?(\w+)(?::-([^}]*))?\}?")


@dataclass(frozen=True, slots=True)
class Bases:
    """What a Dockerfile starts from: names written out, and arguments that hold a name."""

    names: frozenset[str]
    arguments: frozenset[str]


def bases(text: str) -> Bases:
    """Find the outside images; stages of the file itself and `scratch` are not outside."""
    defaults: dict[str, str] = {}
    stages = {"scratch"}
    names: set[str] = set()
    arguments: set[str] = set()
    for kind, rest in _INSTRUCTION.findall(text):
        if kind.upper() == "ARG":
            name, _, value = rest.partition("=")
            defaults.setdefault(name, value.strip("\"'"))
            continue
        words = [word for word in rest.split() if not word.startswith("--")]
        variable = _VARIABLE.fullmatch(words[0])
        if variable:
            arguments.add(variable.group(1))
        elif words[0] not in stages:
            names.add(_without_digest(_expand(words[0], defaults)))
        if len(words) == 3:
            stages.add(words[2])
    return Bases(frozenset(names), frozenset(arguments))


def _expand(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[2] or "", text)


def _without_digest(name: str) -> str:
    return name.partition("@")[0]
