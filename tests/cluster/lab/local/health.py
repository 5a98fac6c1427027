"""Whether the cluster really works: nodes, names and volumes, asked of the parts themselves."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..console import LabError
from ..programs import run, succeeds
from .network import inside
from .plan import DNS_SERVICE, Plan

_POLL_SECONDS = 0.25
_ASK_SECONDS = 10.0


def wait_until(what: str, check: Callable[[], bool], seconds: float) -> None:
    """Poll until a check holds; name what did not come if it does not."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise LabError(f"not within {seconds:.0f} s: {what}")
        time.sleep(_POLL_SECONDS)


def ready_nodes(kubectl: Sequence[str]) -> frozenset[str]:
    """Ask the API server which nodes are Ready; none if it does not answer."""
    try:
        listed = run([*kubectl, "get", "nodes", "--output=json"], timeout=_ASK_SECONDS)
    except LabError:
        return frozenset()
    return parse_ready(json.loads(listed))


def parse_ready(nodes: dict[str, Any]) -> frozenset[str]:
    """Pick the names of the Ready nodes out of a NodeList."""
    return frozenset(
        item["metadata"]["name"]
        for item in nodes["items"]
        for condition in item["status"].get("conditions", [])
        if condition["type"] == "Ready" and condition["status"] == "True"
    )


def dns_answers(plan: Plan) -> bool:
    """Ask the cluster's DNS from a node, through the Service address and its packet filter."""
    name = "kubernetes.default.svc.cluster.local"
    lookup = ["timeout", "2", "busybox", "nslookup", name, DNS_SERVICE]
    return succeeds([*inside(plan.namespace(plan.nodes[0])), *lookup], timeout=_ASK_SECONDS)


def provisioner_works(log: Path) -> bool:
    """Tell whether the volume provisioner has come so far as to watch for claims."""
    return log.exists() and "Started provisioner controller" in log.read_text(errors="replace")
