"""The start gate: an empty member must not vote for what it no longer has (rule 34)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.actions import PermitEmptyStart, WithdrawEmptyStart
from mongors.planning.steps.gate import HELD_SECONDS, MISSED, is_held, keep_gates
from mongors.planning.steps.reseed import release_empty_members
from unit.builders import (
    BORN,
    IDENTITY,
    NOW,
    claim,
    config,
    held,
    only,
    pending_pod,
    running,
    unborn,
    wanted,
    with_pod,
)

SET = wanted(3)
LONG_AGO = NOW - timedelta(seconds=HELD_SECONDS)


def at_the_gate(observed: Observed, ordinal: int, **fields: object) -> Observed:
    """The same snapshot with one pod that has come up empty."""
    empty = pending_pod(ordinal, **{"held_since": LONG_AGO, **fields})
    answers = {key: each for key, each in observed.answers.items() if key != ordinal}
    return replace(observed, pods={**observed.pods, ordinal: empty}, answers=answers)


def test_every_new_member_may_start_empty_at_birth() -> None:
    observed = unborn(SET)
    for ordinal in range(3):
        observed = at_the_gate(observed, ordinal, held_since=None)
    assert [each.pod for each in keep_gates(SET, observed)] == ["mongo-0", "mongo-1", "mongo-2"]


def test_permission_names_the_very_pod() -> None:
    """Rule 82: a permission for one pod must not open the gate for its successor."""
    observed = at_the_gate(unborn(SET), 1, uid="uid-of-this-one")
    assert only(keep_gates(SET, observed)) == PermitEmptyStart(
        "mongo-1", "uid-of-this-one", "birth of the set"
    )


def test_a_permission_that_does_not_arrive_is_given_once_more() -> None:
    """A kubelet may miss it; more news of the pod make it look again."""

    def given(permitted: datetime | None, held: datetime | None) -> list[object]:
        fields = {"may_start_empty": True, "permitted_at": permitted, "held_since": held}
        return list(keep_gates(SET, at_the_gate(unborn(SET), 1, **fields)))

    again = PermitEmptyStart("mongo-1", "uid-pod-1", "birth of the set")
    assert given(NOW - MISSED, LONG_AGO - MISSED) == [again]
    assert given(NOW - MISSED + timedelta(seconds=1), LONG_AGO) == []
    assert given(LONG_AGO - MISSED, NOW - timedelta(seconds=1)) == [], "it has just come"
    assert given(NOW - MISSED, None) == [], "it has passed"
    assert given(None, LONG_AGO - MISSED) == [], "nobody knows when it was given"


@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize("ordinal", [0, 1, 2])
def test_a_member_of_the_configuration_that_comes_back_empty_stays_at_the_gate(
    ordinal: int, settled: bool
) -> None:
    """Rule 34: it would vote for a primary that lacks what it helped to acknowledge."""
    leader = (ordinal + 1) % 3
    observed = running(SET, primary=leader, down={ordinal}, committed=settled)
    assert list(keep_gates(SET, at_the_gate(observed, ordinal))) == []


def test_nobody_starts_empty_in_a_set_whose_members_are_all_silent() -> None:
    """Rules 34 and 78: who is a member cannot be seen now, so nobody is let in."""
    observed = replace(running(SET, primary=None), answers={})
    for ordinal in range(3):
        observed = at_the_gate(observed, ordinal)
    assert list(keep_gates(SET, observed)) == []


def test_nobody_starts_empty_without_a_primary() -> None:
    observed = running(SET, config([0, 1]), primary=None)
    assert list(keep_gates(SET, at_the_gate(observed, 2))) == []


def test_a_pod_outside_the_configuration_may_start_empty() -> None:
    observed = running(SET, config([0, 1], version=7))
    assert only(keep_gates(SET, at_the_gate(observed, 2))) == PermitEmptyStart(
        "mongo-2", "uid-pod-2", "not a member of configuration version 7"
    )


def test_a_pod_outside_an_uncommitted_configuration_waits() -> None:
    """Rule 15: a configuration that can still be rolled back decides nothing."""
    observed = running(SET, config([0, 1]), committed=False)
    assert list(keep_gates(SET, at_the_gate(observed, 2))) == []


def test_permission_is_given_once() -> None:
    observed = at_the_gate(running(SET, config([0, 1])), 2, may_start_empty=True)
    assert list(keep_gates(SET, observed)) == []


def test_a_pod_that_goes_needs_no_permission() -> None:
    observed = at_the_gate(running(SET, config([0, 1])), 2, deleting=True)
    assert list(keep_gates(SET, observed)) == []


def test_permission_ends_when_the_member_serves() -> None:
    """Rule 34: a pod may come back over another disk, and be empty then."""
    observed = with_pod(running(SET), 1, may_start_empty=True)
    assert only(keep_gates(SET, observed)) == WithdrawEmptyStart("mongo-1", "uid-pod-1")
    assert list(keep_gates(SET, with_pod(observed, 1, deleting=True))) == []


@pytest.mark.parametrize("state", [State.STARTUP2, State.UNINITIATED])
def test_permission_ends_when_mongod_runs(state: State) -> None:
    """Rule 34: the operator may be away when it has synced, and its disk may be lost then."""
    observed = with_pod(running(SET, states={1: state}), 1, may_start_empty=True)
    assert only(keep_gates(SET, observed)) == WithdrawEmptyStart("mongo-1", "uid-pod-1")


def test_permission_of_a_founder_stays_until_it_is_initiated() -> None:
    assert list(keep_gates(SET, unborn(SET))) == []


def test_permission_of_a_member_that_is_held_ends_after_that() -> None:
    """Without it, whoever restarts while it is still held would wait at the gate for ever."""
    observed = with_pod(running(SET, config([0, 1])), 2, may_start_empty=True)
    assert list(keep_gates(SET, held(observed, "mongo-2"))) == []
    assert [each.pod for each in keep_gates(SET, observed)] == ["mongo-2"]


def test_a_member_that_serves_needs_no_permission() -> None:
    observed = running(SET, config([0, 1]), states={2: State.SECONDARY})
    assert list(keep_gates(SET, observed)) == []


class TestBirthOverOldClaims:
    """Rules 34 and 43: volumes from before the resource may hold a set's data."""

    def old(self) -> Observed:
        before = BORN - timedelta(days=1)
        observed = replace(
            unborn(SET), claims={each: claim(each, before) for each in range(3)}, answers={}
        )
        for ordinal in range(3):
            observed = at_the_gate(observed, ordinal)
        return observed

    def test_all_may_start_once_all_are_known_to_be_empty(self) -> None:
        assert len(list(keep_gates(SET, self.old()))) == 3

    def test_a_birth_that_was_cut_off_goes_on(self) -> None:
        """Rule 77: whoever was permitted to start was seen to be empty, as all others are."""
        observed = with_pod(self.old(), 0, held_since=None, may_start_empty=True)
        said = [each.pod for each in keep_gates(SET, observed)]
        assert said == ["mongo-1", "mongo-2"]

    @pytest.mark.parametrize("since", [None, LONG_AGO + timedelta(seconds=1)])
    def test_nobody_may_start_while_one_may_hold_data(self, since: object) -> None:
        observed = at_the_gate(self.old(), 1, held_since=since)
        assert list(keep_gates(SET, observed)) == []

    def test_nobody_may_start_while_a_pod_is_missing(self) -> None:
        observed = self.old()
        observed = replace(observed, pods={each: observed.pods[each] for each in (0, 1)})
        assert list(keep_gates(SET, observed)) == []

    def test_nobody_may_start_over_volumes_made_from_snapshots(self) -> None:
        """A new volume with old data is an old volume."""
        claims = {each: replace(claim(each), prefilled=True) for each in range(3)}
        observed = at_the_gate(replace(self.old(), claims=claims), 1, held_since=None)
        assert list(keep_gates(SET, observed)) == []

    def test_nobody_may_start_while_a_claim_cannot_be_seen(self) -> None:
        """Rule 78."""
        claims = {each: claim(each) for each in (0, 1)}
        observed = at_the_gate(replace(self.old(), claims=claims), 2, held_since=None)
        assert list(keep_gates(SET, observed)) == []

    def test_nobody_may_start_when_the_set_is_recorded(self) -> None:
        observed = replace(self.old(), record=Record(IDENTITY))
        assert list(keep_gates(SET, observed)) == []


def test_a_pod_counts_as_held_after_a_while_at_the_gate() -> None:
    observed = running(SET, down={0}, primary=1)
    assert not is_held(observed.pods[0], observed)
    assert is_held(with_pod(observed, 0, held_since=LONG_AGO).pods[0], observed)
    just_now = with_pod(observed, 0, held_since=LONG_AGO + timedelta(seconds=1))
    assert not is_held(just_now.pods[0], observed)


def test_a_pod_that_others_see_up_is_not_held() -> None:
    """Rule 78: the kubelet's last word may be old; a member that serves has its data."""
    observed = with_pod(running(SET), 1, held_since=LONG_AGO, mongod_running=False)
    assert not is_held(observed.pods[1], observed)
    assert list(release_empty_members(SET, observed)) == []


def test_a_pod_whose_node_does_not_report_is_not_held() -> None:
    """Rule 78."""
    observed = with_pod(running(SET, down={1}), 1, held_since=LONG_AGO)
    assert is_held(observed.pods[1], observed)
    lost = replace(observed, nodes={"node-1": Node("node-1", ready=False, cordoned=False)})
    assert not is_held(lost.pods[1], lost)
