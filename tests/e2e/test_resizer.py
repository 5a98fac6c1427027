"""The growing storage of the tests does to claims what a real one does, and nothing undoes it."""

import json
import time
from collections.abc import Iterator

import pytest
import yaml

from e2e.conftest import Kubectl
from e2e.resizer import GROWING, Resizer
from e2e.sets import Raw, ReplicaSet, eventually

QUIET_SECONDS = 10

MANIFESTS = f"""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data}}
spec:
  storageClassName: {GROWING}
  accessModes: [ReadWriteOnce]
  resources: {{requests: {{storage: 1Gi}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: user}}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {{runAsNonRoot: true, runAsUser: 999, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
    - name: c
      image: busybox:stable
      imagePullPolicy: Never
      command: [sleep, "600"]
      securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
      volumeMounts: [{{name: data, mountPath: /data}}]
  volumes: [{{name: data, persistentVolumeClaim: {{claimName: data}}}}]
"""


@pytest.fixture
def place(kubectl: Kubectl, namespace: str) -> Iterator[ReplicaSet]:
    """A namespace; there is no set in it, only a claim and a pod that uses it."""
    place = ReplicaSet(kubectl, namespace)
    yield place
    place.run("delete", "pod/user", "pvc/data", "--ignore-not-found")


def claim(place: ReplicaSet) -> Raw:
    return place.get("pvc", "data")


def capacity(place: ReplicaSet) -> str:
    return str((claim(place)["status"].get("capacity") or {}).get("storage"))


def ask(place: ReplicaSet, size: str) -> None:
    patch = {"spec": {"resources": {"requests": {"storage": size}}}}
    place.run("patch", "pvc/data", "--patch", json.dumps(patch))


def test_a_claim_grows_fails_and_waits_as_told(place: ReplicaSet) -> None:
    with Resizer(place) as resizer:
        for manifest in yaml.safe_load_all(MANIFESTS):
            place.apply_manifest(manifest)
        eventually(lambda: capacity(place) == "1Gi", 60, "the claim is bound")
        place.run("wait", "pod/user", "--for=condition=Ready", "--timeout=60s")

        ask(place, "2Gi")
        eventually(lambda: capacity(place) == "2Gi", 30, "it has grown")
        volume = place.get("pv", claim(place)["spec"]["volumeName"])
        assert volume["spec"]["capacity"] == {"storage": "2Gi"}

        resizer.fail("the disk is full")
        ask(place, "3Gi")
        failed = eventually(lambda: claim(place)["status"].get("conditions"), 30, "it is told")
        assert failed[0]["message"] == "the disk is full"
        assert capacity(place) == "2Gi"

        resizer.pause()
        ask(place, "4Gi")
        time.sleep(QUIET_SECONDS)
        assert capacity(place) == "2Gi", "nobody else grows it"

        resizer.resume()
        eventually(lambda: capacity(place) == "4Gi", 30, "it has grown at last")
        assert not claim(place)["status"].get("conditions")
        assert resizer.grown == [("data", "2Gi"), ("data", "4Gi")]
        before = claim(place)["metadata"]["resourceVersion"]
        time.sleep(QUIET_SECONDS)
        assert claim(place)["metadata"]["resourceVersion"] == before, "nobody else touches it"
    assert resizer.errors == []
