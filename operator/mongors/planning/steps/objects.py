"""Kubernetes objects: made when absent, corrected when changed, never taken from others."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mongors.api.conditions import Reason
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.exporter import KIND as EXPORTER
from mongors.desired.manifest import Manifest
from mongors.desired.secrets import GENERATED, SecretKind, key_digest, secret_name
from mongors.observed.covering import is_as_applied
from mongors.observed.mongodb import State
from mongors.observed.observed import ObjectKey, Observed
from mongors.planning.actions import Apply, Generate, Remove
from mongors.planning.recorded import record_of
from mongors.planning.steps.resync import held_pods
from mongors.planning.waits import Wait


def keep_objects(desired: Desired, observed: Observed) -> Iterator[Apply | Generate | Wait]:
    """Keep every object as it should be; the StatefulSet last, once its key is there."""
    yield from _conflicts(observed)
    yield from _secrets(desired, observed)
    if observed.storage_class_exists is False:
        yield from _storage_class(desired)
    removed = {(each.kind, each.name) for each in remove_bindings(desired, observed)}
    for manifest in desired.fixed():
        if (manifest["kind"], manifest["metadata"]["name"]) not in removed:
            yield from kept(manifest, observed)
    key = secret_values(observed, SecretKind.KEYFILE, desired.names.keyfile)
    if not _blocks_birth(desired, observed) and (key or observed.statefulset):
        yield from kept(_statefulset(desired, observed), observed)


def remove_bindings(desired: Desired, observed: Observed) -> Iterator[Remove]:
    """Take back a right that is not asked for any more; a binding's role can only be replaced."""
    wanted = {(each["kind"], each["metadata"]["name"]): each for each in desired.fixed()}
    for (kind, name), live in sorted(observed.objects.items()):
        if kind not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        manifest = wanted.get((kind, name))
        marks = live["metadata"].get("labels") or {}
        is_past = marks.get(labels.OWNER_UID, desired.uid) != desired.uid
        if manifest is None or is_past or manifest["roleRef"]["name"] != live["roleRef"]["name"]:
            yield Remove(kind, name, live["metadata"]["uid"])


def hold_for_key(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Begin nothing while the keyFile Secret holds another key than the members run with.

    Who is restarted now could not talk to the others any more.
    """
    live, name = observed.statefulset, desired.names.keyfile
    values = secret_values(observed, SecretKind.KEYFILE, name)
    if live is None or live.key_digest is None or values is None:
        return
    if key_digest(values, desired.uid) != live.key_digest:
        yield Wait(
            Reason.KEY_FILE_CHANGED,
            f"Secret {name} holds another key than the members run with. They run on, and none is "
            "restarted; put the former value back",
        )


def hold_for_conflicts(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Begin nothing while a name that the set needs belongs to somebody else."""
    if not observed.was_initiated and _blocks_birth(desired, observed):
        yield Wait(Reason.PROGRESSING, "nothing is begun before the set's objects can be made")


def replicas(desired: Desired, observed: Observed) -> int:
    """How many pods there must be: as wanted, and none less until its member has left.

    Unknown counts as kept: while no primary shows a committed configuration, no pod goes; except
    before the birth, when every running mongod says that it knows of no replica set.
    """
    wanted = len(desired.members)
    in_config = [
        ordinal + 1
        for member in (observed.config.members if observed.config else ())
        if (ordinal := desired.names.ordinal_of_host(member.host)) is not None
    ]
    if observed.config_is_settled:
        keep = max(in_config, default=0)
    elif not observed.was_initiated and all(
        observed.state(ordinal) is State.UNINITIATED or not pod.mongod_ever_ran
        for ordinal, pod in observed.pods.items()
    ):
        keep = 0
    else:
        known = [member.ordinal + 1 for member in observed.status.member_status]
        existing = [ordinal + 1 for ordinal in observed.pods]
        current = observed.statefulset.replicas if observed.statefulset else 0
        keep = max([current, *in_config, *known, *existing])
    return max(wanted, keep)


def secret_values(observed: Observed, kind: SecretKind, name: str) -> Mapping[str, str] | None:
    """The generated values of a Secret, or None when it is absent or incomplete."""
    live = observed.objects.get(("Secret", name))
    data: Mapping[str, str] = (live or {}).get("data") or {}
    return data if all(data.get(key) for key in GENERATED[kind]) else None


def kept(manifest: Manifest, observed: Observed) -> Iterator[Apply | Wait]:
    """Make an object, or correct it; leave one that is somebody else's, or on its way out."""
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if _is_blocked((kind, name), observed):
        return
    live = observed.objects.get((kind, name))
    if live is None:
        yield Apply(kind, name, manifest, uid=None)
    elif "deletionTimestamp" in live["metadata"]:
        yield Wait(Reason.PROGRESSING, f"{kind} {name} is being removed; it is made anew then")
    elif not is_as_applied(live, manifest):
        metadata = live["metadata"]
        # What was worked out from an older picture must not be applied: a number of pods, a record.
        is_fenced = kind in ("StatefulSet", "Secret")
        version = metadata.get("resourceVersion") if is_fenced else None
        yield Apply(kind, name, manifest, metadata["uid"], version)


def _conflicts(observed: Observed) -> Iterator[Wait]:
    for kind, name in sorted(_of_the_set(observed.leaving)):
        yield Wait(
            Reason.PROGRESSING,
            f"{kind} {name} of an earlier set of this name is still being removed",
        )
    if taken := _of_the_set(observed.taken):
        listed = ", ".join(f"{kind} {name}" for kind, name in sorted(taken))
        yield Wait(
            Reason.NAME_CONFLICT,
            f"{listed} exists and belongs to somebody else; it is left untouched. Remove or rename "
            "it, or give the set another name",
        )
    if denied := _of_the_set(observed.denied):
        listed = ", ".join(f"{kind} {name}" for kind, name in sorted(denied))
        yield Wait(
            Reason.PERMISSION_MISSING,
            f"the operator has no right to look at {listed}; grant it 'get' (the chart's values "
            "say which roles it has)",
        )


def _secrets(desired: Desired, observed: Observed) -> Iterator[Apply | Generate | Wait]:
    for kind in SecretKind:
        name = secret_name(desired.names, kind)
        if _is_blocked(("Secret", name), observed):
            continue
        values = secret_values(observed, kind, name)
        if values is not None:
            yield from kept(_secret(desired, observed, kind, values), observed)
        elif kind is SecretKind.KEYFILE and _key_is_in_use(observed):
            yield _missing_key(name)
        else:
            yield Generate(kind, name)


def _secret(
    desired: Desired, observed: Observed, kind: SecretKind, values: Mapping[str, str]
) -> Manifest:
    is_key = kind is SecretKind.KEYFILE
    annotations = record_of(desired, observed).annotations() if is_key else {}
    held = held_pods(desired, observed) if is_key else []
    return desired.secret(kind, values, annotations, _leaving_hosts(desired, observed), held)


def _leaving_hosts(desired: Desired, observed: Observed) -> tuple[str, ...]:
    hosts = [member.host for member in observed.config.members] if observed.config else []
    return tuple(host for host in hosts if host not in desired.hosts)


def _key_is_in_use(observed: Observed) -> bool:
    """Whether members may run with a key that only the lost Secret held."""
    return bool(observed.statefulset or observed.pods or observed.status.replica_set_id)


def _missing_key(name: str) -> Wait:
    return Wait(
        Reason.KEY_FILE_MISSING,
        f"Secret {name} is gone or has no value under 'keyfile'. The members run on; no new key is "
        "made, because they would not accept it. Restore the Secret from a backup",
    )


def _storage_class(desired: Desired) -> Iterator[Apply | Wait]:
    manifest = desired.storage_class()
    name = desired.spec.storage.class_name
    if manifest is not None:
        yield Apply("StorageClass", manifest["metadata"]["name"], manifest, uid=None)
    else:
        yield Wait(
            Reason.STORAGE_CLASS_MISSING,
            f"there is no StorageClass {name}: make it, or describe it under storage.class",
        )


def _statefulset(desired: Desired, observed: Observed) -> Manifest:
    live = observed.statefulset
    templates = [_own_fields(each) for each in live.claim_templates] if live else []
    digest = live.key_digest if live else None
    values = secret_values(observed, SecretKind.KEYFILE, desired.names.keyfile)
    if digest is None and values is not None:
        digest = key_digest(values, desired.uid)
    return desired.statefulset(
        replicas(desired, observed), templates or list(desired.claim_templates), digest
    )


def _own_fields(template: Mapping[str, Any]) -> Manifest:
    """A live claim template as it was applied: it can never change."""
    metadata, spec = template["metadata"], template["spec"]
    keys = ("accessModes", "resources", "storageClassName")
    return {
        "metadata": {"name": metadata["name"], "labels": dict(metadata.get("labels", {}))},
        "spec": {key: spec[key] for key in keys if key in spec},
    }


def _blocks_birth(desired: Desired, observed: Observed) -> bool:
    if observed.statefulset is not None:
        return False
    keyfile = desired.names.keyfile
    values = secret_values(observed, SecretKind.KEYFILE, keyfile)
    lost = values is None and _key_is_in_use(observed)
    return lost or bool(_of_the_set(observed.taken | observed.leaving | observed.denied))


def _of_the_set(keys: Iterable[ObjectKey]) -> list[ObjectKey]:
    """Without the exporter: no set needs it."""
    return [key for key in keys if key[0] != EXPORTER]


def _is_blocked(key: tuple[str, str], observed: Observed) -> bool:
    return key in observed.taken or key in observed.leaving or key in observed.denied
