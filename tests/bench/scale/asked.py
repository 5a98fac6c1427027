"""What the operator asked of the API server, read in the audit log from where it had come to."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.scale.process import ACCOUNT

USER = f"system:serviceaccount:{':'.join(ACCOUNT)}"

Raw = dict[str, Any]


class Audit:
    """Reads on in the log at every call."""

    def __init__(self, log: Path) -> None:
        self._lines = log.open(encoding="utf-8")
        self._lines.seek(0, 2)
        self._rest = ""

    def new(self) -> list[Raw]:
        """All finished requests since the last call, the operator's and others'."""
        return list(self._entries())

    def _entries(self) -> Iterator[Raw]:
        for line in self._lines:
            if not line.endswith("\n"):
                self._rest += line
                return
            whole, self._rest = self._rest + line, ""
            yield json.loads(whole)


def of_operator(entries: list[Raw]) -> list[Raw]:
    """Those that the operator sent."""
    return [each for each in entries if each["user"]["username"] == USER]


def by_verb(entries: list[Raw]) -> Counter[str]:
    """How many of each, such as `patch pods`."""
    return Counter(f"{each['verb']} {_what(each)}" for each in entries)


def of_set(entries: list[Raw], name: tuple[str, str]) -> list[Raw]:
    """Those about one set: its resource, and the objects whose names begin with its own."""
    return [
        each
        for each in entries
        if each.get("objectRef", {}).get("namespace") == name[0]
        and each["objectRef"].get("name", "").startswith(name[1])
    ]


def received(entry: Raw) -> datetime:
    """When a request arrived."""
    return datetime.fromisoformat(entry["requestReceivedTimestamp"])


def answered(entry: Raw) -> datetime:
    """When it was answered."""
    return datetime.fromisoformat(entry["stageTimestamp"])


def _what(entry: Raw) -> str:
    about = entry.get("objectRef", {})
    subresource = f"/{about['subresource']}" if "subresource" in about else ""
    return f"{about.get('resource', entry['requestURI'])}{subresource}"
