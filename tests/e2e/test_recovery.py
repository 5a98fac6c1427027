"""A lost majority: reported with the way out, and nothing forced but what a person confirmed."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from e2e.faults import Faults, frozen
from e2e.history import Watched
from e2e.invariants import (
    FORCED_TERM,
    claims_stay,
    configs_go_forward,
    majority_serves,
    one_vote_at_a_time,
)
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer
from faults.flows import offered

SURVIVOR = 1
FORCED = (configs_go_forward, one_vote_at_a_time, majority_serves)
"""What a confirmed recovery breaks on purpose: without a majority, it forces a set of one."""
FORCED_LEAP = 1000
"""A forced reconfig adds some ten thousand to the version, a safe one adds one."""


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


@pytest.fixture(scope="module")
def written(running: ReplicaSet) -> Writer:
    """A writer that has ended: every member, and so the survivor, has what it wrote."""
    with Writer(running) as writer:
        writer.await_more(20)
    writer.check_every_member()
    return writer


@pytest.fixture(scope="module")
def seen(running: ReplicaSet) -> Iterator[Watched]:
    """A watcher of all that follows; the claims of the others are deleted on purpose."""
    with Watched(running, without=(*FORCED, claims_stay)) as watched:
        yield watched


@pytest.fixture(scope="module")
def stricken(running: ReplicaSet, written: Writer, seen: Watched) -> ReplicaSet:
    """A set whose other two members came back with empty volumes: nobody can be elected."""
    for lost in {0, 1, 2} - {SURVIVOR}:
        name = f"{running.name}-{lost}"
        running.run("delete", "pvc", f"data-{name}", "--wait=false")
        running.delete_pods(name)
    return running


def forced(seen: Watched) -> list[int]:
    """The versions that were forced: those that leap, and those that no primary has made."""
    versions = sorted({each.version for each in seen.configs})
    leaps = {new for old, new in pairwise(versions) if new - old > FORCED_LEAP}
    alone = {each.version for each in seen.configs if each.term == FORCED_TERM}
    return sorted(leaps | alone)


def recover(replica_set: ReplicaSet, text: str) -> None:
    replica_set.run(
        "annotate", f"mrs/{replica_set.name}", "--overwrite", f"mongors.io/recover={text}"
    )


def test_it_says_who_is_left_and_what_to_confirm(stricken: ReplicaSet) -> None:
    lost = stricken.await_condition("MajorityHealthy", "False", "MajorityLost", 90)
    eventually(lambda: offered(stricken), 60, "the way out is told", stricken.explain)
    lost = stricken.condition("MajorityHealthy")
    assert f"mongo-{SURVIVOR} is up and has applied" in lost["message"]
    status = stricken.status()
    assert offered(stricken) == (
        f"{status['replicaSetId']}/mongo-{SURVIVOR}/{status['configVersion']}"
    )
    plan = status["plan"]
    assert "acknowledged ones among them" in plan


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda right: "yes", "it must name"),
        (lambda right: right.replace("/mongo-1/", "/mongo-0/"), "most advanced member is mongo-1"),
        (lambda right: right + "7", "configuration version"),
        (lambda right: "0" * 24 + right[24:], "replicaSetId"),
    ],
    ids=["not a confirmation", "another member", "another version", "another set"],
)
def test_what_does_not_fit_is_refused(stricken: ReplicaSet, change: object, said: str) -> None:
    right = offered(stricken)
    assert callable(change)
    recover(stricken, change(right))
    await_refusal(stricken, said, 30)
    assert stricken.rs_config(SURVIVOR)["version"] == int(right.rsplit("/", 1)[1])


def told(replica_set: ReplicaSet) -> list[dict[str, str]]:
    """All that is said about the recovery now."""
    conditions = replica_set.status().get("conditions", [])
    return [each for each in conditions if "recovery" in each["message"]]


def await_refusal(replica_set: ReplicaSet, said: str, seconds: float) -> None:
    """Wait until the recovery is refused with these words."""
    eventually(
        lambda: any(said in each["message"] for each in told(replica_set)),
        seconds, f"it is refused: {said}", replica_set.explain,
    )  # fmt: skip


def test_the_confirmed_recovery_goes_on_with_the_survivor(
    stricken: ReplicaSet, written: Writer, seen: Watched
) -> None:
    """Rule 29: one forced reconfig; the others' data are gone before they come back."""
    assert forced(seen) == []
    recover(stricken, offered(stricken))
    stricken.await_ready(120)
    loss = stricken.condition("DataLossPossible")
    assert loss["status"] == "True"
    assert f"mongo-{SURVIVOR} went on alone" in loss["message"]
    members = stricken.rs_config(SURVIVOR)["members"]
    assert {each["_id"] for each in members} == {SURVIVOR, 3, 4}
    with Writer(stricken) as writer:
        writer.await_more(20)
    writer.check_every_member()
    written.check_every_member()
    assert len(forced(seen)) == 1
    assert seen.violations == []


def test_it_is_said_for_ever(stricken: ReplicaSet, seen: Watched) -> None:
    stricken.scale(5)
    stricken.await_ready()
    assert stricken.condition("DataLossPossible")["status"] == "True"
    stricken.scale(3)
    stricken.await_ready()
    assert stricken.condition("DataLossPossible")["status"] == "True"
    assert len(forced(seen)) == 1
    assert seen.violations == []


def test_nothing_is_forced_while_there_may_be_a_majority(
    replica_set: ReplicaSet, faults: Faults
) -> None:
    """Members that are only silent may run: the confirmation is refused while they do."""
    replica_set.apply(members=3)
    replica_set.await_ready()
    status = replica_set.status()
    right = f"{status['replicaSetId']}/mongo-0/{status['configVersion']}"
    with Writer(replica_set) as writer, Watched(replica_set, without=(majority_serves,)) as seen:
        recover(replica_set, right)
        await_refusal(replica_set, "there is a primary", 30)
        with frozen(faults, replica_set, 1), frozen(faults, replica_set, 2):
            await_refusal(replica_set, "mongo-1 runs", 60)
            assert replica_set.rs_config(0)["version"] == status["configVersion"]
        replica_set.run("annotate", f"mrs/{replica_set.name}", "mongors.io/recover-")
        replica_set.await_ready(90)
        writer.await_more()
    writer.check_every_member()
    assert seen.violations == []
    assert forced(seen) == []
    assert "DataLossPossible" not in {each["type"] for each in replica_set.status()["conditions"]}
