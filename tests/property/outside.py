"""What an executor would do with each action, on the simulated cluster.

Raises a failure where the real outside would refuse, and checks what may never be done.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import GENERATED, SecretKind, encoded
from mongors.errors import NotNow, Refused, Retry
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Action,
    Apply,
    CopyFrom,
    Evict,
    Force,
    Generate,
    GrowClaim,
    Initiate,
    MakeUsers,
    PermitEmptyStart,
    Reconfigure,
    Remake,
    Remove,
    ReplacePod,
    SetParameters,
    SetWriteConcern,
    ShowRole,
    Step,
    StepDown,
    StepUp,
    StopForGood,
    SwitchOver,
    WithdrawEmptyStart,
)
from mongors.planning.recorded import record_of
from mongors.planning.steps.objects import secret_values
from mongors.planning.steps.resync import held_pods
from property import orders
from property.checks import check_eviction, check_force, check_initiate, check_permission
from property.cluster import KEYFILE, STATEFULSET, Cluster
from property.kubelet import SimPod
from property.servers import Mongod
from unit.builders import host


class Outside:
    """The cluster as one pass of an operator acts on it."""

    def __init__(self, cluster: Cluster, desired: Desired, observed: Observed) -> None:
        self._cluster = cluster
        self._desired = desired
        self._observed = observed

    def do(self, action: Action) -> None:
        """Carry one action out."""
        self._cluster.writes += 1
        match action:
            case Apply():
                self._apply(action.manifest, action.uid, action.version)
            case Remove():
                del self._cluster.objects[action.kind, action.name]
            case Generate():
                self._generate(action.secret)
            case Remake():
                self._remake(action)
            case GrowClaim():
                self._grow(action)
            case PermitEmptyStart() | WithdrawEmptyStart() | ShowRole():
                self._mark(action)
            case ReplacePod() | StopForGood() | Evict():
                self._end_pod(action)
            case CopyFrom():
                self._asked(action.ordinal)  # sources are not simulated: what is acked is there
            case _:
                self._command(action, self._asked(action.ordinal))

    def _command(self, step: Step, asked: Mongod) -> None:
        mongods = self._cluster.mongods
        match step:
            case Initiate() | Reconfigure() | Force():
                self._configure(step, asked)
            case StepUp():
                orders.step_up(mongods, asked)
            case StepDown():
                orders.step_down(mongods, asked)
            case SwitchOver():
                self._switch_over(step, asked)
            case MakeUsers():
                self._make_users(step, asked)
            case SetParameters():
                self._pod(step.uid).note(step.configuration)
                asked.parameters.update(step.values)
            case SetWriteConcern():
                _as_primary(asked)
                mongods.write_concern = "majority"
            case _:
                raise AssertionError(f"no command: {step}")

    def _configure(self, step: Initiate | Reconfigure | Force, asked: Mongod) -> None:
        mongods = self._cluster.mongods
        match step:
            case Initiate():
                orders.refuse_initiate(mongods, asked, step.config)
                check_initiate(self._cluster)
                orders.initiate(mongods, asked, step.config)
            case Reconfigure():
                orders.reconfigure(mongods, asked, step.based_on, step.config)
            case Force():
                check_force(self._cluster, asked, step)
                orders.force(mongods, asked, step.based_on, step.config)

    def _switch_over(self, action: SwitchOver, asked: Mongod) -> None:
        """Freeze, step down, step up, thaw; cut off in the middle, the freeze stays."""
        mongods = self._cluster.mongods
        frozen = [self._asked(each) for each in action.others]
        orders.freeze(self._asked(action.target), 0)
        left = self._cluster.cut_off
        self._cluster.cut_off = None
        for done, other in enumerate(frozen):
            if done == left:
                raise Retry("cut off")
            orders.freeze(other, orders.FREEZE_TICKS)
        try:
            if left is not None and left <= len(frozen):
                raise Retry("cut off")
            orders.step_down(mongods, asked)
            if left is not None:
                raise Retry("cut off")
            orders.step_up(mongods, self._asked(action.target))
        finally:
            if left is None:
                for other in frozen:
                    orders.freeze(other, 0)

    def _end_pod(self, action: ReplacePod | StopForGood | Evict) -> None:
        pod = self._pod(action.uid)
        mongod = self._cluster.mongod(pod.ordinal)
        if isinstance(action, ReplacePod) and mongod.running:
            raise Refused("it runs by now")
        if isinstance(action, Evict):
            self._asked(action.ordinal)
            if mongod.is_writable and not action.may_be_primary:
                raise Refused("it is primary by now")
            self._keep_budget(pod)
        check_eviction(self._cluster, pod, action)
        self._cluster.delete_pod(pod.ordinal)

    def _keep_budget(self, pod: SimPod) -> None:
        """At most one pod of those that there should be is not in service."""
        if ("PodDisruptionBudget", "mongo") not in self._cluster.objects:
            return
        healthy = sum(self._cluster.is_ready(each) for each in self._cluster.pods.values())
        left = healthy - self._cluster.is_ready(pod)
        if left < max(self._cluster.replicas, len(self._cluster.pods)) - 1:
            raise NotNow("the budget")

    def _generate(self, kind: SecretKind) -> None:
        random = {key: encoded(self._cluster.uid(key)) for key in GENERATED[kind]}
        record = record_of(self._desired, self._observed)
        annotations = record.annotations() if kind is SecretKind.KEYFILE else {}
        manifest = self._desired.secret(kind, random, annotations)
        if ("Secret", manifest["metadata"]["name"]) in self._cluster.objects:
            raise Refused("there is one already")
        self._apply(manifest, None)

    def _apply(
        self, manifest: Mapping[str, Any], uid: str | None, version: str | None = None
    ) -> None:
        """Apply server-side: who made an object of this name meanwhile shares it."""
        objects, key = self._cluster.objects, (manifest["kind"], manifest["metadata"]["name"])
        before = objects.get(key, {})
        have = before.get("metadata", {})
        if uid not in (None, have.get("uid")) or version not in (None, have.get("resourceVersion")):
            raise Refused(f"{key} is not what it was")
        known = {
            "uid": have.get("uid") or self._cluster.uid("object"),
            "resourceVersion": self._cluster.uid(""),
            "generation": have.get("generation", 0) + 1,
        }
        metadata = {**manifest["metadata"], **known}
        objects[key] = {**manifest, "metadata": metadata, "status": before.get("status", {})}

    def _remake(self, action: Remake) -> None:
        live = self._cluster.objects.get(STATEFULSET)
        if live is None or live["metadata"]["uid"] != action.uid:
            raise Refused("it is another one")
        del self._cluster.objects[STATEFULSET]

    def _grow(self, action: GrowClaim) -> None:
        claims = self._cluster.claims
        found = next((each for each in claims.values() if each.uid == action.uid), None)
        if found is None:
            raise Refused("the claim is gone")
        claims[found.ordinal] = replace(found, requested=action.size)

    def _mark(self, action: PermitEmptyStart | WithdrawEmptyStart | ShowRole) -> None:
        pod = self._pod(action.uid)
        if isinstance(action, ShowRole):
            pod.role, pod.in_service = action.role.value, action.in_service
            return
        pod.permitted = isinstance(action, PermitEmptyStart)
        if pod.permitted:
            check_permission(self._cluster, pod)

    def _make_users(self, action: MakeUsers, asked: Mongod) -> None:
        _as_primary(asked)
        desired, observed = self._desired, self._observed
        values = secret_values(observed, SecretKind.KEYFILE, KEYFILE[1])
        if values is None:
            raise Refused("the keyFile Secret is not there")
        record = record_of(desired, observed)
        annotations = {**record.annotations(), labels.USERS_MADE: action.mark}
        held = held_pods(desired, observed)
        manifest = desired.secret(SecretKind.KEYFILE, values, annotations, held=held)
        self._apply(manifest, observed.objects[KEYFILE]["metadata"]["uid"])

    def _pod(self, uid: str) -> SimPod:
        found = next((each for each in self._cluster.pods.values() if each.uid == uid), None)
        if found is None:
            raise Refused("the pod is gone")
        return found

    def _asked(self, ordinal: int) -> Mongod:
        pod, seen = self._cluster.pods.get(ordinal), self._observed.pods.get(ordinal)
        if pod is None or seen is None or pod.uid != seen.uid or ordinal in self._cluster.silent:
            raise Refused("no such address now")
        mongod = self._cluster.mongods.by_host[host(ordinal)]
        if not mongod.running:
            raise Refused("no answer")
        return mongod


def _as_primary(asked: Mongod) -> None:
    if not asked.is_writable:
        raise Refused("not primary")
