"""Time to ready: from `kubectl apply` to Ready=True, and from the last pod Running to Ready.

Run it beside a cluster with the operator installed:
`tests/cluster/cluster exec -- .venv/bin/python tests/bench/births.py --members 3 --runs 10`
"""

import argparse
import json
import statistics
import time
from typing import Any
from uuid import uuid4

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

GROUP = ("mongors.io", "v1alpha1")
PLURAL = "mongoreplicasets"
PATIENCE_SECONDS = 180
LOOK_SECONDS = 0.05


def birth(members: int) -> tuple[float, float]:
    """Make one set and return both times, in seconds."""
    namespace = f"bench-{uuid4().hex[:8]}"
    core = client.CoreV1Api()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))
    try:
        began = time.monotonic()
        make(namespace, members)
        running = None
        while time.monotonic() - began < PATIENCE_SECONDS:
            if running is None and all_run(core, namespace, members):
                running = time.monotonic()
            if is_ready(namespace):
                ready = time.monotonic()
                return ready - began, ready - (running or ready)
            time.sleep(LOOK_SECONDS)
        raise SystemExit(f"not ready within {PATIENCE_SECONDS} s")
    finally:
        client.CustomObjectsApi().delete_namespaced_custom_object(
            *GROUP, namespace, PLURAL, "mongo"
        )
        core.delete_namespace(namespace)
        await_gone(core, namespace)


def make(namespace: str, members: int) -> None:
    """Create the smallest set."""
    client.CustomObjectsApi().create_namespaced_custom_object(
        *GROUP,
        namespace,
        PLURAL,
        {
            "apiVersion": "/".join(GROUP),
            "kind": "MongoReplicaSet",
            "metadata": {"name": "mongo"},
            "spec": {"members": members, "version": "6.0.5", "storage": {"size": "1Gi"}},
        },
    )


def all_run(core: client.CoreV1Api, namespace: str, members: int) -> bool:
    """Tell whether all pods are Running."""
    reply: Any = core.list_namespaced_pod(namespace, _preload_content=False)
    phases = [pod["status"].get("phase") for pod in json.loads(reply.data)["items"]]
    return phases == ["Running"] * members


def is_ready(namespace: str) -> bool:
    """Tell whether the set says that it is ready."""
    found: Any = client.CustomObjectsApi().get_namespaced_custom_object(
        *GROUP, namespace, PLURAL, "mongo"
    )
    conditions = found.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def await_gone(core: client.CoreV1Api, namespace: str) -> None:
    """Wait until a run's remains cannot slow the next one down."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            core.read_namespace(namespace)
        except ApiException as error:
            if error.status == 404:
                return
            raise
        time.sleep(1)


def main() -> None:
    """Measure and print every run, then median and maximum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--runs", type=int, default=10)
    given = parser.parse_args()
    config.load_kube_config()  # type: ignore[no-untyped-call]
    times = []
    for run in range(given.runs):
        times.append(birth(given.members))
        print(f"{run + 1:3}  {times[-1][0]:6.2f} s  {times[-1][1]:6.2f} s", flush=True)
    for at, name in enumerate(("apply to Ready", "last Running to Ready")):
        column = [each[at] for each in times]
        print(f"{name}: median {statistics.median(column):.2f} s, maximum {max(column):.2f} s")


if __name__ == "__main__":
    main()
