"""With manual approval, what disrupts waits for a person, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import Parameter
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Apply,
    Evict,
    Initiate,
    Reconfigure,
    SetParameters,
    StepDown,
    SwitchOver,
)
from mongors.planning.approval import removal_id, restart_id, resync_id
from mongors.planning.plan import Plan, plan
from mongors.planning.steps.resync import held_pods
from mongors.planning.waits import Wait
from unit.builders import (
    OLD_TEMPLATE,
    asking,
    at_gate,
    changed,
    config,
    config_of,
    entry,
    only,
    running,
    statefulset,
    unborn,
    wanted,
    with_pod,
)

RED = {"color": "red"}


def manual(members: int = 3, *, approved: str | None = None, **spec: Any) -> Desired:
    """A set whose disruptive plans wait, and what is approved."""
    desired = wanted(members, approval="Manual", **spec)
    return asking(desired, approved=approved) if approved else desired


def old(desired: Desired, *ordinals: int, **fields: Any) -> Observed:
    """The set with pods (or all) of an older template."""
    observed = running(desired, **fields)
    for ordinal in ordinals or observed.pods:
        observed = with_pod(observed, ordinal, template=OLD_TEMPLATE)
    return observed


def waiting(planned: Plan) -> Wait:
    """The one thing that waits for approval."""
    return only(each for each in planned.waits if each.reason is Reason.WAITING_FOR_APPROVAL)


class TestIds:
    """They are made from the wish alone."""

    def test_another_template_is_another_restart(self) -> None:
        ids = {restart_id(manual()), restart_id(manual(podLabels=RED))}
        ids.add(restart_id(asking(manual(), restart="now")) + "asked")
        assert len(ids) == 3

    def test_other_parameters_are_another_restart(self) -> None:
        other = manual(configuration={"setParameter": {"notablescan": True}})
        more = manual(configuration={"setParameter": {"notablescan": False}})
        assert restart_id(other) != restart_id(more)

    @pytest.mark.parametrize("other", [manual(5), manual(paused=True), wanted(3, generation=9)])
    def test_what_needs_no_restart_changes_no_restart(self, other: Desired) -> None:
        assert restart_id(manual()) == restart_id(other)

    def test_another_number_of_members_is_another_removal(self) -> None:
        assert removal_id(manual(3)) != removal_id(manual(1))
        assert removal_id(manual(3)) == removal_id(manual(3, podLabels=RED))

    def test_another_member_is_another_resync(self) -> None:
        one, other = (asking(manual(), resync=each) for each in ("mongo-2/2", "mongo-2/3"))
        assert resync_id(one) != resync_id(other)

    def test_a_resource_made_anew_has_ids_of_its_own(self) -> None:
        anew = replace(manual(), uid="another")
        for id_of in (restart_id, removal_id, resync_id):
            assert id_of(anew) != id_of(manual())

    def test_they_tell_what_they_stand_for(self) -> None:
        ids = [restart_id(manual()), removal_id(manual()), resync_id(manual())]
        assert [each.partition("-")[0] for each in ids] == ["restart", "remove", "resync"]


class TestRestarts:
    """Of members for a changed template, a parameter, or because somebody asked."""

    def test_wait(self) -> None:
        planned = plan(manual(), old(manual()))
        assert planned.step is None
        assert waiting(planned).approval == restart_id(manual())

    def test_say_what_would_be_done_and_how_to_let_it_run(self) -> None:
        text = restart_id(manual())
        assert plan(manual(), old(manual(), 0, 2)).sentence() == (
            "waiting for approval to restart mongo-2, mongo-0 one by one, the primary last (its "
            f"pod template is outdated). To let it run: kubectl mongors approve mongo {text} -n "
            f"default; or kubectl annotate mrs/mongo mongors.io/approved={text} --overwrite "
            "-n default"
        )

    def test_run_at_once_without_manual_approval(self) -> None:
        planned = plan(wanted(3), old(wanted(3)))
        assert isinstance(planned.step, Evict)
        assert planned.waits == ()

    @pytest.mark.parametrize("left", [(0, 1, 2), (0, 1)])
    def test_go_on_from_pod_to_pod_once_approved(self, left: tuple[int, ...]) -> None:
        desired = manual(approved=restart_id(manual()))
        planned = plan(desired, old(desired, *left))
        assert isinstance(planned.step, Evict)
        assert planned.step.ordinal == max(left)
        assert planned.waits == ()

    def test_hand_over_only_once_approved(self) -> None:
        assert plan(manual(), old(manual(), 0)).step is None
        desired = manual(approved=restart_id(manual()))
        assert isinstance(plan(desired, old(desired, 0)).step, SwitchOver)

    @pytest.mark.parametrize("approved", ["restart-00000000", "yes", removal_id(manual())])
    def test_wait_with_any_other_approval(self, approved: str) -> None:
        desired = manual(approved=approved)
        assert plan(desired, old(desired)).step is None

    def test_wait_for_a_parameter_that_is_read_at_start(self) -> None:
        desired = manual(configuration={"setParameter": {"notablescan": True}})
        observed = with_pod(running(desired), 2, parameters={})
        known = {"notablescan": Parameter(False, settable_live=False)}
        planned = plan(desired, changed(observed, 2, parameters=known))
        assert planned.step is None
        assert "notablescan can only be set at start" in waiting(planned).message

    def test_name_only_the_first_of_many(self) -> None:
        said = waiting(plan(manual(9), old(manual(9)))).message
        assert "mongo-8, mongo-7, mongo-6, mongo-5, mongo-4 and 4 more" in said

    def test_hold_up_no_handover_to_a_preferred_member(self) -> None:
        options = [{"member": 2, "priority": 2}]
        desired = manual(memberOptions=options)
        step = plan(desired, old(desired)).step
        assert isinstance(step, SwitchOver)
        assert step.target == 2
        approved = manual(memberOptions=options, approved=restart_id(desired))
        assert isinstance(plan(approved, old(approved)).step, Evict)


class TestRemovals:
    """Of members from the configuration, and of their pods with them."""

    def test_wait(self) -> None:
        planned = plan(manual(3), running(manual(3), config(range(5))))
        assert planned.step is None
        assert waiting(planned).approval == removal_id(manual(3))
        assert "take mongo-4, mongo-3 out of the configuration" in waiting(planned).message

    def test_keep_the_pods_while_they_wait(self) -> None:
        planned = plan(manual(3), running(manual(3), config(range(5))))
        assert not [each for each in planned.upkeep if "StatefulSet" in str(each)]

    @pytest.mark.parametrize("there", [5, 4])
    def test_go_on_from_member_to_member_once_approved(self, there: int) -> None:
        desired = manual(3, approved=removal_id(manual(3)))
        step = plan(desired, running(desired, config(range(there)))).step
        assert isinstance(step, Reconfigure)
        assert step.kind == "remove"

    def test_have_the_primary_step_down_only_once_approved(self) -> None:
        live = config(range(4))
        assert plan(manual(3), running(manual(3), live, primary=3)).step is None
        desired = manual(3, approved=removal_id(manual(3)))
        assert isinstance(plan(desired, running(desired, live, primary=3)).step, StepDown)

    @pytest.mark.parametrize("primary", [0, 3])
    def test_take_no_vote_while_they_wait(self, primary: int) -> None:
        """Of five voters four would bear one loss less; the vote goes with the member."""
        observed = running(manual(4), config(range(5)), primary=primary)
        assert plan(manual(4), observed).step is None
        without = config((0, 1, 2, 3))
        step = plan(manual(4), running(manual(4), without)).step
        assert isinstance(step, Reconfigure)
        assert step.kind == "take_vote"

    def test_give_votes_while_they_wait(self) -> None:
        """Who comes back after a loss is to count again."""
        live = config((0, 1, entry(2, votes=0), 3))
        step = plan(manual(3), running(manual(3), live)).step
        assert isinstance(step, Reconfigure)
        assert step.kind == "give_vote"


class TestCopiesAnew:
    """Of a member's data: nothing is even prepared before."""

    ASKED = asking(manual(), resync="mongo-2/2")
    APPROVED = asking(manual(), resync="mongo-2/2", approved=resync_id(ASKED))

    def test_wait(self) -> None:
        planned = plan(self.ASKED, running(self.ASKED))
        assert (planned.step, planned.upkeep) == (None, ())
        assert waiting(planned).approval == resync_id(self.ASKED)

    def test_discard_nothing_when_the_pod_restarts_by_itself(self) -> None:
        assert held_pods(self.ASKED, running(self.ASKED)) == []

    def test_go_on_once_approved(self) -> None:
        planned = plan(self.APPROVED, running(self.APPROVED))
        assert isinstance(planned.step, Evict)
        assert [str(each) for each in planned.upkeep] == ["apply Secret mongo-keyfile"]

    def test_do_not_wait_for_approval_while_they_are_refused(self) -> None:
        asked = asking(manual(), resync="mongo-0/0")
        planned = plan(asked, running(asked))
        assert [each.reason for each in planned.waits] == [Reason.RESYNC_REFUSED]


class TestEverythingElse:
    """Goes on, whatever waits."""

    def test_a_birth(self) -> None:
        assert isinstance(plan(manual(), unborn(manual())).step, Initiate)

    def test_a_birth_from_an_older_template(self) -> None:
        observed = with_pod(unborn(manual()), 0, template=OLD_TEMPLATE)
        planned = plan(manual(), observed)
        assert isinstance(planned.step, Initiate)
        assert planned.waits == ()

    def test_growth(self) -> None:
        desired = manual(5)
        step = plan(desired, old(desired, 0, 1, 2, live_config=config(range(3)))).step
        assert isinstance(step, Reconfigure)
        assert step.kind == "add"

    def test_repair_of_a_member_that_lost_its_data(self) -> None:
        observed = at_gate(running(manual(3), config(range(5)), down={1}), 1)
        planned = plan(manual(3), observed)
        assert isinstance(planned.step, Reconfigure)
        assert "which lost its data" in planned.step.change
        assert waiting(planned).approval == removal_id(manual(3))

    def test_a_handover_before_a_drain(self) -> None:
        observed = replace(old(manual()), nodes={"node-0": Node("node-0", cordoned=True)})
        assert isinstance(plan(manual(), observed).step, SwitchOver)

    def test_a_switchover_that_was_asked_for(self) -> None:
        desired = asking(manual(), primary="mongo-2")
        step = plan(desired, running(desired)).step
        assert isinstance(step, SwitchOver)

    def test_the_new_template_of_the_statefulset(self) -> None:
        """Who has to be made anew for another reason starts from it."""
        before = running(manual())
        observed = replace(before, statefulset=statefulset(manual(), 3, template=OLD_TEMPLATE))
        planned = plan(manual(podLabels=RED), observed)
        applied = [each.kind for each in planned.upkeep if isinstance(each, Apply)]
        assert "StatefulSet" in applied

    def test_parameters_that_can_be_set_live(self) -> None:
        desired = manual(3, configuration={"setParameter": {"cursorTimeoutMillis": 5}})
        live = config_of(manual(4))
        observed = with_pod(running(desired, live), 2, parameters={})
        known = {"cursorTimeoutMillis": Parameter(1, settable_live=True)}
        step = plan(desired, changed(observed, 2, parameters=known)).step
        assert isinstance(step, SetParameters)

    def test_a_pause_says_only_that(self) -> None:
        desired = manual(paused=True)
        assert [each.reason for each in plan(desired, old(desired)).waits] == [Reason.PAUSED]


def test_several_plans_wait_each_for_its_own_approval() -> None:
    observed = old(manual(3), live_config=config(range(4)))
    ids = [each.approval for each in plan(manual(3), observed).waits]
    assert ids == [removal_id(manual(3)), restart_id(manual(3))]
    desired = manual(3, approved=restart_id(manual(3)))
    planned = plan(desired, observed)
    assert isinstance(planned.step, Evict)
    assert [each.approval for each in planned.waits] == [removal_id(manual(3))]
