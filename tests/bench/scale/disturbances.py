"""The steps in which something goes wrong, and how the sets fare."""

import random
import subprocess
import time
from typing import Any

from kubernetes import client
from urllib3.exceptions import HTTPError

from bench.scale.crowd import GROUP, PLURAL
from bench.scale.process import Operator
from bench.scale.steps import Stage, Values, changed, changes, in_ms
from bench.waiting import wait_until
from faults.proxy import Proxy
from faults.troubles import Ask, Seen, answered, calm

HANGING_SHARE = 0.1
REFUSED_SHARE = 0.3


def flapping(operator: Operator, core: Any, seconds: float) -> Values:
    """A hundredth of the pods says each second that its mongod is not ready, then that it is."""
    pods = [
        (each.metadata.namespace, each.metadata.name)
        for each in core.list_pod_for_all_namespaces(resource_version="0").items
        if each.metadata.name.startswith("set-")
    ]
    each_second = max(1, len(pods) // 100)
    before, deadline = operator.sample(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.monotonic()
        for namespace, name in random.sample(pods, each_second):
            for ready in ("False", "True"):
                condition = {"type": "ContainersReady", "status": ready}
                body = {"status": {"conditions": [condition]}}
                core.patch_namespaced_pod_status(name, namespace, body)
        time.sleep(max(0.0, began + 1 - time.monotonic()))
    return {"flapping pods, CPU": (operator.sample().share_since(before), "% of a core")}


def hanging(stage: Stage, count: int) -> Values:
    """The members of every tenth set hang: how the others' changes fare meanwhile."""
    names = stage.crowd.names
    ill = random.sample(names, max(1, int(len(names) * HANGING_SHARE)))
    for each in ill:
        stage.mongods.hang(*each, hang=True)
    wait_until(
        lambda: stage.crowd.ready() <= len(names) - len(ill) // 2,
        300, lambda: "half of those that hang are noticed",
    )  # fmt: skip
    well = [each for each in names if each not in set(ill)]
    figures = changes(stage, well, count, "a tenth hangs")
    for each in ill:
        stage.mongods.hang(*each, hang=False)
    stage.crowd.await_all_ready()
    return figures


def api_server_away(stage: Stage, seconds: float) -> Values:
    """The API server is ended and started again: from its answering to a change being reported."""
    _cluster(stage, "halt", "kube-apiserver")
    time.sleep(seconds)
    _cluster(stage, "resume", "kube-apiserver")
    wait_until(_answers, 60, lambda: "the API server answers")
    began = time.monotonic()
    name = random.choice(stage.crowd.names)
    stage.crowd.reported_after(name, stage.crowd.change(name))
    return {"API server back, until a change is reported": (time.monotonic() - began, "s")}


def _answers() -> bool:
    """Whether it knows our resources again, which it does last."""
    sets: Any = client.CustomObjectsApi()
    try:
        sets.list_cluster_custom_object(*GROUP, PLURAL, limit=1, _request_timeout=2)
    except (HTTPError, client.ApiException):
        return False
    return True


def _cluster(stage: Stage, *words: str) -> None:
    subprocess.run([*stage.cluster, *words], check=True)


async def often_refused(seen: Seen, request: Any, ask: Ask) -> Any:
    """Three of ten requests are answered with 429 and "again in a second"; the Lease is not."""
    refuse = answered(429, "TooManyRequests", "the server is busy", retry_after=1)
    hit = not seen.is_of_lease and not seen.is_watch and random.random() < REFUSED_SHARE
    return await (refuse if hit else calm)(seen, request, ask)


def refusals(stage: Stage, proxy: Proxy, count: int) -> Values:
    """A busy API server: changes through a proxy that passes all on, and one that often refuses."""
    names = stage.crowd.names
    figures = in_ms("through a proxy, reported", changed(stage, names, count).values())
    proxy.trouble = often_refused
    refused = changed(stage, names, count)
    proxy.trouble = calm
    return figures | in_ms("three of ten refused, reported", refused.values())
