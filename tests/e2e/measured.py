"""What a scenario cost and what it kept, as a line for the table in docs/reliability.md.

Set MONGORS_MEASURED to a file: every scenario adds a line of JSON to it.
"""

import json
import os

from e2e.history import Watched
from e2e.writer import Writer


def measured(scenario: str, injected: str, writer: Writer, seen: Watched, lost: int = 0) -> None:
    """Note a scenario that has ended; call it after every member was checked."""
    file = os.environ.get("MONGORS_MEASURED")
    if not file:
        return
    line = {
        "scenario": scenario,
        "injected": injected,
        "gap": round(writer.longest_gap, 2),
        "elections": seen.elections,
        "reconfigs": len(seen.reconfigs),
        "acknowledged": len(writer.acknowledged),
        "errors": len(writer.errors),
        "lost": lost,
        "test": os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0],
    }
    with open(file, "a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")
