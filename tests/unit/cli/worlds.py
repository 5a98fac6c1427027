"""A world for the program: an API server in memory, members that answer, a clock that stands."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from click.testing import CliRunner, Result

from mongors.cli.app import program
from mongors.cli.asking import Asker
from mongors.cli.cluster import Cluster
from mongors.cli.place import Place
from mongors.cli.seen import Further, Seen
from mongors.cli.world import World
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.names import Names
from mongors.errors import Retry
from mongors.kube.request import Answer as HttpAnswer
from mongors.kube.request import Request
from mongors.mongo.ask import Questions
from mongors.observed.mongodb import Answer, State
from mongors.observed.observed import Observed
from mongors.planning.plan import plan
from mongors.planning.report import report
from unit.builders import BORN, NOW, resource
from unit.cli.looks import in_places

Raw = dict[str, Any]


@dataclass
class ApiServer:
    """Objects by kind and name, and what was asked; it refuses and fails when told to."""

    objects: dict[tuple[str, str], Raw] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    """Plurals that are not shown."""
    knows_sets: bool = True
    is_away: bool = False
    budget_allows: bool = True
    sent: list[Request] = field(default_factory=list)

    async def send(self, request: Request) -> HttpAnswer:
        """Answer as an API server does, as far as this program can tell."""
        self.sent.append(request)
        plural = request.kind.plural
        if self.is_away:
            raise Retry(f"{request}: ClientConnectorError: Cannot connect to host")
        if plural in self.denied:
            return _status(403, "Forbidden", f"{plural} is forbidden")
        if plural == "mongoreplicasets" and not self.knows_sets:
            return HttpAnswer(404, b"404 page not found")
        if request.subresource == "log":
            return HttpAnswer(200, self.logs.get(request.name, "").encode())
        if request.subresource == "eviction" and not self.budget_allows:
            causes = [{"reason": "DisruptionBudget", "message": "needs 2 healthy pods and has 2"}]
            return _status(429, "TooManyRequests", "no", causes=causes)
        return self._kept(request)

    def writes(self) -> list[Request]:
        """What was asked to change anything."""
        return [each for each in self.sent if each.verb in ("patch", "create", "update")]

    def _kept(self, request: Request) -> HttpAnswer:
        kind = request.kind.name
        if request.verb == "list":
            items = [raw for (known, _), raw in sorted(self.objects.items()) if known == kind]
            return _json({"items": items, "metadata": {}})
        live = self.objects.get((kind, request.name))
        if live is None:
            return _status(404, "NotFound", f'"{request.name}" not found', name=request.name)
        if request.verb == "update":
            return _json(dict(request.body or {}))
        return _json(live)


class Members(Asker):
    """Members that answer what a snapshot has of them."""

    def __init__(self, names: Names, observed: Observed, problem: str | None = None) -> None:
        super().__init__(names, None)
        self._observed = observed
        self.problem = problem
        self.further = Further() if problem else Further(NOW, 3600.0)

    async def __call__(self, ordinal: int, ip: str, port: int, questions: Questions) -> Answer:
        silent = Answer(ordinal, State.UNREACHABLE, problem=self.problem or "no answer")
        return silent if self.problem else self._observed.answers.get(ordinal, silent)


@dataclass
class Fake:
    """A cluster with one set in it."""

    api: ApiServer
    observed: Observed
    unreachable: str | None = None
    """Why no member can be asked from here."""
    places: list[Place] = field(default_factory=list)

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        """Run the program."""
        return CliRunner().invoke(program, list(arguments), input=typed, obj=self.world)

    @property
    def world(self) -> World:
        return World(connected=self._connected, now=lambda: NOW)

    @asynccontextmanager
    async def _connected(self, place: Place) -> AsyncIterator[Cluster]:
        self.places.append(place)
        fake = self

        class Here(Cluster):
            def asker(self, names: Names) -> Asker:
                return Members(names, fake.observed, fake.unreachable)

        where = place.namespace or "default"
        yield Here(self.api, where, server="https://here:6443", follow=followed)


async def followed(pod: str, namespace: str, query: Mapping[str, str]) -> AsyncIterator[str]:
    """A log of one line, which ends."""
    number = pod[-1]
    moment = {"$date": f"2026-01-01T11:00:0{number}.000+00:00"}
    yield json.dumps({"t": moment, "s": "I", "c": "REPL", "msg": f"m{number}"})


def world_with(desired: Desired, observed: Observed) -> Fake:
    """A cluster that holds a set just as a snapshot has it, and its operator's report."""
    seen = in_places(observed)
    status = report(desired, seen, plan(desired, seen), [])
    raw = resource(len(desired.members), generation=desired.generation)
    raw["spec"] = desired.spec.to_wire()
    set_ = {**raw, "status": status.to_wire()}
    objects = {("MongoReplicaSet", "mongo"): set_}
    objects |= {key: _versioned(each) for key, each in seen.objects.items()}
    for ordinal in seen.pods:
        for each in (_pod(desired, seen, ordinal), _claim(desired, ordinal), _node(ordinal)):
            objects[each["kind"], each["metadata"]["name"]] = each
    names = [{"hostname": each, "addresses": ["10.0.0.9"]} for each in sorted(seen.named)]
    slices = {"kubernetes.io/service-name": "mongo"}
    slice_ = _object("EndpointSlice", "mongo-abc", slices) | {"endpoints": names}
    objects["EndpointSlice", "mongo-abc"] = slice_
    return Fake(ApiServer(objects), seen)


def world_of(seen: Seen) -> Fake:
    """A cluster in which that is to be seen."""
    assert seen.desired is not None
    assert seen.observed is not None
    return world_with(seen.desired, seen.observed)


def _object(kind: str, name: str, marks: Mapping[str, str] = {}) -> Raw:
    metadata = {
        "name": name,
        "namespace": "default",
        "uid": f"uid-{kind}-{name}",
        "resourceVersion": "7",
        "creationTimestamp": BORN.isoformat(),
        "labels": {**labels.common("mongo"), **marks},
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def _versioned(raw: Mapping[str, Any]) -> Raw:
    return {**raw, "metadata": {**raw["metadata"], "resourceVersion": "7"}}


def _pod(desired: Desired, observed: Observed, ordinal: int) -> Raw:
    pod = observed.pods[ordinal]
    raw = _object("Pod", pod.name, {labels.ROLE: pod.role or ""})
    uid = "uid-StatefulSet-mongo"
    owner = {"kind": "StatefulSet", "name": "mongo", "uid": uid, "controller": True}
    notes = {labels.TEMPLATE: pod.template or "", labels.CONFIGURATION: desired.configuration}
    raw["metadata"] |= {"uid": pod.uid, "ownerReferences": [owner], "annotations": notes}
    running = {"running": {"startedAt": BORN.isoformat()}}
    stopped = {"waiting": {"reason": "ErrImagePull", "message": pod.trouble or "no such image"}}
    state = running if pod.mongod_running else stopped
    ready = {"type": labels.IN_SERVICE, "status": "True" if pod.in_service else "False"}
    container = {"name": "mongod", "restartCount": pod.mongod_restarts, "state": state}
    status = {"podIP": pod.ip, "conditions": [ready], "containerStatuses": [container]}
    return {**raw, "spec": {"nodeName": pod.node}, "status": status}


def _claim(desired: Desired, ordinal: int) -> Raw:
    raw = _object("PersistentVolumeClaim", desired.names.claim(ordinal))
    size = {"storage": "2Gi"}
    status = {"phase": "Bound", "capacity": size}
    return {**raw, "spec": {"resources": {"requests": size}}, "status": status}


def _node(ordinal: int) -> Raw:
    zone = {"topology.kubernetes.io/zone": f"zone-{ordinal}"}
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    raw = _object("Node", f"node-{ordinal}", zone)
    del raw["metadata"]["namespace"]
    return {**raw, "status": status}


def _json(body: Mapping[str, Any], status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, json.dumps(body).encode())


def _status(code: int, reason: str, message: str, **details: Any) -> HttpAnswer:
    return _json({"reason": reason, "message": message, "details": details}, code)
