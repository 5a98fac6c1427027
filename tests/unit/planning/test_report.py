"""The status of a set: what was seen, in values that do not wander."""

from dataclasses import replace

import pytest

from mongors.api.conditions import ConditionStatus, ConditionType, Reason
from mongors.api.status import Binding, Status
from mongors.desired.desired import Desired
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.plan import plan
from mongors.planning.report import coarse_lag, is_worth_writing, refused, report
from unit.builders import (
    IDENTITY,
    NOW,
    changed,
    config,
    host,
    running,
    unborn,
    wanted,
    with_pod,
    without,
)

SET = wanted(3)


def told(desired: Desired, observed: Observed) -> Status:
    """The status after a pass that did what it planned."""
    return report(desired, observed, plan(desired, observed), [])


def test_a_healthy_set_is_told_in_full() -> None:
    status = told(SET, running(SET))
    assert status.phase == "Ready"
    assert (status.members, status.ready_members, status.ready) == (3, 3, "3/3")
    assert status.primary == "mongo-0"
    assert (status.version, status.feature_compatibility_version) == ("6.0.5", "6.0")
    assert (status.replica_set_id, status.highest_member_id) == (IDENTITY, 2)
    assert (status.config_version, status.config_term, status.voting_members) == (5, 3, 3)
    assert status.selector == "app.kubernetes.io/name=mongodb,app.kubernetes.io/instance=mongo"
    assert status.binding == Binding(name="mongo-connection")
    assert status.plan is None
    member = status.member_status[2]
    assert (member.name, member.ordinal, member.id, member.host) == ("mongo-2", 2, 2, host(2))
    assert (member.state, member.health, member.votes) == ("SECONDARY", 1, 1)
    assert (member.lag_seconds, member.claim_uid, member.version) == (0, "uid-claim-2", "6.0.5")


def test_an_unborn_set_is_told_as_far_as_it_is_known() -> None:
    status = told(SET, unborn(SET))
    assert status.phase == "Creating"
    assert (status.members, status.ready) == (3, "0/3")
    assert status.primary is None
    assert status.config_version is None
    assert status.binding is None
    assert status.plan == "initiate rs0 with 3 members"
    assert status.member_status[0].state == "UNINITIATED"


@pytest.mark.parametrize(
    ("desired", "observed", "phase"),
    [
        (wanted(3, paused=True), running(SET, down={2}), "Paused"),
        (SET, without(running(SET), ("Secret", "mongo-keyfile")), "Stalled"),
        (SET, replace(running(SET), record=Record(IDENTITY, 2)), "Creating"),
        (SET, running(SET, primary=None), "NoPrimary"),
        (wanted(4), running(wanted(4), config(range(3))), "Scaling"),
        (SET, running(SET, down={1}), "Degraded"),
        (SET, changed(running(SET), 0, voting_members=2), "Updating"),
    ],
)
def test_phase_is_the_first_word_that_fits(
    desired: Desired, observed: Observed, phase: str
) -> None:
    assert told(desired, observed).phase == phase


def test_a_member_that_does_not_answer_is_told_as_the_primary_sees_it() -> None:
    member = told(SET, running(SET, down={1})).member_status[1]
    assert (member.state, member.health, member.version) == ("DOWN", 0, None)


def test_a_member_that_nobody_sees_is_unreachable() -> None:
    observed = replace(running(SET, primary=None, down={1}), claims={})
    member = told(SET, observed).member_status[1]
    assert (member.state, member.health, member.claim_uid) == ("UNREACHABLE", None, None)


def test_a_pod_outside_the_configuration_has_no_vote_to_tell() -> None:
    member = told(SET, running(SET, config((0, 1)))).member_status[2]
    assert (member.id, member.votes, member.priority) == (None, None, None)


def test_what_cannot_be_seen_now_stays_as_it_was_told() -> None:
    """Rule 78."""
    before = Status(version="6.0.4", feature_compatibility_version="6.0")
    status = told(SET, replace(running(SET), answers={}, status=before))
    assert (status.version, status.feature_compatibility_version) == ("6.0.4", "6.0")
    assert status.replica_set_id == IDENTITY


def test_version_is_the_lowest_while_members_differ() -> None:
    assert told(SET, changed(running(SET), 1, version=(5, 0, 14))).version == "5.0.14"


def test_the_connection_is_told_only_once_its_user_exists() -> None:
    status = told(SET, replace(running(SET), record=Record(IDENTITY, 2, "other Secrets")))
    assert status.binding is None


@pytest.mark.parametrize(
    ("seconds", "coarse"),
    [(None, None), (0, 0), (9.9, 0), (10, 10), (29, 10), (61, 60), (4000, 3600)],
)
def test_lag_is_told_in_coarse_steps(seconds: float | None, coarse: int | None) -> None:
    """Rule 28: a status that flutters wakes everybody who watches it."""
    assert coarse_lag(seconds) == coarse


def test_the_same_pass_twice_gives_the_same_status() -> None:
    """Rule 28: nothing to write, so the object's version stays."""
    first = told(SET, running(SET))
    later = replace(running(SET), status=first, at=NOW.replace(hour=23))
    assert told(SET, later).to_wire() == first.to_wire()
    assert not is_worth_writing(first, told(SET, later))


def test_a_condition_is_dated_by_its_last_turn() -> None:
    observed = replace(running(SET, down={1}), status=told(SET, running(SET)))
    observed = replace(observed, at=NOW.replace(hour=23))
    dates = {each.type: each.last_transition_time for each in told(SET, observed).conditions}
    assert dates[ConditionType.READY] == NOW.replace(hour=23)
    assert dates[ConditionType.PRIMARY_ELECTED] == NOW


def test_lag_alone_is_not_worth_a_write() -> None:
    before, after = told(SET, running(SET)), told(SET, running(SET, lag={1: 400}))
    assert before != after
    assert not is_worth_writing(before, after)
    assert is_worth_writing(before, told(SET, running(SET, down={1})))


class TestRefusedSpec:
    """A spec that cannot be followed changes nothing but what is said."""

    BEFORE = told(SET, running(SET))
    AFTER = refused(BEFORE, 9, ("spec.members: no", "spec.version: no"), NOW)

    def test_is_told_in_every_condition_that_people_wait_for(self) -> None:
        """Rule 85."""
        said = {each.type: each for each in self.AFTER.conditions}
        expected = {
            ConditionType.READY: ConditionStatus.FALSE,
            ConditionType.RECONCILING: ConditionStatus.FALSE,
            ConditionType.STALLED: ConditionStatus.TRUE,
            ConditionType.SPEC_VALID: ConditionStatus.FALSE,
        }
        for kind, status in expected.items():
            assert said[kind].status is status
            assert said[kind].reason is Reason.SPEC_INVALID
            assert said[kind].observed_generation == 9
            assert said[kind].message.startswith("spec.members: no; spec.version: no. Nothing")
        assert (self.AFTER.phase, self.AFTER.observed_generation) == ("Stalled", 9)

    def test_keeps_what_was_known(self) -> None:
        """Rule 2: the record must survive a slip of the keyboard."""
        assert self.AFTER.replica_set_id == IDENTITY
        assert self.AFTER.highest_member_id == 2
        kinds = {each.type for each in self.AFTER.conditions}
        assert ConditionType.PRIMARY_ELECTED in kinds

    def test_is_told_once(self) -> None:
        again = refused(self.AFTER, 9, ("spec.members: no", "spec.version: no"), NOW)
        assert again.to_wire() == self.AFTER.to_wire()


def test_state_of_a_syncing_member_is_told_in_its_own_words() -> None:
    observed = with_pod(running(SET, states={2: State.STARTUP2}), 2, role="other", in_service=False)
    assert told(SET, observed).member_status[2].state == "STARTUP2"


class TestStorage:
    """How large each volume is, and how large it shall be while it grows."""

    @pytest.mark.parametrize(
        ("requested", "capacity", "told_sizes"),
        [
            ("5Gi", "2Gi", ("2Gi", "5Gi")),
            ("5Gi", "5Gi", ("5Gi", None)),
            ("5Gi", "5120Mi", ("5120Mi", None)),
            ("2Gi", "5Gi", ("5Gi", None)),
            ("5Gi", None, (None, None)),
            (None, "2Gi", ("2Gi", None)),
        ],
    )
    def test_is_told_as_far_as_it_is_known(
        self, requested: str | None, capacity: str | None, told_sizes: tuple[str | None, str | None]
    ) -> None:
        observed = running(SET)
        grown = replace(observed.claims[1], requested=requested, capacity=capacity)
        observed = replace(observed, claims={**observed.claims, 1: grown})
        member = told(SET, observed).member_status[1]
        assert (member.storage, member.storage_requested) == told_sizes

    def test_is_not_told_of_a_claim_that_cannot_be_seen(self) -> None:
        member = told(SET, replace(running(SET), claims={})).member_status[1]
        assert (member.storage, member.storage_requested, member.claim_uid) == (None, None, None)


def test_options_of_a_member_are_told_where_it_has_any() -> None:
    options = [{"member": 2, "votes": 0, "priority": 0, "hidden": True, "delaySeconds": 60}]
    desired = wanted(4, memberOptions=options)
    first, _, hidden, _ = told(desired, running(desired)).member_status
    assert (first.hidden, first.delay_seconds) == (None, None)
    assert (hidden.hidden, hidden.delay_seconds) == (True, 60)
