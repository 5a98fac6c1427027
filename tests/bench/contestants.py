"""The two kinds of set that are measured side by side, and the kubectl that makes them."""

import subprocess

from bench.plain import Plain
from e2e.sets import Raw, ReplicaSet

Set = ReplicaSet | Plain


def uids(contestant: Set) -> set[str]:
    """The UIDs of the pods that there are."""
    return {pod["metadata"]["uid"] for pod in contestant.pods()}


def mongod_of(pod: Raw) -> Raw:
    """What kubelet says of the container that mongod runs in."""
    containers = pod["status"]["containerStatuses"]
    found: Raw = next(each for each in containers if each["name"] == "mongod")
    return found


def kubectl(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run kubectl."""
    return subprocess.run(
        ["kubectl", *args], input=stdin, capture_output=True, text=True, check=False, timeout=240
    )
