"""Scaling on bad days: minds changed halfway, members down, primaries that go, old data back.

Always: one vote changes at a time, a majority serves, nothing acknowledged is lost.
"""

import pytest

from e2e.faults import Faults, frozen
from e2e.history import Watched
from e2e.invariants import Config, Round
from e2e.measured import measured
from e2e.sets import ReplicaSet, eventually
from e2e.test_scale import make_primary
from e2e.writer import Writer


@pytest.fixture(scope="module")
def running(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    return replica_set_of_module


def ids(config: Config) -> set[int]:
    """The `_id`s of a configuration's members."""
    return {member.id for member in config.members}


def test_up_and_back_down_within_two_seconds(running: ReplicaSet) -> None:
    with Writer(running) as writer, Watched(running) as seen:
        running.scale(5)
        eventually(
            lambda: running.get("statefulset")["spec"]["replicas"] > 3, 20, "scaling has begun"
        )
        running.scale(3)
        running.await_ready(60)
    writer.check_every_member()
    measured("3 to 5 and back within two seconds", "spec.members twice", writer, seen)
    assert seen.violations == []
    assert writer.errors == []
    assert seen.elections == 0
    assert len(running.rs_config()["members"]) == 3


def test_scale_up_while_a_member_is_down(running: ReplicaSet, faults: Faults) -> None:
    down = next(each for each in (2, 1) if each != running.primary_ordinal())
    with Writer(running) as writer, Watched(running) as seen:
        with frozen(faults, running, down):
            running.scale(5)
            eventually(
                lambda: len(seen.configs[-1].members) == 5, 60, "two have joined", running.explain
            )
            assert not running.is_ready()
            writer.await_more()
        running.await_ready(60)
    writer.check_every_member()
    measured("3 to 5 while a member is down", "a mongod frozen", writer, seen)
    assert seen.violations == []
    assert writer.errors == []


def test_mind_changed_on_the_way_down(running: ReplicaSet) -> None:
    running.scale(5)
    running.await_ready()
    with Writer(running) as writer, Watched(running) as seen:
        running.scale(1)
        eventually(lambda: len(seen.configs[-1].members) < 5, 20, "members leave")
        running.scale(5)
        running.await_ready(80)
    writer.check_every_member()
    measured("5 to 1, and back to 5 on the way", "spec.members twice", writer, seen)
    assert seen.violations == []
    assert writer.errors == []
    assert running.status()["votingMembers"] == 5


def test_scale_down_takes_the_member_that_is_down_first(
    running: ReplicaSet, faults: Faults
) -> None:
    running.scale(5)
    running.await_ready()
    if running.primary_ordinal() > 2:
        make_primary(running, 0)
    with Writer(running) as writer, Watched(running) as seen:
        before = seen.configs[-1]
        with frozen(faults, running, 3):
            eventually(
                lambda: running.rs_status(running.primary_ordinal())["members"][3]["health"] == 0,
                30,
                "its peers miss it",
                running.explain,
            )
            running.scale(3)
            eventually(lambda: len(seen.configs[-1].members) == 3, 40, "two have left")
        running.await_ready(60)
    writer.check_every_member()
    measured("scale down while a member is down", "a mongod frozen", writer, seen)
    assert seen.violations == []
    first_gone = ids(before) - ids(next(each for each in seen.configs if len(each.members) == 4))
    assert first_gone == {member.id for member in before.members if member.pod == "mongo-3"}
    assert seen.elections == 0


def test_down_to_one_while_the_last_to_go_is_primary(running: ReplicaSet) -> None:
    make_primary(running, 2)
    with Writer(running) as writer, Watched(running) as seen:
        running.scale(1)
        running.await_ready(60)
    writer.check_every_member()
    measured("down to 1, the primary goes last", "spec.members", writer, seen)
    assert seen.violations == []
    assert writer.errors == []
    assert seen.primaries == ["mongo-2", "mongo-0"]
    assert seen.elections == 1


def test_back_with_old_data_and_no_vote_before_it_has_caught_up(running: ReplicaSet) -> None:
    claims = {claim["metadata"]["uid"] for claim in running.all_of("pvc")}
    with Writer(running, threads=4, pause=0) as writer, Watched(running) as seen:
        writer.await_more(2000, 60)
        running.scale(3)
        running.await_ready(60)
    writer.check_every_member()
    measured("away and back over old volumes, 4 writers", "spec.members twice", writer, seen)
    assert seen.violations == []
    assert writer.errors == []
    assert {claim["metadata"]["uid"] for claim in running.all_of("pvc")} >= claims
    for pod in ("mongo-1", "mongo-2"):
        assert_caught_up_before_its_vote(seen.rounds, pod)


def assert_caught_up_before_its_vote(rounds: list[Round], pod: str) -> None:
    """It joined without a vote, and has what the set had then when the vote counts."""
    told = [one for one in rounds if one.newest]
    before = max(n for n, one in enumerate(told) if member_id(one.newest, pod) is None)
    counts = next(n for n, one in enumerate(told) if has_vote(one.newest, pod))
    versions = [one.newest.version for one in (told[before], told[counts]) if one.newest]
    assert versions[1] - versions[0] >= 2, "joining and voting are two configurations"
    asked = max(look.written for look in told[before].looks)
    looks = [look for one in told[counts:] for look in one.looks if look.pod == pod]
    heard = [look.written for look in looks if look.written]
    assert heard[min(1, len(heard) - 1)] >= asked


def member_id(config: Config | None, pod: str) -> int | None:
    """The `_id` of a pod's member."""
    members = config.members if config else ()
    return next((member.id for member in members if member.pod == pod), None)


def has_vote(config: Config | None, pod: str) -> bool:
    """Whether the vote of a pod's member counts."""
    return config is not None and member_id(config, pod) in config.counting


@pytest.mark.parametrize("version", ["6.0.5", "4.4.2"])
def test_from_one_to_three(replica_set: ReplicaSet, version: str) -> None:
    replica_set.apply(members=1, version=version)
    replica_set.await_ready()
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        replica_set.scale(3)
        replica_set.await_ready(80)
    writer.check_every_member()
    measured("1 to 3", "spec.members", writer, seen)
    assert seen.violations == []
    assert writer.errors == []
    assert [len(config.counting) for config in seen.configs][-1] == 3
    assert seen.elections == 0


def test_from_seven_to_nine_adds_two_that_do_not_vote(replica_set: ReplicaSet) -> None:
    small = {"requests": {"cpu": "10m", "memory": "64Mi"}}
    replica_set.apply(members=7, resources=small)
    replica_set.await_ready()
    with Writer(replica_set) as writer, Watched(replica_set) as seen:
        replica_set.scale(9)
        replica_set.await_ready()
    writer.check_every_member()
    measured("7 to 9", "spec.members", writer, seen)
    assert seen.violations == []
    assert writer.errors == []
    assert seen.configs[-1].counting == seen.configs[0].counting
    assert len(seen.configs[-1].members) == 9
    assert seen.elections == 0
