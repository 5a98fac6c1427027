"""Commands to members: who is asked what, as whom, and what happens when it fails."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.errors import Denied, Failure, NotNow, Refused, Rejected, Retry
from mongors.execute import Executor, members
from mongors.mongo import commands, copying
from mongors.mongo.copying import NOTES
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    CopyFrom,
    Evict,
    Force,
    GrowClaim,
    Reconfigure,
    Remake,
    SetParameters,
    SetWriteConcern,
    Step,
    StepDown,
    StepUp,
    StopForGood,
    SwitchOver,
    Upkeep,
)
from mongors.planning.outcome import Outcome
from mongors.planning.plan import Plan
from unit.builders import changed, config, entry, host, only, running, wanted
from unit.edges.kube import Kube
from unit.edges.mongods import Mongods

SET = wanted(5)
HANDOVER = SwitchOver(0, "mongo-0", 3, 2, "mongo-2", (1, 3), "as asked")
TURN = CopyFrom(1, "mongo-1", host(2), "mongo-2", "it takes over")
LIVE = {"metadata": {"uid": "uid"}}


@pytest.fixture
def mongods(monkeypatch: pytest.MonkeyPatch) -> Mongods:
    there = Mongods(config(range(5)))
    monkeypatch.setattr(members, "session", there.session)
    monkeypatch.setattr(members, "greet", there.greet)
    monkeypatch.setattr(commands, "CATCH_UP_PAUSE_SECONDS", 0)
    monkeypatch.setattr(copying, "WAKING_PAUSE_SECONDS", 0)
    monkeypatch.setattr(copying, "NOTES", [(notes, 0) for notes, _ in NOTES])
    return there


async def done(
    step: Step | None, kube: Kube | None = None, at: Observed | None = None, *upkeep: Upkeep
) -> list[Outcome]:
    """The outcomes of a plan."""
    planned = Plan(upkeep=upkeep, step=step)
    return await Executor(kube or Kube()).execute(SET, at or running(SET), planned)


class TestCopyFrom:
    """A hint before a step: whatever comes of it, the step is done."""

    async def test_asks_the_member_as_the_operator(self, mongods: Mongods) -> None:
        asked, handed = await done(HANDOVER, None, None, TURN)
        assert (asked.failure, handed.failure) == (None, None)
        assert mongods.ran[0] == (1, "replSetSyncFrom")
        assert mongods.sent[0] == {"replSetSyncFrom": host(2)}
        assert set(mongods.logins) == {"mongors"}

    async def test_the_primary_writes_until_something_came_from_there(
        self, mongods: Mongods
    ) -> None:
        """It is told at once what it was asked for, and drops a source that has nothing for it."""
        mongods.follows = [False, False, True]
        await done(HANDOVER, None, None, TURN)
        notes = [at for at, name in mongods.ran if name == "appendOplogNote"]
        assert notes == [0, 0, 0, 0, 2], "one more after it was seen there; one of who takes over"
        note = next(each for each in mongods.sent if "appendOplogNote" in each)
        assert note["writeConcern"] == {"w": 1}, "a majority may be waiting for this change"

    async def test_a_source_that_is_dropped_again_is_asked_for_again(
        self, mongods: Mongods
    ) -> None:
        mongods.follows = [True, False]
        asked, _ = await done(HANDOVER, None, None, TURN)
        assert asked.was_refused
        assert [name for _, name in mongods.ran].count("replSetSyncFrom") == 2

    async def test_is_given_up_after_some_notes(self, mongods: Mongods) -> None:
        mongods.follows = [False]
        asked, handed = await done(HANDOVER, None, None, TURN)
        assert asked.was_refused
        assert mongods.ran.count((0, "appendOplogNote")) == sum(notes for notes, _ in NOTES)
        assert handed.failure is None

    async def test_without_a_primary_there_is_nobody_to_write(self, mongods: Mongods) -> None:
        (asked,) = await done(None, None, running(SET, primary=None), TURN)
        assert (asked.was_refused, mongods.ran) == (True, [])

    @pytest.mark.parametrize("failure", [Refused("no"), Retry("no"), Rejected("no")])
    async def test_that_fails_hinders_nothing(self, mongods: Mongods, failure: Failure) -> None:
        mongods.failing[1, "replSetSyncFrom"] = failure
        asked, handed = await done(HANDOVER, None, None, TURN)
        assert (asked.was_refused, asked.is_final) == (True, False)
        assert handed.failure is None
        assert mongods.primary == 2


class TestSwitchOver:
    """One member stands, the others do not; and that ends whatever happens."""

    async def test_hands_over_while_the_others_do_not_stand(self, mongods: Mongods) -> None:
        assert only(await done(HANDOVER)).failure is None
        assert mongods.ran == [
            (0, "hello"),
            (2, "replSetFreeze"),
            (1, "replSetFreeze"),
            (3, "replSetFreeze"),
            (2, "hello"),
            (0, "replSetStepDown"),
            (2, "replSetStepUp"),
            (1, "replSetFreeze"),
            (3, "replSetFreeze"),
            (2, "appendOplogNote"),
        ]
        assert (mongods.primary, mongods.frozen) == (2, set())
        first = mongods.sent[1]
        assert first == {"replSetFreeze": 0}, "it may have stepped down itself a moment ago"
        assert set(mongods.logins) == {"mongors"}

    async def test_a_majority_hears_of_the_new_primary(self, mongods: Mongods) -> None:
        """Who copies from it may have missed its first writes, and would wait for seconds."""
        await done(HANDOVER)
        (note,) = (each for each in mongods.sent if "appendOplogNote" in each)
        assert note["writeConcern"] == {"w": "majority", "wtimeout": copying.WAKING_MS}

    @pytest.mark.parametrize("failure", [Refused("no"), Retry("no"), Rejected("no")])
    async def test_is_done_though_no_majority_is_heard(
        self, mongods: Mongods, failure: Failure
    ) -> None:
        mongods.failing[2, "appendOplogNote"] = failure
        assert only(await done(HANDOVER)).failure is None

    async def test_forces_nothing(self, mongods: Mongods) -> None:
        """Rule 12."""
        await done(HANDOVER)
        down = next(each for each in mongods.sent if "replSetStepDown" in each)
        assert down["force"] is False
        assert not any(each.get("force") for each in mongods.sent)

    @pytest.mark.parametrize(
        "failing", [(3, "replSetFreeze"), (0, "replSetStepDown"), (2, "replSetStepUp")]
    )
    @pytest.mark.parametrize("failure", [Refused("no"), Retry("no"), Rejected("no")])
    async def test_lets_all_stand_again_whatever_fails(
        self, mongods: Mongods, failing: tuple[int, str], failure: Failure
    ) -> None:
        mongods.failing[failing] = failure
        assert only(await done(HANDOVER)).failure == "no"
        assert 1 not in mongods.frozen
        assert mongods.primary == (None if failing[0] == 2 else 0)

    async def test_waits_for_a_member_that_lacks_what_a_majority_has(
        self, mongods: Mongods
    ) -> None:
        """The primary steps down for whoever has all, and nobody else stands."""
        mongods.behind[2] = 3
        assert only(await done(HANDOVER)).failure is None
        looks = [at for at, name in mongods.ran if name == "hello"]
        assert looks == [0, 2, 2, 2, 2]

    async def test_waits_no_longer_than_a_second(self, mongods: Mongods) -> None:
        """A member that is always a little behind could never take over otherwise."""
        mongods.behind[2] = 1000
        assert only(await done(HANDOVER)).failure is None
        assert mongods.ran.count((2, "hello")) == commands.CATCH_UP_LOOKS

    async def test_goes_no_further_when_one_could_still_stand(self, mongods: Mongods) -> None:
        """Of a member that cannot be kept from standing, the primary does not step down."""
        mongods.failing[1, "replSetFreeze"] = Retry("no answer")
        await done(HANDOVER)
        assert "replSetStepDown" not in {name for _, name in mongods.ran}

    async def test_is_not_undone_by_a_member_that_stays_frozen(self, mongods: Mongods) -> None:
        """That ends by itself, and by then there is a primary."""
        calls = iter([None, None, None, Retry("gone"), None])
        follow = mongods.run

        def run(ordinal: int, command: Any) -> Any:
            if "replSetFreeze" in command and (failure := next(calls)) is not None:
                raise failure
            return follow(ordinal, command)

        mongods.run = run  # type: ignore[method-assign]
        assert only(await done(HANDOVER)).failure is None
        assert (mongods.primary, mongods.frozen) == (2, {1})


class TestEvict:
    """The member is asked, and its pod looked at, once more."""

    STEP = Evict(1, "mongo-1", "uid", "why")

    async def test_goes_under_the_budget(self, mongods: Mongods) -> None:
        """Rules 38, 60 and 82."""
        kube = Kube()
        kube.pod = LIVE
        assert only(await done(self.STEP, kube)).failure is None
        assert kube.calls == [("evict", "default", "mongo-1", "uid")]

    async def test_does_not_go_when_the_budget_forbids_it(self, mongods: Mongods) -> None:
        """Somebody else has one out of service: the next pass sees that, and waits."""
        kube = Kube(NotNow("not now"))
        kube.pod = LIVE
        outcome = only(await done(self.STEP, kube))
        assert (outcome.failure, outcome.was_refused) == ("not now", True)

    @pytest.mark.parametrize("pod", [None, {"metadata": {"uid": "another"}}])
    async def test_does_not_go_for_another_pod(self, mongods: Mongods, pod: Any) -> None:
        kube = Kube()
        kube.pod = pod
        assert only(await done(self.STEP, kube)).was_refused
        assert kube.calls == []

    async def test_does_not_go_when_it_is_primary_by_now(self, mongods: Mongods) -> None:
        """Rule 63."""
        mongods.primary = 1
        kube = Kube()
        kube.pod = LIVE
        assert only(await done(self.STEP, kube)).failure == "mongo-1 is primary by now"
        assert kube.calls == []
        planned = replace(self.STEP, may_be_primary=True)
        assert only(await done(planned, kube)).failure is None

    async def test_does_not_go_when_it_does_not_answer(self, mongods: Mongods) -> None:
        """Rule 78."""
        mongods.failing[1, "hello"] = Retry("silent")
        kube = Kube()
        kube.pod = LIVE
        assert only(await done(self.STEP, kube)).was_refused
        assert kube.calls == []
        planned = replace(self.STEP, may_be_silent=True)
        assert only(await done(planned, kube)).failure is None

    async def test_does_not_go_for_its_silence_once_it_serves(self, mongods: Mongods) -> None:
        """Rule 63: it was taken for one that nobody would miss."""
        kube = Kube()
        kube.pod = LIVE
        planned = replace(self.STEP, may_be_silent=True)
        assert only(await done(planned, kube)).failure == "mongo-1 serves by now"
        assert kube.calls == []


class TestForce:
    """Rule 29: only on the configuration that was confirmed, and only without a primary."""

    STEP = Force(0, "mongo-0", (3, 5), config((0,), version=6))

    async def test_is_sent_as_a_member(self, mongods: Mongods) -> None:
        mongods.primary = None
        assert only(await done(self.STEP)).failure is None
        assert mongods.sent[-1]["force"] is True
        assert [each["_id"] for each in mongods.sent[-1]["replSetReconfig"]["members"]] == [0]
        assert set(mongods.logins) == {"__system"}

    @pytest.mark.parametrize("primary", [0, 2])
    async def test_is_not_sent_while_there_is_a_primary(
        self, mongods: Mongods, primary: int
    ) -> None:
        mongods.primary = primary
        assert only(await done(self.STEP)).was_refused
        assert "replSetReconfig" not in {name for _, name in mongods.ran}

    async def test_is_not_sent_on_another_configuration(self, mongods: Mongods) -> None:
        mongods.primary = None
        mongods.live = {**mongods.live, "version": 6}
        assert only(await done(self.STEP)).was_refused
        assert mongods.ran == [(0, "replSetGetConfig")]


class TestOldServers:
    """Before 5.0 a delay has another name, and mongod refuses the one that it does not know."""

    @pytest.mark.parametrize(
        ("version", "word"),
        [
            ((4, 4, 29), "slaveDelay"),
            ((5, 0, 0), "secondaryDelaySecs"),
            (None, "secondaryDelaySecs"),
        ],
    )
    async def test_are_told_in_their_own_words(
        self, mongods: Mongods, version: tuple[int, int, int] | None, word: str
    ) -> None:
        observed = changed(running(SET), 0, version=version)
        delayed = replace(entry(4, votes=0), delay_seconds=60)
        step = Reconfigure(
            0, (3, 5), config((0, 1, 2, 3, delayed), version=6), "take x", "take_vote"
        )
        assert only(await done(step, at=observed)).failure is None
        assert mongods.sent[-1]["replSetReconfig"]["members"][4][word] == 60


async def test_parameters_are_noted_on_the_pod_of_the_member(mongods: Mongods) -> None:
    kube = Kube()
    step = SetParameters(1, "mongo-1", "uid", '{"setParameter": {}}', {"b": 2, "a": 1})
    assert only(await done(step, kube)).failure is None
    noted = {"mongors.io/configuration": '{"setParameter": {}}'}
    assert kube.calls == [("label", "default", "mongo-1", "uid", {}, noted)]
    assert mongods.sent == [{"setParameter": 1, "a": 1}, {"setParameter": 1, "b": 2}]


@pytest.mark.parametrize(
    ("step", "name", "login"),
    [
        (StepDown(0, "mongo-0", 3, "why"), "replSetStepDown", "mongors"),
        (SetWriteConcern(0), "setDefaultRWConcern", "mongors"),
    ],
)
async def test_daily_work_is_done_with_few_rights(
    mongods: Mongods, step: Any, name: str, login: str
) -> None:
    await done(step)
    assert mongods.ran == [(step.ordinal, name)]
    assert mongods.logins == [login]


async def test_who_is_asked_to_stand_is_asked_as_a_member(mongods: Mongods) -> None:
    """Before there are users as well; what it says of a primary is the last word."""
    mongods.primary = None
    assert only(await done(StepUp(1))).failure is None
    assert mongods.ran == [(1, "hello"), (1, "replSetStepUp")]
    assert mongods.logins == ["__system"]


async def test_nobody_is_asked_to_stand_once_there_is_a_primary(mongods: Mongods) -> None:
    """What was seen may be seconds old: who was elected meanwhile would be unseated."""
    outcome = only(await done(StepUp(1)))
    assert outcome.failure == "there is a primary: nobody else has to stand"
    assert mongods.ran == [(1, "hello")]


async def test_a_login_that_a_member_refuses_is_told_with_the_way_out(mongods: Mongods) -> None:
    mongods.failing[0, "replSetStepDown"] = Denied("refused", "replSetStepDown", "mongod")
    outcome = only(await done(StepDown(0, "mongo-0", 3, "why")))
    assert outcome.is_final
    assert "put the former value back" in str(outcome.failure)


class TestObjects:
    """What else is done to pods, claims and the StatefulSet."""

    async def test_a_statefulset_is_made_anew_over_its_pods(self) -> None:
        """Rules 62 and 82: by uid, and nothing that it owns goes with it."""
        kube = Kube()
        await done(Remake("mongo", "uid", "why"), kube)
        assert kube.calls == [("orphan", "StatefulSet", "default", "mongo", "uid")]

    async def test_a_claim_grows_by_its_uid(self) -> None:
        kube = Kube()
        await done(None, kube, None, GrowClaim("data-mongo-0", "uid", "5Gi"))
        assert kube.calls == [("resize", "default", "data-mongo-0", "uid", "5Gi")]

    async def test_a_claim_that_does_not_grow_hinders_nothing(self, mongods: Mongods) -> None:
        """F47."""
        grow = GrowClaim("data-mongo-0", "uid", "5Gi")
        mongods.primary = None
        outcomes = await done(StepUp(0), Kube(Rejected("quota")), None, grow)
        assert [each.failure for each in outcomes] == ["quota", None]

    async def test_a_member_that_was_given_up_is_stopped_by_its_uid(self) -> None:
        kube = Kube()
        kube.pod = {
            **LIVE,
            "status": {"containerStatuses": [{"name": "mongod", "state": {"running": {}}}]},
        }
        await done(StopForGood("mongo-1", "uid", "why"), kube)
        assert kube.calls == [("delete", "Pod", "default", "mongo-1", "uid")]
        kube.pod = {"metadata": {"uid": "another"}}
        assert only(await done(StopForGood("mongo-1", "uid", "why"), kube)).was_refused
