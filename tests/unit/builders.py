"""Desired and observed sets in one line each; what a test does not mention is in order."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from mongors.api.spec import MongoReplicaSet
from mongors.api.status import Status
from mongors.desired.asked import Asked
from mongors.desired.desired import Desired
from mongors.desired.labels import Role
from mongors.desired.manifest import Manifest
from mongors.desired.secrets import GENERATED, SecretKind, encoded, key_digest
from mongors.observed.kubernetes import Claim, Pod, StatefulSet
from mongors.observed.mongodb import (
    Answer,
    MemberConfig,
    MemberView,
    Optime,
    ReplicaSetConfig,
    State,
)
from mongors.observed.observed import ObjectKey, Observed
from mongors.observed.record import Record
from mongors.planning.entries import entry_of

T = TypeVar("T")

BORN = datetime(2026, 1, 1, 8, tzinfo=UTC)
"""When the resource and everything of it was made."""

NOW = BORN + timedelta(hours=4)

LONG_AGO = NOW - timedelta(minutes=5)

IDENTITY = "65a000000000000000000001"
"""The replicaSetId of every set here."""

USERS = f"{IDENTITY}/a7d5c218f55cf9ba"
"""The mark of users that were made in this data with the passwords of these Secrets."""

KEY = {"keyfile": encoded("keyfile-value")}
"""What the keyFile Secret holds."""

OTHER_IDENTITY = "65a000000000000000000002"

OLD_TEMPLATE = "0123456789abcdef"
"""The digest of a pod template that nobody wants any more."""


def resource(members: int = 3, *, generation: int = 1, **spec: Any) -> dict[str, Any]:
    """The custom resource as the API server holds it; `spec` in the words of the wire."""
    return {
        "apiVersion": "mongors.io/v1alpha1",
        "kind": "MongoReplicaSet",
        "metadata": {
            "name": "mongo",
            "namespace": "default",
            "uid": "uid-set",
            "generation": generation,
            "creationTimestamp": BORN.isoformat(),
        },
        "spec": {"members": members, "version": "6.0.5", "storage": {"size": "2Gi"}, **spec},
    }


def wanted(members: int = 3, *, generation: int = 1, **spec: Any) -> Desired:
    """What a custom resource asks for."""
    return Desired.of(MongoReplicaSet.parse(resource(members, generation=generation, **spec)))


def asking(desired: Desired, **asked: str) -> Desired:
    """The same set with what a person asks for by annotations."""
    return replace(desired, asked=Asked(**asked))


def host(ordinal: int) -> str:
    """A member's host in the configuration."""
    return f"mongo-{ordinal}.mongo.default.svc.cluster.local:27017"


def entry(ordinal: int, *, id: int | None = None, votes: int = 1) -> MemberConfig:  # noqa: A002
    """A member of the configuration; its `_id` is its ordinal unless told."""
    return MemberConfig(
        id=ordinal if id is None else id, host=host(ordinal), votes=votes, priority=votes
    )


def config(
    members: Iterable[MemberConfig | int] = (0, 1, 2),
    *,
    version: int = 5,
    term: int = 3,
    identity: str = IDENTITY,
) -> ReplicaSetConfig:
    """A live configuration; a bare number stands for the voter of this ordinal."""
    entries = tuple(each if isinstance(each, MemberConfig) else entry(each) for each in members)
    settings = {**wanted().settings, "replicaSetId": identity}
    return ReplicaSetConfig("rs0", version, term, entries, identity, settings)


def config_of(desired: Desired) -> ReplicaSetConfig:
    """The configuration that is just as wanted."""
    live = config(entry_of(each, each.ordinal) for each in desired.members)
    return replace(live, settings={**live.settings, **desired.settings})


def pod(ordinal: int, **changes: Any) -> Pod:
    """A pod whose mongod runs and serves."""
    running = Pod(
        name=f"mongo-{ordinal}",
        uid=f"uid-pod-{ordinal}",
        ordinal=ordinal,
        created=BORN,
        ip=f"10.0.0.{ordinal}",
        node=f"node-{ordinal}",
        mongod_running=True,
        mongod_ever_ran=True,
        role=Role.SECONDARY.value,
        in_service=True,
    )
    return replace(running, **changes)


def pending_pod(ordinal: int, **changes: Any) -> Pod:
    """A pod whose mongod never ran."""
    never: dict[str, Any] = {
        "ip": None,
        "mongod_running": False,
        "mongod_ever_ran": False,
        "role": Role.OTHER.value,
        "in_service": None,
        "may_start_empty": False,
    }
    return pod(ordinal, **{**never, **changes})


def claim(ordinal: int, created: datetime = BORN) -> Claim:
    """A bound volume claim."""
    return Claim(ordinal, f"uid-claim-{ordinal}", created, bound=True)


def secrets_of(desired: Desired, record: Record = Record()) -> list[Manifest]:  # noqa: B008
    """The set's Secrets with some values in them."""
    return [
        desired.secret(
            kind,
            {key: encoded(f"{key}-value") for key in GENERATED[kind]},
            record.annotations() if kind is SecretKind.KEYFILE else {},
        )
        for kind in SecretKind
    ]


def live(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """An object as the API server has it after an apply."""
    uid = f"uid-{manifest['kind']}-{manifest['metadata']['name']}"
    return {**manifest, "metadata": {**manifest["metadata"], "uid": uid}}


def objects_of(
    desired: Desired,
    replicas: int,
    record: Record = Record(),  # noqa: B008
) -> dict[ObjectKey, dict[str, Any]]:
    """All objects of a set, just as wanted."""
    manifests = [
        *desired.fixed(),
        *secrets_of(desired, record),
        desired.statefulset(replicas, desired.claim_templates, key_digest(KEY, desired.uid)),
    ]
    return {(each["kind"], each["metadata"]["name"]): live(each) for each in manifests}


def statefulset(desired: Desired, replicas: int, **changes: Any) -> StatefulSet:
    """The StatefulSet as it is wanted."""
    uid, digest = "uid-StatefulSet-mongo", key_digest(KEY, desired.uid)
    made = StatefulSet(uid, replicas, desired.claim_templates, desired.template, key_digest=digest)
    return replace(made, **changes)


def running(
    desired: Desired,
    live_config: ReplicaSetConfig | None = None,
    *,
    primary: int | None = 0,
    down: Collection[int] = (),
    states: Mapping[int, State] = {},
    lag: Mapping[int, float] = {},
    outdated: Collection[int] = (),
    committed: bool = True,
    pods: int | None = None,
    version: tuple[int, int, int] = (6, 0, 5),
) -> Observed:
    """A set that was born; members in `down` do not answer, and the primary sees that.

    A pod without an entry in the configuration answers that it knows of no set.
    """
    current = live_config or config_of(desired)
    ordinals = {
        member.host: ordinal
        for member in current.members
        if (ordinal := desired.names.ordinal_of_host(member.host)) is not None
    }
    count = max([len(desired.members), *(each + 1 for each in ordinals.values())])
    count = count if pods is None else pods
    state = dict.fromkeys(range(count), State.UNINITIATED)
    state |= dict.fromkeys(ordinals.values(), State.SECONDARY)
    state |= {primary: State.PRIMARY} if primary is not None else {}
    state |= dict(states) | dict.fromkeys(down, State.UNREACHABLE)
    views = tuple(
        MemberView(
            host=member.host,
            state=State.DOWN
            if (seen := state.get(ordinals.get(member.host, -1), State.SECONDARY))
            is State.UNREACHABLE
            else seen,
            healthy=seen is not State.UNREACHABLE,
            optime_seconds=1000.0 - lag.get(ordinals.get(member.host, -1), 0.0),
            sync_source=desired.names.host(primary)
            if seen is State.SECONDARY and primary is not None
            else None,
        )
        for member in current.members
    )
    hosts = {ordinal: name for name, ordinal in ordinals.items()}
    old = replace(current, version=current.version - 1)
    answers = {
        ordinal: Answer(ordinal, each, problem="no answer")
        if each is State.UNREACHABLE
        else Answer(ordinal, each, version=version)
        if each is State.UNINITIATED
        else Answer(
            ordinal,
            each,
            host=hosts.get(ordinal),
            is_writable_primary=each is State.PRIMARY,
            set_name="rs0",
            term=current.term,
            config=old if ordinal in outdated else current,
            config_committed=each is State.PRIMARY and committed,
            applied=Optime(current.term, 1000 - int(lag.get(ordinal, 0)), 1),
            committed_term=current.term,
            write_concern="majority" if each is State.PRIMARY else None,
            voting_members=len(current.voters),
            views=views,
            version=version,
            fcv=f"{version[0]}.{version[1]}" if each is State.PRIMARY else None,
        )
        for ordinal, each in state.items()
        if ordinal < count
    }
    record = Record(IDENTITY, max(member.id for member in current.members), USERS)
    shown = {State.PRIMARY: Role.PRIMARY, State.SECONDARY: Role.SECONDARY}
    return Observed(
        at=NOW,
        objects=objects_of(desired, count, record),
        pods={
            ordinal: pod(
                ordinal,
                role=shown.get(answer.state, Role.OTHER).value,
                in_service=answer.state in shown,
                mongod_running=ordinal not in down,
                template=desired.template,
                parameters=desired.parameters,
            )
            for ordinal, answer in answers.items()
        },
        claims={ordinal: claim(ordinal) for ordinal in range(count)},
        statefulset=statefulset(desired, count),
        named=frozenset(f"mongo-{ordinal}" for ordinal in range(count)),
        answers={ordinal: each for ordinal, each in answers.items() if ordinal not in down},
        record=record,
        status=Status(
            observed_generation=desired.generation,
            replica_set_id=IDENTITY,
            highest_member_id=record.highest_member_id,
        ),
    )


def unborn(desired: Desired, *, silent: Collection[int] = ()) -> Observed:
    """A set before its birth: all mongods run and know of no set, but for the silent ones."""
    count = len(desired.members)
    return Observed(
        at=NOW,
        objects=objects_of(desired, count),
        pods={
            each: pod(
                each,
                role=Role.OTHER.value,
                in_service=False,
                may_start_empty=True,
                template=desired.template,
            )
            for each in range(count)
        },
        claims={each: claim(each) for each in range(count)},
        statefulset=statefulset(desired, count),
        named=frozenset(f"mongo-{ordinal}" for ordinal in range(count)),
        answers={
            each: Answer(each, State.UNREACHABLE, problem="no answer")
            if each in silent
            else Answer(each, State.UNINITIATED, version=(6, 0, 5))
            for each in range(count)
        },
    )


def at_gate(observed: Observed, *ordinals: int, **fields: Any) -> Observed:
    """The same snapshot with pods that stand at the start gate, over an empty volume."""
    for ordinal in ordinals:
        there = pending_pod(ordinal, held_since=LONG_AGO, template=observed.pods[ordinal].template)
        observed = replace(
            observed,
            pods={**observed.pods, ordinal: replace(there, **fields)},
            answers={key: each for key, each in observed.answers.items() if key != ordinal},
        )
    return observed


def held(observed: Observed, *pods: str) -> Observed:
    """The same snapshot with pods that must not start on their data, on the keyFile Secret."""
    key = ("Secret", "mongo-keyfile")
    raw = observed.objects[key]
    raw = {**raw, "data": {**raw["data"], "held": encoded("\n".join(pods))}}
    return replace(observed, objects={**observed.objects, key: raw})


def changed(observed: Observed, ordinal: int, **fields: Any) -> Observed:
    """The same snapshot with another answer of one member."""
    answer = replace(observed.answers[ordinal], **fields)
    return replace(observed, answers={**observed.answers, ordinal: answer})


def with_pod(observed: Observed, ordinal: int, **fields: Any) -> Observed:
    """The same snapshot with another pod of one member."""
    other = replace(observed.pods[ordinal], **fields)
    return replace(observed, pods={**observed.pods, ordinal: other})


def copying(observed: Observed, sources: Mapping[int, int | None]) -> Observed:
    """The same set, in which these members copy from these."""
    named = {host(each): None if of is None else host(of) for each, of in sources.items()}
    answers = {
        ordinal: replace(
            answer,
            views=tuple(
                replace(view, sync_source=named.get(view.host, view.sync_source))
                for view in answer.views
            ),
        )
        for ordinal, answer in observed.answers.items()
    }
    return replace(observed, answers=answers)


def without(observed: Observed, *keys: ObjectKey) -> Observed:
    """The same snapshot without some objects."""
    kept = {key: raw for key, raw in observed.objects.items() if key not in keys}
    return replace(observed, objects=kept)


def only(said: Iterable[T]) -> T:
    """The one thing that a step says."""
    (each,) = said
    return each
