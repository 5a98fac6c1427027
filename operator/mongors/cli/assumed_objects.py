"""What Kubernetes would hold after an action, if all went well. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mongors.cli.assumed_pods import new_pod, with_pod
from mongors.desired.desired import Desired
from mongors.desired.secrets import GENERATED, SecretKind, encoded
from mongors.observed.kubernetes import Claim, statefulset_of
from mongors.observed.observed import Observed
from mongors.observed.record import recorded
from mongors.planning.actions import (
    Apply,
    Generate,
    GrowClaim,
    Remake,
    Remove,
    ShowRole,
)

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
            return with_pod(observed, action.pod, **shown)


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
            pods[ordinal] = new_pod(desired, observed, ordinal)
            claims.setdefault(ordinal, _new_claim(desired, observed, ordinal))
    return replace(observed, pods=pods, answers=answers, claims=claims)


def _new_claim(desired: Desired, observed: Observed, ordinal: int) -> Claim:
    size = desired.spec.storage.size
    uid = f"uid-of-{desired.names.claim(ordinal)}"
    return Claim(ordinal, uid, observed.at, bound=True, requested=size, capacity=size)
