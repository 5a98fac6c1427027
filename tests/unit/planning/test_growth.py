"""Larger volumes: the claims while they are in use, then the StatefulSet (rule 62)."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.observed.observed import Observed
from mongors.planning.actions import GrowClaim, Remake
from mongors.planning.plan import plan
from mongors.planning.steps.growth import grow_claims, remake_statefulset
from mongors.planning.waits import Wait
from unit.builders import only, running, statefulset, wanted

SMALL = wanted(3)
LARGE = wanted(3, storage={"size": "5Gi"})


def volumes(
    observed: Observed, requested: str | None, capacity: str | None, *ordinals: int
) -> Observed:
    """The same with these sizes of these claims, or of all."""
    changed = {
        ordinal: replace(claim, requested=requested, capacity=capacity)
        for ordinal, claim in observed.claims.items()
        if not ordinals or ordinal in ordinals
    }
    return replace(observed, claims={**observed.claims, **changed})


def set_of(requested: str = "2Gi", capacity: str | None = "2Gi", **fields: Any) -> Observed:
    """A set that was made with 2Gi, and shall have 5Gi."""
    live = statefulset(LARGE, 3, claim_templates=SMALL.claim_templates)
    return replace(volumes(running(LARGE), requested, capacity), statefulset=live, **fields)


def test_all_volumes_are_asked_to_grow_at_once() -> None:
    """Rule 82: each by its uid; a volume grows while it is in use, so nobody is disturbed."""
    assert list(grow_claims(LARGE, set_of())) == [
        GrowClaim(f"data-mongo-{each}", f"uid-claim-{each}", "5Gi") for each in range(3)
    ]


@pytest.mark.parametrize("requested", ["5Gi", "5120Mi", "10Gi"])
def test_no_volume_ever_shrinks(requested: str) -> None:
    assert list(grow_claims(LARGE, set_of(requested, requested))) == []


def test_volumes_without_a_pod_are_left_alone() -> None:
    """They grow when their member comes back: only a mounted volume does."""
    observed = set_of()
    observed = replace(observed, pods={0: observed.pods[0]})
    assert [str(each) for each in grow_claims(LARGE, observed)] == [
        "grow volume claim data-mongo-0 to 5Gi"
    ]
    left = volumes(set_of("5Gi", "5Gi"), "5Gi", "2Gi", 2)
    assert list(grow_claims(LARGE, replace(left, pods={0: left.pods[0]}))) == []


def test_volumes_that_cannot_grow_are_told_and_disturb_nothing() -> None:
    """F47."""
    observed = set_of(volumes_can_grow=False)
    wait = only(grow_claims(LARGE, observed))
    assert isinstance(wait, Wait)
    assert (wait.reason, wait.is_harmless) == (Reason.GROWTH_REFUSED, True)
    assert plan(LARGE, observed).step is None
    grown = set_of("5Gi", "5Gi", volumes_can_grow=False)
    assert list(grow_claims(LARGE, grown)) == []


@pytest.mark.parametrize("can_grow", [True, None])
def test_where_nobody_says_that_they_cannot_it_is_tried(can_grow: bool | None) -> None:
    """Rule 78."""
    assert len(list(grow_claims(LARGE, set_of(volumes_can_grow=can_grow)))) == 3


def test_growing_is_waited_for_with_its_trouble() -> None:
    observed = volumes(set_of("5Gi", "5Gi"), "5Gi", "2Gi", 1)
    claims = {**observed.claims, 1: replace(observed.claims[1], trouble="the pool is full")}
    wait = only(grow_claims(LARGE, replace(observed, claims=claims)))
    assert isinstance(wait, Wait)
    assert (wait.reason, wait.is_harmless) == (Reason.GROWING, True)
    assert wait.message == "volumes are growing: data-mongo-1 has 2Gi of 5Gi (the pool is full)"
    assert "data-mongo-1 has 2Gi of 5Gi" in only(grow_claims(LARGE, observed)).message  # type: ignore[union-attr]


class TestStatefulSet:
    """Its claim template changes only with itself."""

    def test_is_made_anew_once_every_volume_has_grown(self) -> None:
        observed = set_of("5Gi", "5Gi")
        expected = Remake("mongo", "uid-StatefulSet-mongo", "new volumes get 5Gi")
        assert only(remake_statefulset(LARGE, observed)) == expected
        assert plan(LARGE, observed).step == expected

    @pytest.mark.parametrize("capacity", ["2Gi", None])
    def test_stays_while_one_has_not(self, capacity: str | None) -> None:
        observed = volumes(set_of("5Gi", "5Gi"), "5Gi", capacity, 1)
        assert list(remake_statefulset(LARGE, observed)) == []

    def test_stays_while_anything_else_is_to_be_done(self) -> None:
        """Rule 38: a pod that goes while there is no StatefulSet is not made anew."""
        observed = set_of("5Gi", "5Gi")
        down = replace(running(LARGE, down={2}), claims=observed.claims)
        down = replace(down, statefulset=observed.statefulset)
        assert plan(LARGE, down).step is None

    def test_is_not_removed_twice(self) -> None:
        observed = set_of("5Gi", "5Gi")
        going = replace(statefulset(LARGE, 3, claim_templates=SMALL.claim_templates), deleting=True)
        assert list(remake_statefulset(LARGE, replace(observed, statefulset=going))) == []
        assert list(remake_statefulset(LARGE, replace(observed, statefulset=None))) == []

    def test_stays_when_it_asks_for_as_much_or_more(self) -> None:
        """Rule 62: a size that was taken back is no reason to touch it."""
        grown = replace(running(LARGE), claims=set_of("5Gi", "5Gi").claims)
        assert list(remake_statefulset(LARGE, grown)) == []
        smaller = replace(grown, statefulset=statefulset(LARGE, 3))
        assert list(remake_statefulset(SMALL, smaller)) == []
