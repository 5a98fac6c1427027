"""Writes down all that clients did and all that was seen, for whoever has to find out what broke.

A line of JSON for each: the ids of writes by what became of them, the operations on every register,
and the looks at the set, in order. There is no secret in any of them.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from e2e.history import Watched
from e2e.writer import Writer
from faults.registers import Registers


def keep(folder: Path, writer: Writer, registers: Registers, seen: Watched) -> Path:
    """Write a new file in a folder, and name it."""
    handle, name = tempfile.mkstemp(".jsonl", "soak-", folder)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        for line in _lines(writer, registers, seen):
            out.write(json.dumps(line, default=str) + "\n")
    return Path(name)


def _lines(writer: Writer, registers: Registers, seen: Watched) -> Iterator[dict[str, Any]]:
    for fate in ("acknowledged", "failed", "unknown"):
        for each in getattr(writer, fate):
            yield {"write": str(each), "fate": fate}
    for said in (*writer.errors, *writer.unrepeated):
        yield {"error": said}
    for register, operations in registers.histories.items():
        for operation in operations:
            yield {"register": register, **asdict(operation)}
    for number, one in enumerate(seen.rounds):
        yield {"round": number, **asdict(one)}
