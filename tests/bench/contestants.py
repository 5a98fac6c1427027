"""The two kinds of set that are measured side by side, and the kubectl that makes them."""

import subprocess

from bench.plain import Plain
from e2e.sets import ReplicaSet

Set = ReplicaSet | Plain


def kubectl(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run kubectl."""
    return subprocess.run(
        ["kubectl", *args], input=stdin, capture_output=True, text=True, check=False, timeout=240
    )
