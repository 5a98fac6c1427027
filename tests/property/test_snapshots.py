"""Whatever the snapshot says, even what cannot be: the planner answers, and does no harm."""

import copy
from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from mongors.api.spec import Approval
from mongors.desired.desired import Desired
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Apply,
    Generate,
    Initiate,
    PermitEmptyStart,
    Reconfigure,
    told,
)
from mongors.planning.approval import id_in
from mongors.planning.news import news
from mongors.planning.outcome import Outcome
from mongors.planning.plan import plan
from mongors.planning.report import report
from property.approvals import check_approval, needed_for
from property.checks import check_plan
from property.strategies import asking_first, desired, snapshots, undone_snapshots

AUTOMATIC = {"approval": Approval.AUTOMATIC}

seen = desired.flatmap(lambda want: st.tuples(st.just(want), snapshots(want)))


@given(seen)
def test_every_snapshot_has_a_plan_and_a_report(both: tuple[Desired, Observed]) -> None:
    """No state makes the planner fail, and what it says can be told."""
    want, observed = both
    planned = plan(want, observed)
    event(type(planned.step).__name__)
    actions = [*planned.upkeep, *([planned.step] if planned.step else [])]
    outcomes = [Outcome(each) for each in actions]
    status = report(want, observed, planned, outcomes)
    assert type(status).read(status.to_wire()) == status
    assert all(each.note for each in news(outcomes, observed.status, status))
    assert all(told(each) for each in actions)


@given(seen)
def test_every_plan_keeps_the_rules(both: tuple[Desired, Observed]) -> None:
    want, observed = both
    before = copy.deepcopy(observed)
    planned = plan(want, observed)
    assert planned == plan(want, observed)
    assert observed == before
    check_plan(want, observed, planned)
    if isinstance(planned.step, Initiate):
        check_birth(observed, planned.step)
    if isinstance(planned.step, Reconfigure):
        check_reconfig(observed, planned.step)
    for action in planned.upkeep:
        check_upkeep(want, observed, action)


@given(asking_first.flatmap(lambda want: st.tuples(st.just(want), undone_snapshots(want))))
def test_nothing_disrupts_without_its_approval(both: tuple[Desired, Observed]) -> None:
    """And what is approved, and not spent, is done."""
    want, observed = both
    planned = plan(want, observed)
    event(type(planned.step).__name__)
    check_approval(want, observed, planned)
    waiting = {id_in(each.approval) for each in planned.waits if each.approval}
    freely = plan(replace(want, spec=want.spec.model_copy(update=AUTOMATIC)), observed)
    needed = needed_for(want, observed, freely.step) if freely.step else None
    assert (planned.step == freely.step) is (needed not in waiting) or needed is None


def check_birth(observed: Observed, step: Initiate) -> None:
    """A set is founded by members that all say that they know of none."""
    assert observed.record.replica_set_id is None
    assert not observed.replica_set_ids
    answers = observed.answers.values()
    assert all(each.config is None for each in answers)
    founders = [each for each in answers if each.state is State.UNINITIATED]
    assert len(founders) >= len(step.config.members)
    assert any(member.priority > 0 for member in step.config.members)
    assert all(
        answer.state is State.UNINITIATED or not observed.pods[ordinal].mongod_ever_ran
        for ordinal, answer in observed.answers.items()
        if step.config.member(f"mongo-{ordinal}")
    )


def check_reconfig(observed: Observed, step: Reconfigure) -> None:
    """A change keeps the primary, uses fresh `_id`s, and leaves a majority of the voters."""
    live = observed.leading_config
    assert live is not None
    leader = observed.answers[step.ordinal].host
    member = step.config.member(leader) if leader else None
    assert member is not None
    assert member.priority > 0
    used = {each.id for each in live.members}
    highest = max([*used, observed.record.highest_member_id or 0])
    assert all(each.id in used or each.id > highest for each in step.config.members)
    assert len(observed.replica_set_ids) <= 1


def check_upkeep(want: Desired, observed: Observed, action: object) -> None:
    """Nobody else's object is touched, no pod goes too early, no gate opens for a member."""
    others = observed.taken | observed.leaving | observed.denied
    if isinstance(action, Apply | Generate):
        kind = action.kind if isinstance(action, Apply) else "Secret"
        assert (kind, action.name) not in others
    if isinstance(action, Apply) and action.kind == "StatefulSet" and observed.config:
        ordinals = [
            ordinal
            for member in observed.config.members
            if (ordinal := want.names.ordinal_of_host(member.host)) is not None
        ]
        assert action.manifest["spec"]["replicas"] > max(ordinals, default=-1)
    if isinstance(action, PermitEmptyStart):
        held = [each for each in observed.pods.values() if each.name == action.pod]
        host = want.names.host(held[0].ordinal)
        assert observed.leading_config is None or observed.leading_config.member(host) is None
