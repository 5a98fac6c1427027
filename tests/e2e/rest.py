"""Rest for the operator, while a test looks at what the API server does by itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from e2e.sets import Kubectl

HOME = "--namespace=mongors"
DEPLOYMENT = "deployment/mongors"


@contextmanager
def operator_at_rest(kubectl: Kubectl) -> Iterator[None]:
    """Stop the operator, if one is installed, and start it again afterwards."""
    found = kubectl("get", DEPLOYMENT, HOME, "--ignore-not-found", "--output=json")
    spec: dict[str, Any] = json.loads(found.stdout)["spec"] if found.stdout else {"replicas": 0}
    if not spec["replicas"]:
        yield
        return
    labels = ",".join(f"{key}={value}" for key, value in spec["selector"]["matchLabels"].items())
    _must(kubectl, "scale", DEPLOYMENT, "--replicas=0")
    _must(kubectl, "wait", "pods", f"--selector={labels}", "--for=delete", "--timeout=60s")
    try:
        yield
    finally:
        _must(kubectl, "scale", DEPLOYMENT, f"--replicas={spec['replicas']}")
        _must(kubectl, "rollout", "status", DEPLOYMENT, "--timeout=60s")


def _must(kubectl: Kubectl, *args: str) -> None:
    done = kubectl(*args, HOME)
    assert done.returncode == 0, done.stderr
