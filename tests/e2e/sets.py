"""A replica set under test: applied with kubectl, watched through its status, asked directly."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import yaml
from pymongo import MongoClient
from pymongo.errors import AutoReconnect

from e2e import api

Raw = dict[str, Any]


class Kubectl(Protocol):
    """Runs kubectl and returns what came of it."""

    def __call__(self, *args: str, stdin: str | None = None) -> Any: ...


def eventually(
    look: Callable[[], Any], seconds: float, what: str, explain: Callable[[], str] = lambda: ""
) -> Any:
    """Look until there is something to see; fail with an explanation when the time is over.

    A mongod that does not answer a look (it is starting, it has just ended) has not shown it yet.
    """
    deadline, silent = time.monotonic() + seconds, ""
    while True:
        try:
            if seen := look():
                return seen
        except AutoReconnect as failure:
            silent = f"; at last no answer: {failure!r}"
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}{silent}\n{explain()}")
        time.sleep(0.2)


class ReplicaSet:
    """One MongoReplicaSet in one namespace."""

    def __init__(self, kubectl: Kubectl, namespace: str, name: str = "mongo") -> None:
        self.kubectl = kubectl
        self.namespace = namespace
        self.name = name

    def run(self, *args: str, stdin: str | None = None) -> str:
        """Run kubectl in the set's namespace; it must succeed."""
        done = self.kubectl("-n", self.namespace, *args, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def apply(self, **spec: Any) -> None:
        """Apply the smallest set with these fields of the spec changed."""
        smallest = {"members": 3, "version": "6.0.5", "storage": {"size": "1Gi"}}
        self.apply_manifest(
            {
                "apiVersion": "mongors.io/v1alpha1",
                "kind": "MongoReplicaSet",
                "metadata": {"name": self.name},
                "spec": smallest | spec,
            }
        )

    def apply_manifest(self, manifest: Raw) -> None:
        """Apply a manifest as a user would."""
        self.run("apply", "-f", "-", stdin=yaml.safe_dump(manifest))

    def scale(self, members: int) -> None:
        """Scale as a user would."""
        self.run("scale", f"mrs/{self.name}", f"--replicas={members}")

    def unwritten_for(self, seconds: float) -> str | None:
        """The resource's version, if nobody writes it for so long from now on."""
        before = str(self.get()["metadata"]["resourceVersion"])
        time.sleep(seconds)
        return before if self.get()["metadata"]["resourceVersion"] == before else None

    def delete(self) -> None:
        """Delete the resource and wait until it and its pods are gone."""
        self.run("delete", f"mrs/{self.name}", "--ignore-not-found")
        eventually(lambda: not self.pods(), 90, "all pods are gone", self.explain)

    def get(self, kind: str = "mrs", name: str | None = None) -> Raw:
        """Read one object."""
        if api.knows(kind):
            return api.read(self.namespace, kind, name or self.name)
        found: Raw = json.loads(self.run("get", kind, name or self.name, "-o", "json"))
        return found

    def all_of(self, kind: str, selector: str = "") -> list[Raw]:
        """List objects of a kind."""
        if api.knows(kind):
            return api.listed(self.namespace, kind, labelSelector=selector)
        found = json.loads(self.run("get", kind, "-l", selector, "-o", "json"))
        items: list[Raw] = found["items"]
        return items

    def pods(self) -> list[Raw]:
        """List the set's pods, in ordinal order."""
        pods = self.all_of("pods", f"app.kubernetes.io/instance={self.name}")
        return sorted(pods, key=lambda pod: int(pod["metadata"]["name"].rsplit("-", 1)[1]))

    def uids(self) -> dict[str, str]:
        """The UIDs of the pods that there are, by name."""
        return {each["metadata"]["name"]: each["metadata"]["uid"] for each in self.pods()}

    def delete_pods(self, *names: str) -> None:
        """Delete pods, and wait until just these are gone.

        kubectl's own waiting may take the next pod of the name for them, and then never ends.
        """
        uids = self.uids()
        assert uids.keys() >= set(names), f"there are no pods {names}"
        gone = {uids[each] for each in names}
        self.run("delete", "pod", *names, "--wait=false")
        eventually(
            lambda: not gone & set(self.uids().values()),
            90, f"{', '.join(names)} have gone", self.explain,
        )  # fmt: skip

    def status(self) -> Raw:
        """Read the status."""
        status: Raw = self.get().get("status", {})
        return status

    def condition(self, kind: str) -> Raw:
        """Read one condition; empty when it is not there."""
        conditions = self.status().get("conditions", [])
        return next((each for each in conditions if each["type"] == kind), {})

    def is_ready(self) -> bool:
        """Tell whether the status says Ready of the present generation."""
        resource = self.get()
        status = resource.get("status", {})
        return any(
            each["type"] == "Ready"
            and each["status"] == "True"
            and each["observedGeneration"] == resource["metadata"]["generation"]
            for each in status.get("conditions", [])
        )

    def await_ready(self, seconds: float = 120) -> None:
        """Wait until the set is ready."""
        eventually(self.is_ready, seconds, f"{self.name} is Ready", self.explain)

    def await_condition(self, kind: str, status: str, reason: str, seconds: float = 60) -> Raw:
        """Wait for a condition with this status and reason, and return it."""

        def look() -> Raw | None:
            seen = self.condition(kind)
            fits = (seen.get("status"), seen.get("reason")) == (status, reason)
            return seen if fits else None

        found: Raw = eventually(look, seconds, f"{kind}={status} ({reason})", self.explain)
        return found

    def events(self) -> list[Raw]:
        """List the Events about the resource."""
        about = f"involvedObject.kind=MongoReplicaSet,involvedObject.name={self.name}"
        return api.listed(self.namespace, "events", fieldSelector=about)

    def await_event(self, said: str) -> None:
        """Wait for an Event with this reason or these words: it is written after the status."""

        def look() -> bool:
            return any(said == each["reason"] or said in each["message"] for each in self.events())

        eventually(look, 10, f"an Event: {said}", self.explain)

    def secret(self, suffix: str) -> dict[str, str]:
        """Read one of the set's Secrets, decoded."""
        data = self.get("secret", f"{self.name}-{suffix}")["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    @contextmanager
    def application(self, **options: Any) -> Iterator[MongoClient[Raw]]:
        """Connect as an application does, with the connection Secret's uri."""
        with MongoClient[Raw](self.secret("connection")["uri"], **options) as client:
            yield client

    @contextmanager
    def primary_as(self, user: str, password: str) -> Iterator[MongoClient[Raw]]:
        """Connect to the primary alone, as one of the users that the operator makes."""
        host = self.pods()[self.primary_ordinal()]["status"]["podIP"]
        with MongoClient[Raw](
            host, 27017, username=user, password=password, directConnection=True
        ) as client:
            yield client

    @contextmanager
    def member(self, ordinal: int) -> Iterator[MongoClient[Raw]]:
        """Connect to one member as the members themselves do, with every right."""
        with self.mongod(self.get("pod", f"{self.name}-{ordinal}")) as client:
            yield client

    @contextmanager
    def mongod(self, pod: Raw) -> Iterator[MongoClient[Raw]]:
        """Connect to the mongod of a pod that was read, in the same way."""
        host = pod["status"]["podIP"]
        key = self.secret("keyfile")["keyfile"]
        with MongoClient[Raw](
            host, 27017, username="__system", password=key, authSource="local",
            authMechanism="SCRAM-SHA-256", directConnection=True, serverSelectionTimeoutMS=5000,
        ) as client:  # fmt: skip
            yield client

    def change(self, **spec: Any) -> None:
        """Change fields of the spec as `kubectl patch` does."""
        patch = json.dumps({"spec": spec})
        self.run("patch", "mrs", self.name, "--type=merge", "-p", patch)

    def rs_status(self, ordinal: int = 0) -> Raw:
        """Read rs.status() of one member."""
        with self.member(ordinal) as client:
            reply: Raw = client.admin.command("replSetGetStatus")
            return reply

    def rs_config(self, ordinal: int = 0) -> Raw:
        """Read the replica-set configuration of one member."""
        with self.member(ordinal) as client:
            config: Raw = client.admin.command("replSetGetConfig")["config"]
            return config

    def primary_ordinal(self) -> int:
        """Read which member the status calls primary; for a moment it may call none so."""
        said = "the status names a primary"
        name = eventually(lambda: self.status().get("primary"), 30, said, self.explain)
        return int(str(name).rsplit("-", 1)[1])

    def explain(self) -> str:
        """Say everything that helps to understand a failure."""
        parts = [
            self.run("get", "events", "--sort-by=.lastTimestamp")[-3000:],
            self.run("get", "mrs,pods,pvc", "-o", "wide"),
            yaml.safe_dump(self.status(), sort_keys=False),
        ]
        return "\n".join(parts)
