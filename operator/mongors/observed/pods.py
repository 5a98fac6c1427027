"""The narrow frozen view of a pod: what decisions rest on, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mongors.desired import labels
from mongors.desired.names import Names
from mongors.desired.start import NO_DATA
from mongors.observed.words import last_words, parameters_in

MONGOD = "mongod"
PREPARE = "prepare"

Raw = Mapping[str, Any]


def moment(text: str | None) -> datetime | None:
    """A Kubernetes timestamp as an aware datetime."""
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Pod:
    """A member's pod."""

    name: str
    uid: str
    ordinal: int
    created: datetime
    ip: str | None = None
    node: str | None = None
    deleting: bool = False
    mongod_running: bool = False
    mongod_since: datetime | None = None
    """Since when its mongod runs without a restart."""
    mongod_ever_ran: bool = False
    mongod_restarts: int = 0
    """How often its mongod ended and was started again in this very pod."""
    role: str | None = None
    in_service: bool | None = None
    may_start_empty: bool = False
    permitted_at: datetime | None = None
    """When that was permitted, for the last time."""
    held_since: datetime | None = None
    """Since when the init container runs: a member at the start gate, or about to pass it."""
    template: str | None = None
    """Digest of the template that it was made from."""
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """The server parameters with which its mongod starts."""
    trouble: str | None = None
    """Why the pod does not run, in the scheduler's, the kubelet's or mongod's own words."""
    found_no_data: bool = False
    """Whether its mongod was kept from starting over a directory that was emptied meanwhile."""

    @property
    def can_answer(self) -> bool:
        """Whether it makes sense to ask its mongod."""
        return self.mongod_running and self.ip is not None


def pod_of(raw: Raw, names: Names) -> Pod | None:
    """The view of a pod, or None for a pod that no member of this set owns."""
    metadata, status = raw["metadata"], raw.get("status", {})
    ordinal = names.ordinal_of_pod(metadata["name"])
    if ordinal is None:
        return None
    annotations = metadata.get("annotations", {})
    mongod = _container(status.get("containerStatuses"), MONGOD)
    prepare = _container(status.get("initContainerStatuses"), PREPARE)
    return Pod(
        name=metadata["name"],
        uid=metadata["uid"],
        ordinal=ordinal,
        created=datetime.fromisoformat(metadata["creationTimestamp"]),
        ip=status.get("podIP"),
        node=raw.get("spec", {}).get("nodeName"),
        deleting="deletionTimestamp" in metadata,
        mongod_running=runs_mongod(raw),
        mongod_since=moment(mongod.get("state", {}).get("running", {}).get("startedAt")),
        mongod_ever_ran=_ever_ran(mongod),
        mongod_restarts=mongod.get("restartCount", 0),
        role=metadata.get("labels", {}).get(labels.ROLE),
        in_service=_in_service(status),
        may_start_empty=labels.EMPTY_START in annotations,
        permitted_at=_noted(annotations.get(labels.PERMITTED_AT)),
        held_since=moment(prepare.get("state", {}).get("running", {}).get("startedAt")),
        template=annotations.get(labels.TEMPLATE),
        parameters=parameters_in(annotations),
        trouble=_trouble(status, prepare, mongod),
        found_no_data=_exit_code(mongod) == NO_DATA,
    )


def _noted(text: str | None) -> datetime | None:
    """A moment in an annotation, where somebody may have written anything."""
    try:
        found = moment(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def runs_mongod(pod: Raw) -> bool:
    """Whether a mongod runs in a pod, as the kubelet last said."""
    status = pod.get("status", {})
    return "running" in _container(status.get("containerStatuses"), MONGOD).get("state", {})


def _container(statuses: list[Raw] | None, name: str) -> Raw:
    return next((status for status in statuses or () if status["name"] == name), {})


def _ever_ran(mongod: Raw) -> bool:
    states = (mongod.get("state", {}), mongod.get("lastState", {}))
    return any("running" in state or "terminated" in state for state in states)


def _in_service(status: Raw) -> bool | None:
    for condition in status.get("conditions") or ():
        if condition["type"] == labels.IN_SERVICE:
            return bool(condition["status"] == "True")
    return None


def _exit_code(container: Raw) -> int | None:
    ended = (container.get("state", {}), container.get("lastState", {}))
    codes = [state["terminated"].get("exitCode") for state in ended if "terminated" in state]
    return codes[0] if codes else None


def _trouble(status: Raw, *containers: Raw) -> str | None:
    for container in containers:
        waiting = container.get("state", {}).get("waiting", {})
        ended = container.get("lastState", {}).get("terminated", {})
        if waiting.get("reason") == "CrashLoopBackOff" and ended:
            return f"its {container['name']} ended: {last_words(ended)}"
        if waiting.get("reason") not in (None, "PodInitializing", "ContainerCreating"):
            return ": ".join(filter(None, (waiting["reason"], waiting.get("message"))))
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("message") or condition.get("reason"))
    return None
