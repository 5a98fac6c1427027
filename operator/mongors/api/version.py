"""MongoDB server versions: which are accepted, and how one may follow another."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import WithJsonSchema

from mongors.api.rules import Rule

SERIES = ("4.4", "5.0", "6.0", "7.0", "8.0")
"""The supported major series, oldest first. Rapid releases (7.1 to 7.3, …) are left out: each
lives for three months, and a set cannot leave one without taking the next."""

_EXACT = "[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{1,3}"
_KNOWN = f"[{', '.join(repr(series) for series in SERIES)}]"
_TEXT = "type(self) != string"  # a number was refused already
_INEXACT = f"{_TEXT} || !self.matches('^{_EXACT}$')"
_OWN_SERIES = "self.substring(0, self.lastIndexOf('.'))"


def series_of(version: str) -> str:
    """Return the major series of a version, "6.0" of "6.0.5", which is also its newest FCV."""
    return version.rpartition(".")[0]


def major_of(version: str) -> tuple[int, int]:
    """Return the major series as numbers that can be compared, (6, 0) of "6.0.5"."""
    major, minor = series_of(version).split(".")
    return int(major), int(minor)


def is_exact(version: str) -> bool:
    """Tell whether a text names one release: three numbers, nothing else."""
    return re.fullmatch(_EXACT, version) is not None


NUMBER = Rule(
    cel="type(self) == string",
    message='put the version in quotes, such as "6.0.5": without them YAML reads a number',
)
EXACT = Rule(
    cel=f"{_TEXT} || self.matches('^{_EXACT}$')",
    message=(
        'version must name one exact release in three numbers, such as "6.0.5"; "latest", a major '
        "alone and ranges are refused, so that all members run the same program and nothing "
        "upgrades by itself"
    ),
    holds=is_exact,
)
SUPPORTED = Rule(
    cel=f"{_INEXACT} || {_OWN_SERIES} in {_KNOWN}",
    message=(
        f"this MongoDB version is not supported; use a release of {', '.join(SERIES)} "
        "(rapid releases such as 7.3 are never supported)"
    ),
    holds=lambda version: not is_exact(version) or series_of(version) in SERIES,
)


def _none_of(moves: Iterable[tuple[str, str]], new: str, old: str) -> str:
    """Write in CEL that no such move is made; its cost budget has room for prefixes only."""
    return " && ".join(
        f"!({old}.startsWith('{start}.') && {new}.startsWith('{end}.'))" for start, end in moves
    )


_SKIPS = [(old, new) for at, old in enumerate(SERIES) for new in SERIES[at + 2 :]]
_DESCENTS = [(old, new) for at, old in enumerate(SERIES) for new in SERIES[:at]]

NOT_SKIPPED = Rule(
    cel=f"{_TEXT} || type(oldSelf) != string || ({_none_of(_SKIPS, 'self', 'oldSelf')})",
    message=(
        "a major version cannot be skipped: go through every one of "
        f"{', '.join(SERIES)}, and before each step wait until the set is Ready and its "
        "featureCompatibilityVersion is raised"
    ),
)

Version = Annotated[
    str,
    WithJsonSchema({"x-kubernetes-int-or-string": True, "maxLength": 16}),
    NUMBER,
    EXACT,
    SUPPORTED,
    NOT_SKIPPED,
]
"""An exact version of a supported series. A number is let through to CEL for the better message."""

NOT_LOWERED = Rule(  # on the whole object, because it looks at the status
    cel=(
        "type(self.spec.version) != string || type(oldSelf.spec.version) != string "
        f"|| ({_none_of(_DESCENTS, 'self.spec.version', 'oldSelf.spec.version')}) "
        "|| (has(self.status) && has(self.status.featureCompatibilityVersion) "
        "&& self.spec.version.startsWith(self.status.featureCompatibilityVersion + '.'))"
    ),
    message=(
        "the major version cannot be lowered: the data files no longer fit the older program. "
        "It is possible only while status.featureCompatibilityVersion still names the older "
        "major; otherwise restore a backup into a new set"
    ),
    path=".spec.version",
)
