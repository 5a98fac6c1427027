"""A hand-made replica set, for side-by-side measurements: what people run without an operator."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from bench.manifests import NAME, StartPolicy, budget, service, statefulset
from e2e import api
from e2e.sets import Kubectl, Raw, eventually

PATIENCE_SECONDS = 180


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
        for manifest in (service(), budget(), statefulset(self.members, self._start)):
            self.run("apply", "-f", "-", stdin=json.dumps(manifest))

    def pods(self) -> list[Raw]:
        """List the pods, in ordinal order."""
        found = api.listed(self.namespace, "pods", labelSelector=f"app={NAME}")
        return sorted(found, key=lambda pod: int(pod["metadata"]["name"].rsplit("-", 1)[1]))

    def all_run(self) -> bool:
        """Tell whether all pods are Running."""
        return [pod["status"].get("phase") for pod in self.pods()] == ["Running"] * self.members

    def initiate(self, *, stand: bool) -> None:
        """Initiate with all members in one configuration; with `stand`, an election at once."""
        members = [self._entry(each) for each in range(self.members)]
        document = {"replSetInitiate": {"_id": "rs0", "members": members}}
        self._insist(0, document)
        if stand:
            self._insist(0, {"replSetStepUp": 1})

    def scale(self, members: int) -> None:
        """Scale as the best script does: pods before members, members before pods, one by one."""
        before, self.members = self.members, max(members, self.members)
        self.run("scale", f"statefulset/{NAME}", f"--replicas={self.members}")
        eventually(self.all_run, PATIENCE_SECONDS, "all pods run", self.explain)
        for ordinal in range(before, members):
            self._reconfigure(partial(self._with, ordinal))
        for ordinal in reversed(range(members, before)):
            self._hand_over_from(ordinal)
            self._reconfigure(partial(_without, ordinal))
        self.members = members
        self.run("scale", f"statefulset/{NAME}", f"--replicas={members}")

    def _reconfigure(self, change: Callable[[list[Raw]], list[Raw]]) -> None:
        """One safe reconfig, once the last one is committed and every vote counts."""

        def is_done() -> bool:
            with suppress(PyMongoError), self.member(self.primary_ordinal()) as client:
                asked = {"replSetGetConfig": 1, "commitmentStatus": True}
                config = client.admin.command(asked)["config"]
                config |= {"version": config["version"] + 1, "members": change(config["members"])}
                client.admin.command({"replSetReconfig": config})
                return True
            return False

        eventually(is_done, PATIENCE_SECONDS, "the reconfig is taken", self.explain)
        eventually(self._all_votes_count, PATIENCE_SECONDS, "all votes count", self.explain)

    def _all_votes_count(self) -> bool:
        with suppress(PyMongoError), self.member(self.primary_ordinal()) as client:
            config = client.admin.command({"replSetGetConfig": 1})["config"]
            status = client.admin.command("replSetGetStatus")
            return bool(status["votingMembersCount"] == len(config["members"]))
        return False

    def _hand_over_from(self, ordinal: int) -> None:
        if self.primary_ordinal() == ordinal:
            self.step_down(ordinal)
            eventually(
                lambda: self.primary_ordinal() != ordinal, PATIENCE_SECONDS, "another is primary"
            )

    def step_down(self, primary: int) -> None:
        """Have the primary step down, unforced; it may hang up instead of answering."""
        with self.member(primary) as client, suppress(PyMongoError):
            client.admin.command({"replSetStepDown": 20, "secondaryCatchUpPeriodSecs": 10})

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
        """Ask the members which of them is primary, until one is."""
        found: list[int] = eventually(self._primaries, PATIENCE_SECONDS, "a primary", self.explain)
        return found[0]

    def _primaries(self) -> list[int]:
        found = []
        for ordinal in range(self.members):
            with suppress(PyMongoError, IndexError), self.member(ordinal) as client:
                if client.admin.command("hello")["isWritablePrimary"]:
                    found.append(ordinal)
        return found

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
        self.step_down(primary)
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
            with suppress(PyMongoError, IndexError), self.member(ordinal) as client:
                client.admin.command(command)
                return
            time.sleep(0.05)
        raise AssertionError(f"{next(iter(command))} was not taken")

    def _with(self, ordinal: int, members: list[Raw]) -> list[Raw]:
        return [*members, self._entry(ordinal)]

    def _entry(self, ordinal: int) -> Raw:
        return {"_id": ordinal, "host": self._host(ordinal)}

    def _host(self, ordinal: int) -> str:
        return f"{NAME}-{ordinal}.{NAME}.{self.namespace}.svc.cluster.local:27017"


def _without(ordinal: int, members: list[Raw]) -> list[Raw]:
    return [each for each in members if each["_id"] != ordinal]
