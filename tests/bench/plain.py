"""A hand-made replica set, for side-by-side measurements: what people run without an operator."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Literal

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from e2e.sets import Kubectl, Raw, eventually

NAME = "plain"
IMAGE = "mongo:6.0.5"
PATIENCE_SECONDS = 180
QUIESCE_MS = 100
"""mongod's own 15 s would only lengthen every restart; the operator's members have the same."""

StartPolicy = Literal["OrderedReady", "Parallel"]


class Plain:
    """A StatefulSet and a headless Service, without authentication; scripts do all the rest."""

    def __init__(
        self, kubectl: Kubectl, namespace: str, members: int = 3, start: StartPolicy = "Parallel"
    ) -> None:
        self.kubectl = kubectl
        self.namespace = namespace
        self.name = NAME
        self.members = members
        self._start = start

    def run(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl in the namespace; it must succeed."""
        done = self.kubectl("-n", self.namespace, *args, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def apply(self) -> None:
        """Make the Service, the StatefulSet and a disruption budget of one."""
        for manifest in (_service(), _budget(), _statefulset(self.members, self._start)):
            self.run("apply", "-f", "-", stdin=json.dumps(manifest))

    def pods(self) -> list[Raw]:
        """List the pods, in ordinal order."""
        found: list[Raw] = json.loads(self.run("get", "pods", "-l", f"app={NAME}", "-o", "json"))[
            "items"
        ]
        return sorted(found, key=lambda pod: int(pod["metadata"]["name"].rsplit("-", 1)[1]))

    def all_run(self) -> bool:
        """Tell whether all pods are Running."""
        return [pod["status"].get("phase") for pod in self.pods()] == ["Running"] * self.members

    def initiate(self, *, stand: bool) -> None:
        """Initiate with all members in one configuration; with `stand`, an election at once."""
        members = [{"_id": each, "host": self._host(each)} for each in range(self.members)]
        document = {"replSetInitiate": {"_id": "rs0", "members": members}}
        self._insist(0, document)
        if stand:
            self._insist(0, {"replSetStepUp": 1})

    def is_formed(self) -> bool:
        """Tell whether there is one primary, all others are secondaries, and all votes count."""
        try:
            with self.member(0) as client:
                status = client.admin.command("replSetGetStatus")
        except PyMongoError:
            return False
        states = sorted(each["stateStr"] for each in status["members"])
        wanted = ["PRIMARY", *["SECONDARY"] * (self.members - 1)]
        return states == wanted and status["votingMembersCount"] == self.members

    def await_formed(self) -> None:
        """Wait until the set is whole."""
        eventually(self.is_formed, PATIENCE_SECONDS, "the set is whole", self.explain)

    def primary_ordinal(self) -> int:
        """Ask the members which of them is primary."""
        for ordinal in range(self.members):
            with suppress(PyMongoError), self.member(ordinal) as client:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return ordinal
        raise AssertionError("no member is primary")

    def secret(self, _suffix: str) -> dict[str, str]:
        """How applications connect, in the words of the operator's Secret."""
        hosts = ",".join(self._host(each) for each in range(self.members))
        return {"uri": f"mongodb://{hosts}/?replicaSet=rs0"}

    @contextmanager
    def member(self, ordinal: int) -> Iterator[MongoClient[Raw]]:
        """Connect to one member alone."""
        pod = self.pods()[ordinal]
        with MongoClient[Raw](
            pod["status"].get("podIP", "127.0.0.1"),
            directConnection=True,
            serverSelectionTimeoutMS=2000,
        ) as client:
            yield client

    def explain(self) -> str:
        """Show what there is."""
        return self.run("get", "pods", "-o", "wide")

    def rollout(self) -> None:
        """Have the StatefulSet controller restart all pods, whoever is primary."""
        self.run("rollout", "restart", f"statefulset/{NAME}")
        self.run("rollout", "status", f"statefulset/{NAME}", f"--timeout={PATIENCE_SECONDS}s")
        self.await_formed()

    def careful_rollout(self) -> None:
        """Restart as the best script does: secondaries first, a hand-over, the primary last."""
        primary = self.primary_ordinal()
        for ordinal in (each for each in reversed(range(self.members)) if each != primary):
            self._restart(ordinal)
        with self.member(primary) as client, suppress(PyMongoError):
            client.admin.command({"replSetStepDown": 20, "secondaryCatchUpPeriodSecs": 10})
        self._await_majority_write()
        self._restart(primary)

    def _restart(self, ordinal: int) -> None:
        before = self.pods()[ordinal]["metadata"]["uid"]
        self.run("delete", "pod", f"{NAME}-{ordinal}")
        eventually(
            partial(self._is_another, ordinal, before),
            PATIENCE_SECONDS, "the pod is another", self.explain,
        )  # fmt: skip
        self.await_formed()

    def _is_another(self, ordinal: int, uid: str) -> bool:
        pods = self.pods()
        return len(pods) == self.members and pods[ordinal]["metadata"]["uid"] != uid

    def _await_majority_write(self) -> None:
        with MongoClient[Raw](self.secret("")["uri"]) as client:
            concern = WriteConcern(w="majority", wtimeout=PATIENCE_SECONDS * 1000)
            client.app.get_collection("probe", write_concern=concern).insert_one({})

    def _insist(self, ordinal: int, command: Raw) -> None:
        """Give a command until it is taken, for as long as patience lasts."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(PyMongoError), self.member(ordinal) as client:
                client.admin.command(command)
                return
            time.sleep(0.05)
        raise AssertionError(f"{next(iter(command))} was not taken")

    def _host(self, ordinal: int) -> str:
        return f"{NAME}-{ordinal}.{NAME}.{self.namespace}.svc.cluster.local:27017"


def _service() -> Raw:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": {"app": NAME},
            "ports": [{"port": 27017}],
        },
    }


def _budget() -> Raw:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": NAME},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": NAME}}},
    }


def _statefulset(members: int, start: StartPolicy) -> Raw:
    arguments = ["mongod", "--replSet=rs0", "--bind_ip_all", "--dbpath=/data/db"]
    arguments.append(f"--setParameter=shutdownTimeoutMillisForSignaledShutdown={QUIESCE_MS}")
    container: Raw = {
        "name": "mongod",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": arguments,
        "volumeMounts": [{"name": "data", "mountPath": "/data/db"}],
        "readinessProbe": {"tcpSocket": {"port": 27017}, "periodSeconds": 1},
    }
    spread: Raw = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": NAME}},
    }
    claim: dict[str, Any] = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": NAME},
        "spec": {
            "serviceName": NAME,
            "replicas": members,
            "podManagementPolicy": start,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {
                "metadata": {"labels": {"app": NAME}},
                "spec": {"containers": [container], "topologySpreadConstraints": [spread]},
            },
            "volumeClaimTemplates": [claim],
        },
    }
