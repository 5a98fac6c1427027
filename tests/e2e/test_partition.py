"""Networks that fall apart: the operator sees one half, the members the other; nobody is hurt."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from e2e.conftest import Kubectl
from e2e.faults import Faults, node_of
from e2e.history import Watched
from e2e.looking import identities
from e2e.measured import measured
from e2e.own import own_operator
from e2e.rest import operator_at_rest
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def running(kubectl: Kubectl, replica_set_of_module: ReplicaSet) -> Iterator[ReplicaSet]:
    """A set whose operator stands beside the control plane, on none of the nodes."""
    with operator_beside(kubectl, replica_set_of_module.namespace):
        replica_set_of_module.apply(members=3)
        replica_set_of_module.await_ready()
        yield replica_set_of_module


@contextmanager
def operator_beside(kubectl: Kubectl, namespace: str) -> Iterator[None]:
    """Use the operator that runs elsewhere, or let one of our own stand in for the installed."""
    if os.environ.get("MONGORS_RUNS_ELSEWHERE"):
        yield
        return
    with operator_at_rest(kubectl), own_operator(namespace):
        yield


@contextmanager
def untouched(replica_set: ReplicaSet) -> Iterator[Watched]:
    """The operator changes nothing: no reconfig, no pod deleted or restarted; it ends Ready."""
    replica_set.await_ready()
    before = identities(replica_set)
    with Watched(replica_set) as seen:
        yield seen
        replica_set.await_ready(60)
    assert identities(replica_set) == before
    assert seen.violations == []
    assert len({config.version for config in seen.configs}) == 1


def spread(replica_set: ReplicaSet) -> tuple[int, list[int]]:
    """The primary, and the others."""
    primary = replica_set.primary_ordinal()
    return primary, [each for each in range(3) if each != primary]


def isolate(faults: Faults, replica_set: ReplicaSet, ordinal: int) -> None:
    """Part a member's node from its peers' nodes."""
    for other in range(3):
        if other != ordinal:
            faults.part(node_of(replica_set, ordinal), node_of(replica_set, other))


def silence(faults: Faults, replica_set: ReplicaSet, ordinal: int) -> None:
    """Let no other node hear a member's node, which hears them all."""
    for other in range(3):
        if other != ordinal:
            faults.mute(node_of(replica_set, ordinal), node_of(replica_set, other))


Cut = Callable[[Faults, ReplicaSet, int], None]


def reunite(faults: Faults, replica_set: ReplicaSet, ordinal: int) -> None:
    """End that."""
    faults.heal(node_of(replica_set, ordinal))


def says(replica_set: ReplicaSet, word: str) -> bool:
    """Whether the set is not Ready, and says whose fault that is."""
    told = replica_set.condition("Ready")
    said = f"{told.get('message')} {replica_set.status().get('plan')}"
    return told.get("status") == "False" and word in said


def test_secondary_cut_off_from_its_peers_is_named_and_left_alone(
    running: ReplicaSet, faults: Faults
) -> None:
    _, (lost, _) = spread(running)
    with Writer(running) as writer, untouched(running):
        isolate(faults, running, lost)
        eventually(lambda: says(running, f"mongo-{lost}"), 30, "it is named", running.explain)
        writer.await_more()
        reunite(faults, running, lost)
    writer.check_every_member()
    assert writer.errors == []


def test_secondary_that_nobody_hears_is_named_and_left_alone(
    running: ReplicaSet, faults: Faults
) -> None:
    """A cut of one way only: it hears the others, and cannot make itself heard."""
    _, (lost, _) = spread(running)
    with Writer(running) as writer, untouched(running):
        silence(faults, running, lost)
        eventually(lambda: says(running, f"mongo-{lost}"), 40, "it is named", running.explain)
        writer.await_more()
        reunite(faults, running, lost)
    writer.check_every_member()
    assert writer.errors == []


def test_secondary_that_only_the_operator_cannot_reach_is_left_alone(
    running: ReplicaSet, faults: Faults
) -> None:
    _, (lost, _) = spread(running)
    with Writer(running) as writer, untouched(running) as seen:
        faults.hide(node_of(running, lost))
        eventually(lambda: says(running, f"mongo-{lost}"), 40, "it is named", running.explain)
        writer.await_more()
        faults.show(node_of(running, lost))
    writer.check_every_member()
    measured(
        "a member that only the operator cannot reach", "network to the operator", writer, seen
    )
    assert writer.errors == []
    assert seen.elections == 0


def test_primary_that_only_the_operator_cannot_reach_is_left_alone(
    running: ReplicaSet, faults: Faults
) -> None:
    """The writer stands where the operator stands: it sees no primary either, for so long."""
    primary, _ = spread(running)
    with Writer(running) as writer, untouched(running) as seen:
        faults.hide(node_of(running, primary))
        running.await_condition("PrimaryElected", "Unknown", "MemberUnreachable", 40)
        faults.show(node_of(running, primary))
        writer.await_more(seconds=60)
    writer.check_every_member()
    assert seen.elections == 0
    assert running.status()["primary"] == f"mongo-{primary}"


def test_operator_that_reaches_nobody_touches_nothing(running: ReplicaSet, faults: Faults) -> None:
    nodes = [node_of(running, each) for each in range(3)]
    with untouched(running) as seen:
        for node in nodes:
            faults.hide(node)
        eventually(
            lambda: running.condition("PrimaryElected")["status"] == "Unknown",
            40,
            "it is told",
            running.explain,
        )
        for node in nodes:
            faults.show(node)
    assert seen.elections == 0


@pytest.mark.parametrize("cut", [isolate, silence], ids=lambda cut: str(cut.__name__))
def test_operator_follows_the_majoritys_primary(
    running: ReplicaSet, faults: Faults, cut: Cut
) -> None:
    old, others = spread(running)
    with Writer(running, threads=2) as writer, untouched(running) as seen:
        cut(faults, running, old)
        eventually(
            lambda: running.status().get("primary") in {f"mongo-{each}" for each in others},
            40,
            "the status shows the majority's primary",
            running.explain,
        )
        assert not can_write_with_majority(running, old)
        writer.await_more()
        reunite(faults, running, old)
    writer.check_every_member()
    measured(
        f"the primary {'cut off from' if cut is isolate else 'unheard by'} its peers",
        "network between nodes",
        writer,
        seen,
    )
    assert f"mongo-{old}" not in seen.primaries[-1:]
    assert seen.elections >= 1


def can_write_with_majority(replica_set: ReplicaSet, ordinal: int) -> bool:
    """Whether this very member acknowledges a majority write."""
    strict = WriteConcern(w="majority", wtimeout=3000)
    with replica_set.member(ordinal) as client:
        things = client.app.get_collection("things", write_concern=strict)
        try:
            return things.insert_one({"on": "the minority's side"}).acknowledged
        except PyMongoError:
            return False
