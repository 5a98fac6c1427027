"""A node that is emptied: the primary goes first, and no more than one member at a time."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import SwitchOver
from mongors.planning.plan import plan
from mongors.planning.steps.handover import leave_cordoned_node, leave_deleted_pod
from unit.builders import config, entry, only, pod, running, wanted

SET = wanted(3)


class TestDeletedPod:
    """The primary leaves a pod that goes while its mongod holds on (rule 56)."""

    def deleting(self, observed: Observed, *ordinals: int) -> Observed:
        pods = {each: pod(each, deleting=True) for each in ordinals}
        return replace(observed, pods={**observed.pods, **pods})

    def test_hands_over_at_once(self) -> None:
        observed = self.deleting(running(SET), 0)
        action = SwitchOver(0, "mongo-0", 3, 1, "mongo-1", (2,), "pod mongo-0 is being deleted")
        assert only(leave_deleted_pod(SET, observed)) == action
        assert plan(SET, observed).step == action

    def test_hands_over_even_where_this_member_is_preferred(self) -> None:
        """And it does not come back to it, though it serves still."""
        live = config([replace(entry(0), priority=2), 1, 2])
        observed = self.deleting(running(SET, live_config=live), 0)
        assert only(leave_deleted_pod(SET, observed)).target == 1
        back = self.deleting(running(SET, live_config=live, primary=1), 0)
        assert not isinstance(plan(SET, back).step, SwitchOver)

    def test_hands_over_to_nobody_who_goes_too(self) -> None:
        observed = self.deleting(running(SET), 0, 1)
        assert only(leave_deleted_pod(SET, observed)).target == 2
        assert list(leave_deleted_pod(SET, self.deleting(running(SET), 0, 1, 2))) == []

    @pytest.mark.parametrize(
        "fields",
        [{"states": {1: State.RECOVERING, 2: State.STARTUP2}}, {"lag": {1: 90, 2: 90}}],
    )
    def test_hands_over_to_nobody_who_could_not_keep_it(self, fields: dict[str, Any]) -> None:
        assert list(leave_deleted_pod(SET, self.deleting(running(SET, **fields), 0))) == []

    @pytest.mark.parametrize("ordinals", [(), (1,), (1, 2)])
    def test_leaves_the_primary_where_its_own_pod_stays(self, ordinals: tuple[int, ...]) -> None:
        assert list(leave_deleted_pod(SET, self.deleting(running(SET), *ordinals))) == []


class TestCordonedNode:
    """The primary leaves a node that is about to be emptied, before its pod is evicted."""

    def cordoned(self, observed: Observed, *names: str, **lost: bool) -> Observed:
        nodes = {f"node-{each}": Node(f"node-{each}") for each in range(3)}
        nodes |= {name: Node(name, cordoned=True) for name in names}
        nodes |= {name: Node(name, ready=False) for name in lost}
        return replace(observed, nodes=nodes)

    def test_hands_over_to_a_member_elsewhere(self) -> None:
        observed = self.cordoned(running(SET), "node-0")
        assert only(leave_cordoned_node(SET, observed)) == SwitchOver(
            0, "mongo-0", 3, 1, "mongo-1", (2,), "node node-0 is cordoned"
        )
        assert isinstance(plan(SET, observed).step, SwitchOver)

    def test_prefers_the_highest_priority(self) -> None:
        live = config([0, 1, replace(entry(2), priority=5)])
        action = only(leave_cordoned_node(SET, self.cordoned(running(SET, live), "node-0")))
        assert action.target == 2

    @pytest.mark.parametrize("names", [(), ("node-1",), ("node-1", "node-2")])
    def test_leaves_the_primary_where_its_node_is_not_cordoned(self, names: tuple[str]) -> None:
        assert list(leave_cordoned_node(SET, self.cordoned(running(SET), *names))) == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"states": {1: State.RECOVERING, 2: State.STARTUP2}},
            {"lag": {1: 90, 2: 90}},
            {"committed": False},
            {"live_config": config([0, entry(1, votes=0), entry(2, votes=0)])},
            {"live_config": config([replace(entry(0), priority=2), 1, 2])},
        ],
    )
    def test_moves_to_nobody_who_could_not_keep_it(self, fields: dict[str, Any]) -> None:
        observed = self.cordoned(running(SET, **fields), "node-0")
        assert list(leave_cordoned_node(SET, observed)) == []

    def test_moves_to_no_other_cordoned_or_lost_node(self) -> None:
        """Two nodes that are drained at once must not pass the primary to and fro."""
        observed = self.cordoned(running(SET), "node-0", "node-1", **{"node-2": True})
        assert list(leave_cordoned_node(SET, observed)) == []

    def test_stays_where_nodes_cannot_be_seen(self) -> None:
        """Rule 78."""
        assert list(leave_cordoned_node(SET, running(SET))) == []
