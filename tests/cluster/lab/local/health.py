"""Whether names and volumes really work, asked of the parts themselves."""

import time
from collections.abc import Callable
from pathlib import Path

from cluster.lab.console import LabError
from cluster.lab.programs import succeeds

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


def dns_answers(plan: Plan) -> bool:
    """Ask the cluster's DNS by its Service address, from a node and from where programs enter."""
    name = "kubernetes.default.svc.cluster.local"
    lookup = ["timeout", "2", "busybox", "nslookup", name, DNS_SERVICE]
    places = (plan.namespace(plan.nodes[0]), plan.control_namespace)
    return all(succeeds([*inside(place), *lookup], timeout=_ASK_SECONDS) for place in places)


def provisioner_works(log: Path) -> bool:
    """Tell whether the volume provisioner has come so far as to watch for claims."""
    return log.exists() and "Started provisioner controller" in log.read_text(errors="replace")
