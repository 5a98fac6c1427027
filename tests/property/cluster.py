"""Kubernetes in plain Python: objects, pods, claims, the StatefulSet controller and the start gate.

The same `Action` values that the executor carries out are carried out here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, assert_never

from mongors.api.spec import MongoReplicaSet
from mongors.api.status import Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import GENERATED, SecretKind, encoded
from mongors.errors import Refused
from mongors.observed.kubernetes import Claim
from mongors.observed.observed import ObjectKey, Observed
from mongors.planning.actions import (
    Action,
    Apply,
    Generate,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remove,
    ReplacePod,
    ShowRole,
    Step,
    StepDown,
    StepUp,
    WithdrawEmptyStart,
)
from mongors.planning.steps.objects import record_of, secret_values
from property.mongods import Mongods
from property.servers import Mongod
from unit.builders import BORN, host, resource

TICK = timedelta(seconds=2)


@dataclass
class SimPod:
    """A pod and what its containers do."""

    ordinal: int
    uid: str
    created: datetime
    held_since: datetime | None = None
    permitted: bool = False
    revision: str = ""
    named: bool = False
    ever_ran: bool = False
    running_since: datetime | None = None
    role: str = labels.Role.OTHER.value
    in_service: bool | None = None


@dataclass
class Cluster:
    """One custom resource and everything around it."""

    version: tuple[int, int, int] = (6, 0, 5)
    now: datetime = BORN
    resource: dict[str, Any] = field(default_factory=dict)
    status: Status = field(default_factory=Status)
    objects: dict[ObjectKey, dict[str, Any]] = field(default_factory=dict)
    pods: dict[int, SimPod] = field(default_factory=dict)
    claims: dict[int, Claim] = field(default_factory=dict)
    mongods: Mongods = field(init=False)
    crashed: set[int] = field(default_factory=set)
    """Members whose mongod does not come up again for now."""
    unschedulable: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    """Members that the operator cannot reach, though the others can."""
    uids: int = 0
    writes: int = 0

    def __post_init__(self) -> None:
        self.mongods = Mongods(marks_new_voters=self.version >= (5, 0, 0))

    def uid(self, of: str) -> str:
        self.uids += 1
        return f"{of}-{self.uids}"

    def edit(self, **spec: Any) -> None:
        """Change the custom resource, as a user does."""
        before = self.resource or resource(version=".".join(map(str, self.version)))
        self.resource = {
            **before,
            "metadata": {
                **before["metadata"],
                "generation": before["metadata"]["generation"] + 1,
            },
            "spec": {**before["spec"], **spec},
        }

    def recreate(self, *, with_secrets: bool) -> None:
        """Delete the resource and make it anew: volumes stay, and Secrets if they are kept."""
        self.edit()
        metadata = {
            **self.resource["metadata"],
            "uid": self.uid("set"),
            "creationTimestamp": self.now.isoformat(),
        }
        self.resource = {**self.resource, "metadata": metadata}
        self.status = Status()
        for ordinal in list(self.pods):
            self.delete_pod(ordinal)
        kept = {key: raw for key, raw in self.objects.items() if key[0] == "Secret"}
        self.objects = kept if with_secrets else {}
        if not with_secrets:
            self.mongods.forget()

    @property
    def desired(self) -> Desired:
        return Desired.of(MongoReplicaSet.parse(self.resource))

    @property
    def is_recorded(self) -> bool:
        """Whether the identity of the set, if there is one, stands outside its data."""
        keyfile = self.objects.get(("Secret", "mongo-keyfile"), {})
        annotations = keyfile.get("metadata", {}).get("annotations", {})
        return not self.mongods.identities or labels.REPLICA_SET_ID in annotations

    @property
    def revision(self) -> str:
        """The name of the StatefulSet's present template."""
        statefulset = self.objects.get(("StatefulSet", "mongo"), {})
        return str(statefulset.get("spec", {}).get("template"))

    def mongod(self, ordinal: int) -> Mongod:
        return self.mongods.by_host[host(ordinal)]

    def heal(self) -> None:
        """End every fault."""
        self.crashed.clear()
        self.silent.clear()
        self.unschedulable.clear()
        for each in self.mongods.by_host.values():
            each.slow = False

    def delete_pod(self, ordinal: int) -> None:
        self.mongod(ordinal).stop()
        del self.pods[ordinal]

    def lose_volume(self, ordinal: int) -> None:
        """Delete a pod with its claim; both come anew, and the claim empty."""
        self.delete_pod(ordinal)
        del self.claims[ordinal]
        self.mongods.by_host[host(ordinal)] = Mongod(ordinal, host(ordinal))

    def tick(self, luck: int = 0) -> None:
        """Let a moment pass."""
        self.now += TICK
        self._control_statefulset()
        for pod in self.pods.values():
            self._run(pod)
        self.mongods.tick(luck)

    def _control_statefulset(self) -> None:
        live = self.objects.get(("StatefulSet", "mongo"))
        if live is None:
            return
        replicas = live["spec"]["replicas"]
        for ordinal in [each for each in self.pods if each >= replicas]:
            self.check_may_go(ordinal)
            self.delete_pod(ordinal)
        for ordinal in range(replicas):
            if ordinal not in self.claims:
                self.claims[ordinal] = Claim(ordinal, self.uid("claim"), self.now, bound=True)
                self.mongods.by_host[host(ordinal)] = Mongod(ordinal, host(ordinal))
            if ordinal not in self.pods:
                self.pods[ordinal] = SimPod(
                    ordinal, self.uid("pod"), self.now, revision=self.revision
                )

    def check_may_go(self, ordinal: int) -> None:
        """No pod is removed while its member is in the committed configuration."""
        newest = self.mongods.committed
        assert newest is None or newest.config.member(host(ordinal)) is None, (
            f"mongo-{ordinal} goes while configuration {newest.stamp} holds it"
        )

    def _run(self, pod: SimPod) -> None:
        mongod = self.mongod(pod.ordinal)
        if pod.ordinal in self.unschedulable and not pod.ever_ran and pod.held_since is None:
            return
        if pod.ordinal in self.crashed or mongod.running:
            return
        pod.named = True
        if mongod.has_files or pod.permitted:
            mongod.running = mongod.has_files = pod.ever_ran = True
            pod.running_since = self.now
            pod.held_since = None
        elif pod.held_since is None:
            pod.held_since = self.now

    def carry_out(self, action: Action, observed: Observed) -> None:
        """Do one action; raises a failure where the real outside would refuse."""
        self.writes += 1
        match action:
            case Initiate() | StepUp() | StepDown() | MakeUsers() | Reconfigure():
                self._command(action, self._asked(observed, action.ordinal), observed)
            case Apply():
                self._apply(action.manifest, action.uid, action.version)
            case Remove():
                del self.objects[action.kind, action.name]
            case Generate():
                self._generate(action.secret, observed)
            case PermitEmptyStart() | WithdrawEmptyStart() | ShowRole():
                self._mark_pod(action)
            case ReplacePod():
                self._replace(action.uid)
            case _:
                assert_never(action)

    def _command(self, step: Step, asked: Mongod, observed: Observed) -> None:
        match step:
            case Initiate():
                self.mongods.initiate(asked, step.config)
            case StepUp():
                self.mongods.step_up(asked)
            case StepDown():
                self.mongods.step_down(asked)
            case MakeUsers():
                self._make_users(step, asked, observed)
            case Reconfigure():
                self.mongods.reconfigure(asked, step.based_on, step.config)
            case _:
                assert_never(step)

    def _generate(self, kind: SecretKind, observed: Observed) -> None:
        random = {key: encoded(self.uid(key)) for key in GENERATED[kind]}
        annotations = record_of(observed).annotations() if kind is SecretKind.KEYFILE else {}
        manifest = self.desired.secret(kind, random, annotations)
        if ("Secret", manifest["metadata"]["name"]) in self.objects:
            raise Refused("there is one already")
        self._apply(manifest, None)

    def _apply(
        self, manifest: Mapping[str, Any], uid: str | None, version: str | None = None
    ) -> None:
        """Apply server-side: who made an object of this name meanwhile shares it."""
        key = manifest["kind"], manifest["metadata"]["name"]
        have = self.objects[key]["metadata"] if key in self.objects else {}
        if uid not in (None, have.get("uid")) or version not in (None, have.get("resourceVersion")):
            raise Refused(f"{key} is not what it was")
        known = {"uid": have.get("uid") or self.uid("object"), "resourceVersion": self.uid("")}
        self.objects[key] = {**manifest, "metadata": {**manifest["metadata"], **known}}

    def _mark_pod(self, action: PermitEmptyStart | WithdrawEmptyStart | ShowRole) -> None:
        pod = next((each for each in self.pods.values() if each.uid == action.uid), None)
        if pod is None:
            raise Refused("the pod is gone")
        if isinstance(action, ShowRole):
            pod.role, pod.in_service = action.role.value, action.in_service
        else:
            pod.permitted = isinstance(action, PermitEmptyStart)

    def _replace(self, uid: str) -> None:
        pod = next((each for each in self.pods.values() if each.uid == uid), None)
        if pod is None or self.mongod(pod.ordinal).running:
            raise Refused("the pod changed meanwhile")
        self.delete_pod(pod.ordinal)

    def _asked(self, observed: Observed, ordinal: int) -> Mongod:
        pod, seen = self.pods.get(ordinal), observed.pods.get(ordinal)
        mongod = self.mongods.by_host[host(ordinal)]
        if pod is None or seen is None or pod.uid != seen.uid or ordinal in self.silent:
            raise Refused("no such address now")
        if not mongod.running:
            raise Refused("no answer")
        return mongod

    def _make_users(self, action: MakeUsers, asked: Mongod, observed: Observed) -> None:
        if not asked.is_writable:
            raise Refused("not primary")
        values = secret_values(observed, SecretKind.KEYFILE, "mongo-keyfile")
        if values is None:
            raise Refused("the keyFile Secret is not there")
        annotations = {**record_of(observed).annotations(), labels.USERS_MADE: action.mark}
        keyfile = observed.objects["Secret", "mongo-keyfile"]
        manifest = self.desired.secret(SecretKind.KEYFILE, values, annotations)
        self._apply(manifest, keyfile["metadata"]["uid"])
