"""Under what circumstances figures were measured, noted beside them as a run begins.

python -m bench.circumstances births
"""

import argparse
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.manifests import IMAGE
from cluster.lab.builds import VERSION

ROOT = Path(__file__).resolve().parents[2]
NOTED = ROOT / "docs/performance/circumstances.json"
_GIB = 2**30


def circumstances() -> dict[str, str]:
    """What may matter of this machine and this checkout."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory / _GIB:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "Kubernetes": VERSION,
        "mongod": IMAGE,
    }


def noted() -> dict[str, dict[str, str]]:
    """The circumstances of each bench that was noted."""
    if not NOTED.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(NOTED.read_text(encoding="utf-8"))
    return found


def table(of: Mapping[str, Mapping[str, str]]) -> str:
    """A Markdown table with a column for each bench."""
    names = list(of)
    head = (f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|")
    rows = (
        f"| {what} | {' | '.join(of[name].get(what, '') for name in names)} |"
        for what in dict.fromkeys(what for each in of.values() for what in each)
    )
    return "\n".join((*head, *rows))


def _commit() -> str:
    def git(*args: str) -> str:
        return subprocess.check_output(["git", *args], cwd=ROOT, text=True).strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "operator", "tests")
    return git("rev-parse", "--short=10", "HEAD") + (" and changes" if changed else "")


def _processor() -> str:
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found[1] if found else platform.machine()


def main() -> None:
    """Note them for one bench; those of others stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", help="whose figures are about to be measured")
    given = parser.parse_args()
    text = json.dumps(noted() | {given.bench: circumstances()}, indent=2) + "\n"
    NOTED.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
