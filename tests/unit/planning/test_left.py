"""Members that left the set: their data are offered only when nobody else can have any."""

from dataclasses import replace

import pytest

from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import Answer, Optime, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Force
from mongors.planning.steps.confirming import offer, refusal
from mongors.planning.steps.leaderless import await_primary
from mongors.planning.steps.recovery import recover
from unit.builders import (
    IDENTITY,
    OTHER_IDENTITY,
    asking,
    at_gate,
    changed,
    config,
    held,
    host,
    only,
    running,
    wanted,
    with_pod,
)

SET = wanted(3)
OFFERED = f"{IDENTITY}/mongo-2/5"
ASKED = asking(SET, recover=OFFERED)


def left(ordinal: int, seconds: int) -> Answer:
    """A member that is out of the configuration, and has applied what came until then."""
    applied = Optime(3, seconds, 1)
    return Answer(ordinal, State.REMOVED, version=(6, 0, 5), config=config((0,)), applied=applied)


def alone() -> Observed:
    """The only member has lost its data; two that had left before run over what they kept."""
    observed = at_gate(running(SET, primary=None), 0, node="node-0")
    return replace(observed, answers={1: left(1, 500), 2: left(2, 900)})


def test_the_most_advanced_of_them_is_offered() -> None:
    assert str(offer(SET, alone())) == OFFERED
    told = only(await_primary(SET, alone())).message
    assert "mongo-2 is out of the set, and the most advanced of those that still have data" in told
    assert told.endswith(f"mongors.io/recover={OFFERED}")
    assert refusal(ASKED, alone()) is None


@pytest.mark.parametrize(
    "observed",
    [
        with_pod(alone(), 0, held_since=None),
        with_pod(alone(), 0, deleting=True),
        replace(alone(), nodes={"node-0": Node("node-0", ready=False)}),
        replace(alone(), pods={each: pod for each, pod in alone().pods.items() if each}),
        replace(alone(), answers={2: left(2, 900)}),
        changed(alone(), 1, state=State.UNREACHABLE),
        changed(alone(), 1, applied=None),
        changed(alone(), 1, config=config((0,), identity=OTHER_IDENTITY)),
        changed(alone(), 1, config=config((0, 5), version=7)),
    ],
    ids=[
        "may start", "goes", "node is silent", "no pod", "no answer", "silent", "unknown progress",
        "of another set", "one more member",
    ],
)  # fmt: skip
def test_none_is_offered_while_anybody_may_have_more(observed: Observed) -> None:
    """Rule 78: unknown is not absent."""
    assert offer(SET, observed) is None


def test_who_serves_is_offered_before_them() -> None:
    serving = running(SET, primary=None, down=(1, 2))
    mixed = replace(serving, answers={0: serving.answers[0], 1: left(1, 500), 2: left(2, 99999)})
    assert str(offer(SET, mixed)) == f"{IDENTITY}/mongo-0/5"


def test_it_goes_on_under_an_id_that_was_never_used() -> None:
    """Rule 22; its own configuration does not hold it any more."""
    observed = alone()
    record = replace(observed.record, recovery=OFFERED, highest_member_id=8)
    observed = held(at_gate(observed, 1), "mongo-0", "mongo-1")
    observed = replace(observed, record=record)
    action = only(recover(ASKED, observed))
    assert isinstance(action, Force)
    (entry,) = action.config.members
    assert (entry.id, entry.host, entry.votes, entry.priority) == (9, host(2), 1, 1)
