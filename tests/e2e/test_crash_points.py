"""Rule 77 on a real cluster: an operator may die before and after any of its calls.

The simulator has every call of every flow (tests/property/test_crash_points.py). Here some are
drawn by a seed: `SEED=n` draws others, and `EVERY_CALL=1` takes all of birth and of a roll.
"""

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from e2e.conftest import Kubectl, a_namespace
from e2e.history import Watched
from e2e.invariants import Invariant, claims_stay, majority_serves
from e2e.leaks import leaks, secrets_in
from e2e.own import own_operator
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer
from faults.dying import AFTER, BEFORE, NEVER, TOLD
from faults.flows import IN_FULL, SAMPLED, Ended, Flow

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

SEED = os.environ.get("SEED", "7")
EVERY_CALL = bool(os.environ.get("EVERY_CALL"))
DRAWN = 6 if EVERY_CALL else 1
AT_ONCE = 2
SECONDS = 120
"""For a whole flow; a kill and a new start included."""

Point = tuple[str, int]


def follow(replica_set: ReplicaSet, ended: Ended, when: str = NEVER, at: int = 0) -> list[str]:
    """Let an operator work until the flow has ended or it has died; tell its calls."""
    module = ("faults.dying", when, str(at))
    with tempfile.TemporaryFile() as log:
        with own_operator(replica_set.namespace, log=log, module=module) as operator:
            eventually(
                lambda: operator.poll() is not None or ended(), SECONDS, "the end of the flow",
                replica_set.explain,
            )  # fmt: skip
        log.seek(0)
        written = log.read().decode()
    shown = leaks({"the operator's log": written}, secrets_in(replica_set.all_of("secrets")))
    assert list(shown) == []
    return [line for line in written.splitlines() if line.startswith(TOLD)]


def stand(replica_set: ReplicaSet, flow: Flow) -> None:
    """Bring a set to where the flow begins."""
    if flow.members:
        replica_set.apply(members=flow.members)
        follow(replica_set, replica_set.is_ready)


def excused(flow: Flow) -> tuple[Invariant, ...]:
    """What is broken on purpose by whoever deletes a set or a claim."""
    stopped = (majority_serves,) if str(flow) == "made_anew" else ()
    return (*stopped, *(() if flow.keeps_claims else (claims_stay,)))


def live(replica_set: ReplicaSet, flow: Flow, point: Point) -> list[str]:
    """One flow with a death in it, and the next operator's work; the calls up to the death."""
    stand(replica_set, flow)
    if flow.prepare:
        follow(replica_set, flow.prepare(replica_set))
    if not flow.members or flow.prepare:  # nothing to write to yet, or nobody to write to
        calls = come_to_its_end(replica_set, flow, point)
        with Writer(replica_set) as writer:
            writer.await_more()
        writer.check_every_member()
        return calls
    with Writer(replica_set) as writer, Watched(replica_set, without=excused(flow)) as seen:
        writer.await_more()
        calls = come_to_its_end(replica_set, flow, point)
        writer.await_more()
    writer.check_every_member()
    assert seen.violations == []
    assert flow.elections in {None, seen.elections}, f"{seen.elections} elections"
    return calls


def come_to_its_end(replica_set: ReplicaSet, flow: Flow, point: Point) -> list[str]:
    """Begin a flow; one operator dies in it, another one ends it."""
    ended = flow.begin(replica_set)
    calls = follow(replica_set, ended, *point)
    follow(replica_set, ended)
    check_identity(replica_set)
    return calls


def check_identity(replica_set: ReplicaSet) -> None:
    """All members are of the one set that the status names, and everybody knows of all."""
    members = range(len(replica_set.pods()))
    configs = [replica_set.rs_config(each) for each in members]
    assert {str(each["settings"]["replicaSetId"]) for each in configs} == {
        replica_set.status()["replicaSetId"]
    }
    assert [len(each["members"]) for each in configs] == [len(members)] * len(members)


def live_through(kubectl: Kubectl, flow: Flow, points: Sequence[Point]) -> list[str]:
    """Live through a flow once for each point, in as few namespaces as it allows."""
    told = []
    chunks = [points] if flow.is_repeatable else [[each] for each in points]
    for chunk in chunks:
        with a_namespace(kubectl) as name:
            for when, at in chunk:
                calls = live(ReplicaSet(kubectl, name), flow, (when, at))
                died = len(calls) == at
                told.append(f"{flow}: died {when} {calls[-1]}" if died else f"{flow}: lived")
                print(told[-1], flush=True)
    return told


def points_of(calls: int, flow: Flow) -> list[Point]:
    """The calls at which to die: all of them, or some that the seed draws.

    A flow has a few lines of progress more or less each time: of the last calls none is drawn,
    for it may not come.
    """
    every = [(when, at) for at in range(1, calls + 1) for when in (BEFORE, AFTER)]
    if EVERY_CALL and flow in IN_FULL:
        return every
    chance = random.Random(f"{SEED} {flow}")
    certain = every[: max(len(every) * 3 // 4, 1)]
    return chance.sample(certain, min(DRAWN, len(certain)))


def story(kubectl: Kubectl, flow: Flow) -> list[str]:
    """A flow once without a death, which shows its calls, and then with one at each point."""
    with a_namespace(kubectl) as name:
        calls = live(ReplicaSet(kubectl, name), flow, (NEVER, 0))
    points = points_of(len(calls), flow)
    with ThreadPoolExecutor(AT_ONCE if len(points) > AT_ONCE else 1) as pool:
        parts = [points[each::AT_ONCE] for each in range(AT_ONCE)]
        told = pool.map(lambda part: live_through(kubectl, flow, part), parts)
        return [line for part in told for line in part]


@pytest.fixture(scope="module")
def stories(
    request: pytest.FixtureRequest, kubectl: Kubectl, operator_rests: None
) -> Iterator[dict[str, Future[list[str]]]]:
    """All flows that were asked for, some at the same time: they wait more than they work."""
    asked = " ".join(each.name for each in request.session.items)
    flows = [flow for flow in (*IN_FULL, *SAMPLED) if f"[{flow}]" in asked]
    with ThreadPoolExecutor(1 if EVERY_CALL else AT_ONCE) as pool:
        yield {str(flow): pool.submit(story, kubectl, flow) for flow in flows}


@pytest.mark.parametrize("flow", [str(each) for each in (*IN_FULL, *SAMPLED)])
def test_an_operator_may_die_at_any_call(stories: dict[str, Future[list[str]]], flow: str) -> None:
    told = stories[flow].result()
    print("\n".join(told))
    assert any("died" in line for line in told)
