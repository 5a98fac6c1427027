"""Which nodes are Ready, asked through kubectl."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .console import LabError
from .programs import run

_ASK_SECONDS = 10.0


def ready_nodes(kubectl: Sequence[str], env: Mapping[str, str] | None = None) -> frozenset[str]:
    """Ask the API server which nodes are Ready; none if it does not answer."""
    ask = [*kubectl, "get", "nodes", "--output=json", "--request-timeout=5s"]
    try:
        listed = run(ask, timeout=_ASK_SECONDS, env=env)
    except LabError:
        return frozenset()
    return parse_ready(json.loads(listed))


def parse_ready(nodes: Mapping[str, Any]) -> frozenset[str]:
    """Pick the names of the Ready nodes out of a NodeList."""
    return frozenset(
        item["metadata"]["name"]
        for item in nodes["items"]
        for condition in item["status"].get("conditions", [])
        if condition["type"] == "Ready" and condition["status"] == "True"
    )
