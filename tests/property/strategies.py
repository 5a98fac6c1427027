"""Arbitrary snapshots: states that can happen, and many that cannot."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from mongors.api.approval import SpentApproval
from mongors.api.status import MemberStatus, Status
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Claim, Pod, StatefulSet
from mongors.observed.mongodb import Answer, MemberConfig, MemberView, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.approval import removal_id, restart_id, resync_id
from unit.builders import (
    BORN,
    IDENTITY,
    NOW,
    OTHER_IDENTITY,
    USERS,
    config,
    entry,
    host,
    objects_of,
    running,
    wanted,
)

ordinals = st.integers(0, 8)
hosts = ordinals.map(host) | st.sampled_from(["mongo.example.com:27017", host(49)])
moments = st.integers(-300, 15000).map(lambda seconds: BORN + timedelta(seconds=seconds))
identities = st.sampled_from([None, IDENTITY, IDENTITY, OTHER_IDENTITY])

plain = st.builds(
    wanted,
    st.integers(1, 8),
    generation=st.integers(1, 2),
    paused=st.sampled_from([False, False, False, True]),
    approval=st.sampled_from(["Automatic", "Manual"]),
)


@st.composite
def asked(draw: st.DrawFn, want: Desired) -> Desired:
    """The same set with a copy anew that is asked for, and something approved, or not."""
    resync = draw(st.none() | st.builds("mongo-{}/{}".format, ordinals, st.integers(0, 8)))
    asking = replace(want, asked=replace(want.asked, resync=resync))
    fitting = [restart_id(asking), removal_id(asking), resync_id(asking)]
    approved = draw(st.sampled_from([None, *fitting, *(f"{each}@2" for each in fitting), "other"]))
    return replace(asking, asked=replace(asking.asked, approved=approved))


desired = plain.flatmap(asked)

asking_first = st.builds(wanted, st.integers(1, 5), approval=st.just("Manual")).flatmap(asked)
"""Sets that ask before they disrupt."""

members = st.builds(
    MemberConfig,
    id=st.integers(0, 12),
    host=hosts,
    votes=st.integers(0, 1),
    priority=st.sampled_from([0.0, 1.0, 5.0]),
)
configs = st.builds(
    ReplicaSetConfig,
    name=st.just("rs0"),
    version=st.integers(1, 3),
    term=st.integers(-1, 2),
    members=st.lists(members, max_size=8, unique_by=lambda each: each.host).map(tuple),
    replica_set_id=identities,
)
views = st.builds(
    MemberView,
    host=hosts,
    state=st.sampled_from(State),
    healthy=st.booleans(),
    optime_seconds=st.none() | st.floats(0, 100),
    sync_source=st.none() | hosts,
)


records = st.builds(
    Record,
    identities,
    st.none() | st.integers(0, 12),
    st.sampled_from([None, USERS, "older"]),
)
statefulsets = st.builds(
    StatefulSet,
    st.just("uid"),
    st.integers(0, 9),
    st.just(()),
    st.sampled_from([None, "old", "new"]),
    st.booleans(),
)


def answers_of(ordinal: int) -> st.SearchStrategy[Answer]:
    """Whatever one mongod may say."""
    return st.builds(
        Answer,
        ordinal=st.just(ordinal),
        state=st.sampled_from(State),
        host=st.none() | hosts,
        problem=st.none() | st.just("some problem"),
        is_writable_primary=st.booleans(),
        term=st.integers(-1, 2),
        config=st.none() | configs,
        config_committed=st.booleans(),
        voting_members=st.none() | st.integers(0, 9),
        views=st.lists(views, max_size=8).map(tuple),
        version=st.sampled_from([None, (4, 4, 29), (6, 0, 5)]),
        fcv=st.sampled_from([None, "4.4", "6.0"]),
        login_refused=st.booleans(),
    )


def pods_of(ordinal: int) -> st.SearchStrategy[Pod]:
    """Whatever one pod may look like."""
    return st.builds(
        Pod,
        name=st.just(f"mongo-{ordinal}"),
        uid=st.sampled_from(["one", "other"]),
        ordinal=st.just(ordinal),
        created=moments,
        ip=st.none() | st.just("10.0.0.1"),
        node=st.none() | st.sampled_from(["a", "b"]),
        deleting=st.booleans(),
        mongod_running=st.booleans(),
        mongod_ever_ran=st.booleans(),
        role=st.sampled_from([None, "primary", "secondary", "other", "captain"]),
        in_service=st.sampled_from([None, True, False]),
        may_start_empty=st.booleans(),
        held_since=st.none() | moments,
        template=st.sampled_from([None, "old", "new"]),
        trouble=st.none() | st.just("some trouble"),
        found_no_data=st.booleans(),
    )


def claims_of(ordinal: int) -> st.SearchStrategy[Claim]:
    """Whatever one claim may look like."""
    return st.builds(
        Claim,
        ordinal=st.just(ordinal),
        uid=st.just("claim"),
        created=moments,
        bound=st.booleans(),
        prefilled=st.booleans(),
    )


def spent_of(want: Desired) -> st.SearchStrategy[SpentApproval | None]:
    """Whether what is approved was spent before."""
    approved = want.asked.approved
    known = [SpentApproval(approved=each, void=True) for each in (approved, "older") if each]
    return st.none() | st.sampled_from(known)


@st.composite
def wild_snapshots(draw: st.DrawFn, want: Desired) -> Observed:
    """Anything that an observer could put together."""
    there = draw(st.sets(ordinals, max_size=6))
    asked = draw(st.sets(st.sampled_from(sorted(there)))) if there else set[int]()
    record = draw(records)
    objects = objects_of(want, draw(st.integers(1, 8)), record)
    keys = st.sampled_from(sorted(objects))
    gone = draw(st.frozensets(keys))
    known = draw(st.sets(ordinals, max_size=3))
    return Observed(
        at=NOW,
        objects={key: raw for key, raw in objects.items() if key not in gone},
        taken=draw(st.frozensets(keys, max_size=1)) & gone,
        leaving=draw(st.frozensets(keys, max_size=1)) & gone,
        denied=draw(st.frozensets(keys, max_size=1)) & gone,
        pods={each: draw(pods_of(each)) for each in there},
        claims={each: draw(claims_of(each)) for each in draw(st.frozensets(ordinals)) | there},
        statefulset=draw(st.none() | statefulsets),
        named=frozenset(f"mongo-{each}" for each in draw(st.sets(ordinals))),
        answers={each: draw(answers_of(each)) for each in asked},
        record=record,
        status=Status(
            observed_generation=draw(st.integers(1, 2)),
            replica_set_id=draw(identities),
            member_status=tuple(MemberStatus(name=f"mongo-{each}", ordinal=each) for each in known),
            spent_approval=draw(spent_of(want)),
        ),
        storage_class_exists=draw(st.sampled_from([None, True, False])),
    )


@st.composite
def disturbed_snapshots(draw: st.DrawFn, want: Desired) -> Observed:
    """A set that runs, with some things other than they should be."""
    live = draw(st.lists(st.integers(0, 8), min_size=1, max_size=7, unique=True))
    votes = {each: draw(st.sampled_from([1, 1, 1, 0])) for each in live}
    entries = [entry(each, id=at, votes=votes[each]) for at, each in enumerate(live)]
    observed = running(
        want,
        config(entries),
        primary=draw(st.sampled_from([*live, live[0], None])),
        down=draw(st.sets(st.sampled_from(live), max_size=2)),
        states=draw(st.dictionaries(st.sampled_from(live), st.sampled_from(State), max_size=1)),
        lag=draw(st.dictionaries(st.sampled_from(live), st.floats(0, 60), max_size=2)),
        outdated=draw(st.sets(st.sampled_from(live), max_size=1)),
        committed=draw(st.sampled_from([True, True, False])),
        version=draw(st.sampled_from([(4, 4, 29), (6, 0, 5)])),
    )
    others = draw(st.dictionaries(ordinals, ordinals.flatmap(pods_of), max_size=1))
    pods = {each: replace(pod, ordinal=each) for each, pod in others.items()}
    highest = draw(st.integers(len(live), 12))
    recorded = replace(observed.record, highest_member_id=highest)
    status = observed.status.model_copy(update={"spent_approval": draw(spent_of(want))})
    return replace(
        observed,
        status=status,
        pods={**observed.pods, **pods},
        record=draw(st.sampled_from([recorded, recorded, observed.record, Record()])),
    )


@st.composite
def undone_snapshots(draw: st.DrawFn, want: Desired) -> Observed:
    """A healthy set with members too many, or pods of an older template, or neither."""
    live = range(draw(st.integers(len(want.members), 7)))
    observed = running(want, config(live), primary=draw(st.sampled_from(live)))
    old = draw(st.sets(st.sampled_from(live)))
    pods = {
        ordinal: replace(pod, template="old") if ordinal in old else pod
        for ordinal, pod in observed.pods.items()
    }
    status = observed.status.model_copy(update={"spent_approval": draw(spent_of(want))})
    return replace(observed, pods=pods, status=status)


def snapshots(want: Desired) -> st.SearchStrategy[Observed]:
    """Wild and disturbed ones."""
    return wild_snapshots(want) | disturbed_snapshots(want)
