"""How many pods there must be, and what is recorded of the members."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.status import MemberStatus, Status
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from mongors.planning.steps.objects import replicas
from unit.builders import (
    NOW,
    config,
    entry,
    pending_pod,
    pod,
    running,
    unborn,
    wanted,
)

SET = wanted(3)
NOTHING = Observed(at=NOW)


class TestReplicas:
    """How many pods there must be: none goes before its member has left (rule 36)."""

    def test_are_as_many_as_wanted_at_first(self) -> None:
        assert replicas(SET, NOTHING) == 3

    def test_grow_at_once(self) -> None:
        assert replicas(wanted(7), running(SET)) == 7

    @pytest.mark.parametrize("ordinal", [3, 4])
    def test_stay_while_a_member_is_in_the_configuration(self, ordinal: int) -> None:
        """Rule 36: a dead voter would still count in the majority."""
        observed = running(SET, config((0, 1, 2, ordinal)), pods=5)
        assert replicas(SET, observed) == ordinal + 1

    def test_shrink_when_all_have_left(self) -> None:
        assert replicas(SET, running(SET, pods=5)) == 3

    @pytest.mark.parametrize("unsettled", [{"committed": False}, {"outdated": {1}}])
    def test_stay_while_the_configuration_is_not_committed(self, unsettled: dict[str, Any]) -> None:
        """Rules 15 and 36: the removal may still be rolled back."""
        assert replicas(SET, running(SET, pods=5, **unsettled)) == 5

    def test_stay_without_a_primary(self) -> None:
        """Rule 78."""
        observed = running(wanted(5), primary=None)
        assert replicas(SET, observed) == 5
        bare = replace(observed, pods={}, statefulset=None)
        assert replicas(SET, bare) == 5

    def test_stay_when_nobody_answers(self) -> None:
        """Rule 78."""
        observed = replace(running(wanted(5)), answers={}, pods={})
        assert replicas(SET, observed) == 5
        assert replicas(SET, replace(observed, statefulset=None)) == 3

    def test_stay_for_members_that_the_status_knows(self) -> None:
        """A StatefulSet that was deleted is made again with all its pods."""
        members = (MemberStatus(name="mongo-6", ordinal=6),)
        observed = replace(
            running(SET),
            answers={},
            pods={},
            statefulset=None,
            status=Status(member_status=members),
        )
        assert replicas(SET, observed) == 7

    def test_stay_for_members_that_are_pods_still(self) -> None:
        observed = replace(running(SET), answers={}, statefulset=None, pods={4: pod(4)})
        assert replicas(SET, observed) == 5

    def test_shrink_before_the_birth_when_no_member_knows_of_a_set(self) -> None:
        assert replicas(SET, unborn(wanted(5))) == 3

    def test_shrink_before_the_birth_past_pods_that_never_ran(self) -> None:
        observed = unborn(wanted(5))
        observed = replace(
            observed,
            pods={**observed.pods, 4: pending_pod(4)},
            answers={each: observed.answers[each] for each in range(4)},
        )
        assert replicas(SET, observed) == 3

    @pytest.mark.parametrize("silent", [{3}, {0}])
    def test_stay_before_the_birth_while_a_member_that_ran_is_silent(
        self, silent: set[int]
    ) -> None:
        """Rules 1 and 78: it may have been initiated by hand."""
        assert replicas(SET, unborn(wanted(5), silent=silent)) == 5

    def test_do_not_follow_hosts_that_are_no_pods_of_ours(self) -> None:
        guest = replace(entry(9), host="mongo-9.elsewhere.example.com:27017")
        assert replicas(SET, running(SET, config([0, 1, 2, guest]))) == 3


def test_a_removed_member_with_data_counts_as_initiated() -> None:
    observed = replace(running(SET, states=dict.fromkeys(range(3), State.REMOVED)), record=Record())
    assert observed.was_initiated
