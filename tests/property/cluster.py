"""Kubernetes in plain Python: the resource, objects, pods, claims, volumes and nodes of one set."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mongors.api.spec import InvalidSpec, MongoReplicaSet
from mongors.api.status import Status
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import decoded
from mongors.observed.kubernetes import Claim, Pod
from mongors.observed.observed import ObjectKey
from property.kubelet import BROKEN_IMAGE, SimPod
from property.mongods import Mongods
from property.servers import Mongod
from unit.builders import BORN, host, resource

TICK = timedelta(seconds=2)
STATEFULSET = ("StatefulSet", "mongo")
KEYFILE = ("Secret", "mongo-keyfile")


@dataclass
class Cluster:
    """One custom resource and everything around it."""

    version: tuple[int, int, int] = (6, 0, 5)
    gated: bool = True
    """Whether the start gate stands; without it a lost volume costs acknowledged writes."""
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
    cordoned: set[str] = field(default_factory=set)
    lost: dict[int, Pod] = field(default_factory=dict)
    """Members on nodes that do not report, and what was last known of their pods."""
    cut_off: int | None = None
    """After how many commands a switchover breaks off."""
    given_up: set[str] = field(default_factory=set)
    """The replica sets, and the single pods, whose data a person gave up by name."""
    was_confirmed: bool = False
    """Whether a recovery was ever asked for."""
    uids: int = 0
    writes: int = 0
    _desired: tuple[dict[str, Any], Desired] | None = None

    def __post_init__(self) -> None:
        is_late = self.version >= (5, 0, 0)
        self.mongods = Mongods(is_late, "majority" if is_late else 1)

    def uid(self, of: str) -> str:
        self.uids += 1
        return f"{of}-{self.uids}"

    def edit(self, **spec: Any) -> None:
        """Change the custom resource, as a user does."""
        before = self.resource or resource(version=".".join(map(str, self.version)))
        generation = before["metadata"]["generation"] + 1
        metadata = {**before["metadata"], "generation": generation}
        after = {**before, "metadata": metadata, "spec": {**before["spec"], **spec}}
        try:
            MongoReplicaSet.parse(after)
        except InvalidSpec:
            return  # as the API server would say
        self.resource = after

    def annotate(self, key: str, value: str | None) -> None:
        """Ask for something once, as a person does; None takes it back."""
        metadata = self.resource["metadata"]
        annotations = {**metadata.get("annotations", {}), key: value}
        kept = {name: text for name, text in annotations.items() if text is not None}
        self.resource = {**self.resource, "metadata": {**metadata, "annotations": kept}}
        self.was_confirmed |= key == labels.RECOVER and value is not None
        if key in (labels.BEGIN_ANEW, labels.RESYNC) and value is not None:
            self.given_up.add(value.partition("/")[0])

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
        if self._desired is None or self._desired[0] is not self.resource:
            self._desired = self.resource, Desired.of(MongoReplicaSet.parse(self.resource))
        return self._desired[1]

    @property
    def record(self) -> dict[str, str]:
        """What stands on the keyFile Secret."""
        keyfile = self.objects.get(KEYFILE, {})
        annotations: dict[str, str] = keyfile.get("metadata", {}).get("annotations", {})
        return annotations

    @property
    def held(self) -> set[str]:
        """The pods that the keyFile Secret names as not to start on the data they have."""
        data = self.objects.get(KEYFILE, {}).get("data", {})
        return set((decoded(data, "held") or "").split())

    @property
    def replicas(self) -> int:
        """How many pods the StatefulSet makes."""
        return int(self.objects.get(STATEFULSET, {}).get("spec", {}).get("replicas", 0))

    @property
    def is_recorded(self) -> bool:
        """Whether the identity of the set, if there is one, stands outside its data."""
        known = {self.record.get(labels.REPLICA_SET_ID), self.record.get(labels.GIVEN_UP)}
        return set(self.mongods.identities) <= known

    def mongod(self, ordinal: int) -> Mongod:
        return self.mongods.by_host[host(ordinal)]

    def is_ready(self, pod: SimPod) -> bool:
        """Whether Kubernetes counts a pod as healthy: it listens, and its gate says so."""
        return self.mongod(pod.ordinal).running and bool(pod.in_service) and not pod.deleting

    def trouble(self, pod: SimPod) -> str | None:
        """What the pod reports when it does not run."""
        if pod.flaw == BROKEN_IMAGE or pod.ordinal in self.unschedulable:
            return "no luck"
        down = pod.passed and (pod.flaw is not None or pod.ordinal in self.crashed)
        return "no luck" if down or pod.found_no_data else None

    def heal(self) -> None:
        """End every fault."""
        for mine in (self.crashed, self.silent, self.unschedulable, self.cordoned, self.lost):
            mine.clear()
        self.mongods.cut.clear()
        self.cut_off = None
        for each in self.mongods.by_host.values():
            each.slow = False

    def isolate(self, ordinal: int) -> None:
        """Cut a member off from all others."""
        for other in set(self.claims) - {ordinal}:
            self.mongods.cut |= {(host(ordinal), host(other)), (host(other), host(ordinal))}

    def delete_pod(self, ordinal: int) -> None:
        """Remove a pod; one on a node that does not report stays, as far as anybody knows."""
        if ordinal in self.lost:
            self.pods[ordinal].deleting = True
            self.lost[ordinal] = replace(self.lost[ordinal], deleting=True)
            return
        self.mongod(ordinal).stop()
        del self.pods[ordinal]

    def empty_volume(self, ordinal: int) -> None:
        """Lose all files of a member; what runs over them ends."""
        self.mongods.by_host[host(ordinal)].stop()
        self.mongods.by_host[host(ordinal)] = Mongod(ordinal, host(ordinal))

    def lose_volume(self, ordinal: int) -> None:
        """Delete a pod with its claim; both come anew, and the claim empty."""
        self.delete_pod(ordinal)
        del self.claims[ordinal]
        self.empty_volume(ordinal)

    def clear_unused_claims(self) -> None:
        """Delete the claims that were kept of members that there are no more."""
        for ordinal in set(self.claims) - set(self.pods) - set(range(self.replicas)):
            del self.claims[ordinal]
            self.empty_volume(ordinal)

    def check_may_go(self, ordinal: int) -> None:
        """No pod is removed for good while its member is in the committed configuration."""
        newest = self.mongods.committed
        if newest is not None and newest.config.replica_set_id in self.given_up:
            return
        assert newest is None or newest.config.member(host(ordinal)) is None, (
            f"mongo-{ordinal} goes while configuration {newest.stamp} holds it"
        )
