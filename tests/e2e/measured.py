"""What a scenario cost and what it kept, as a line for the table in docs/reliability.md.

Set MONGORS_MEASURED to a file: every scenario adds a line of JSON to it. The table is made of it by
`PYTHONPATH=tests .venv/bin/python -m e2e.measured FILE`.
"""

import json
import os
import sys
from pathlib import Path

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
        "unrepeated": len(writer.unrepeated),
        "lost": lost,
        "test": os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0],
    }
    with open(file, "a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


def table(lines: list[str]) -> str:
    """The lines as a table in Markdown; of a scenario that was run twice, the last."""
    rows = {each["scenario"]: each for each in map(json.loads, lines)}
    columns = ("longest gap, s", "elections", "reconfigs", "acknowledged", "lost", "test")
    head = (f"| scenario | injected | {' | '.join(columns)} |", "|---" * 8 + "|")
    return "\n".join((*head, *(_row(each) for each in rows.values())))


def _row(row: dict[str, object]) -> str:
    test = str(row["test"]).partition("::")[2].partition("[")[0]
    named = ("scenario", "injected", "gap", "elections", "reconfigs", "acknowledged", "lost")
    return " | ".join(("|", *(str(row[each]) for each in named), f"`{test}` |")).replace("| |", "|")


if __name__ == "__main__":
    print(table(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))
