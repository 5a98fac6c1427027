"""What Kubernetes would hold after an action, if all went well. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mongors.desired.desired import Desired
from mongors.desired.secrets import GENERATED, SecretKind, encoded
from mongors.observed.kubernetes import Claim, Pod, statefulset_of
from mongors.observed.mongodb import Answer, MemberView, State
from mongors.observed.observed import Observed
from mongors.observed.record import recorded
from mongors.planning.actions import (
    Apply,
    Evict,
    Generate,
    GrowClaim,
    PermitEmptyStart,
    Remake,
    Remove,
    ReplacePod,
    ShowRole,
    StopForGood,
    WithdrawEmptyStart,
)
from mongors.planning.steps.gate import held_now

_A_WHILE = timedelta(minutes=5)

Raw = Mapping[str, Any]


def after(
    action: Apply | Generate | Remove | Remake | GrowClaim | ShowRole,
    desired: Desired,
    observed: Observed,
) -> Observed:
    """The snapshot after an action on an object."""
    match action:
        case Apply():
            return _applied(desired, observed, action.manifest)
        case Generate():
            return _applied(desired, observed, _generated(desired, observed, action.secret))
        case Remove():
            return _without(observed, action.kind, action.name)
        case Remake():
            return replace(_without(observed, "StatefulSet", action.name), statefulset=None)
        case GrowClaim():
            grown = {
                ordinal: replace(each, requested=action.size, capacity=action.size)
                if each.uid == action.uid
                else each
                for ordinal, each in observed.claims.items()
            }
            return replace(observed, claims=grown)
        case ShowRole():
            shown = {"role": action.role.value, "in_service": action.in_service}
            return _with_pod(observed, action.pod, **shown)


def pods_after(
    action: PermitEmptyStart | WithdrawEmptyStart | ReplacePod | StopForGood | Evict,
    desired: Desired,
    observed: Observed,
) -> Observed:
    """The snapshot after an action on a pod; one that may start has started."""
    match action:
        case PermitEmptyStart():
            return _started(desired, observed, action.pod)
        case WithdrawEmptyStart():
            return _with_pod(observed, action.pod, may_start_empty=False)
        case StopForGood():
            return _at_gate(desired, observed, action.pod)
        case ReplacePod() | Evict():
            if action.pod in held_now(desired, observed):
                return _at_gate(desired, observed, action.pod)
            return _renewed(desired, observed, action.pod)


def _applied(desired: Desired, observed: Observed, manifest: Raw) -> Observed:
    kind, metadata = manifest["kind"], manifest["metadata"]
    key = (kind, metadata["name"])
    known = observed.objects.get(key) or {}
    uid = (known.get("metadata") or {}).get("uid") or f"uid-of-{kind}-{metadata['name']}"
    live = {**manifest, "metadata": {**metadata, "uid": uid}}
    now = replace(observed, objects={**observed.objects, key: live})
    if kind == "StorageClass":
        return replace(now, storage_class_exists=True)
    if kind == "Secret" and metadata["name"] == desired.names.keyfile:
        users = observed.record.users_made
        written = recorded(metadata.get("annotations") or {}, observed.status)
        return replace(now, record=replace(written, users_made=users))
    if kind == "StatefulSet":
        seen = replace(statefulset_of(live), is_followed=True)
        return _populated(desired, replace(now, statefulset=seen), seen.replicas)
    return now


def _generated(desired: Desired, observed: Observed, kind: SecretKind) -> Raw:
    random = {key: encoded(f"{key}-to-be-generated") for key in GENERATED[kind]}
    notes = observed.record.annotations() if kind is SecretKind.KEYFILE else {}
    return desired.secret(kind, random, notes)


def _without(observed: Observed, kind: str, name: str) -> Observed:
    kept = {key: raw for key, raw in observed.objects.items() if key != (kind, name)}
    return replace(observed, objects=kept)


def _populated(desired: Desired, observed: Observed, replicas: int) -> Observed:
    """So many pods and no more; the new ones stand at the start gate, over new volumes."""
    pods = {each: pod for each, pod in observed.pods.items() if each < replicas}
    answers = {each: said for each, said in observed.answers.items() if each < replicas}
    claims = dict(observed.claims)
    for ordinal in range(replicas):
        if ordinal not in pods:
            pods[ordinal] = _new_pod(desired, observed, ordinal)
            claims.setdefault(ordinal, _new_claim(desired, observed, ordinal))
    return replace(observed, pods=pods, answers=answers, claims=claims)


def _new_pod(desired: Desired, observed: Observed, ordinal: int) -> Pod:
    name = desired.names.pod(ordinal)
    return Pod(
        name=name,
        uid=f"uid-of-{name}",
        ordinal=ordinal,
        created=observed.at,
        held_since=observed.at - _A_WHILE,
        template=desired.template,
        parameters=desired.parameters,
    )


def _new_claim(desired: Desired, observed: Observed, ordinal: int) -> Claim:
    size = desired.spec.storage.size
    uid = f"uid-of-{desired.names.claim(ordinal)}"
    return Claim(ordinal, uid, observed.at, bound=True, requested=size, capacity=size)


def _started(desired: Desired, observed: Observed, pod: str) -> Observed:
    """The mongod of a pod runs over an empty directory, and its name is published."""
    ordinal = desired.names.ordinal_of_pod(pod)
    if ordinal is None:
        return observed
    now = _with_pod(
        observed,
        pod,
        ip="to-be-given",
        mongod_running=True,
        mongod_ever_ran=True,
        mongod_since=observed.at - _A_WHILE,
        may_start_empty=True,
        held_since=None,
    )
    version = next((each.version for each in observed.answers.values() if each.version), None)
    answer = Answer(ordinal, State.UNINITIATED, version=version or _version(desired))
    answers = {**now.answers, ordinal: answer}
    return replace(now, answers=answers, named=observed.named | {pod})


def _at_gate(desired: Desired, observed: Observed, pod: str) -> Observed:
    """A pod made anew, whose member must not start on the data it has."""
    ordinal = desired.names.ordinal_of_pod(pod)
    if ordinal is None or ordinal not in observed.pods:
        return observed
    new = _new_pod(desired, observed, ordinal)
    kept = {
        each: replace(said, views=tuple(_missing(view, pod) for view in said.views))
        for each, said in observed.answers.items()
        if each != ordinal
    }
    return replace(observed, pods={**observed.pods, ordinal: new}, answers=kept)


def _missing(view: MemberView, pod: str) -> MemberView:
    """How a member is seen whose pod is not the one it was."""
    is_it = view.host.partition(".")[0] == pod
    return replace(view, state=State.DOWN, healthy=False) if is_it else view


def _renewed(desired: Desired, observed: Observed, pod: str) -> Observed:
    """A pod made anew from the present template, whose member is back as it was."""
    ordinal = desired.names.ordinal_of_pod(pod)
    now = _with_pod(
        observed,
        pod,
        created=observed.at,
        template=desired.template,
        parameters=desired.parameters,
        trouble=None,
        mongod_restarts=0,
        mongod_since=observed.at,
        found_no_data=False,
    )
    answer = observed.answers.get(ordinal) if ordinal is not None else None
    if answer is None or ordinal is None:
        return now
    live = {**answer.parameters}
    fresh = {
        name: replace(live[name], value=value)
        for name, value in desired.parameters.items()
        if name in live
    }
    renewed = replace(answer, parameters={**live, **fresh}, version=_version(desired))
    return replace(now, answers={**now.answers, ordinal: renewed})


def _with_pod(observed: Observed, name: str, **fields: Any) -> Observed:
    pods = {
        ordinal: replace(pod, **fields) if pod.name == name else pod
        for ordinal, pod in observed.pods.items()
    }
    return replace(observed, pods=pods)


def _version(desired: Desired) -> tuple[int, int, int]:
    major, minor, patch = str(desired.spec.version).split(".")[:3]
    return int(major), int(minor), int(patch)
