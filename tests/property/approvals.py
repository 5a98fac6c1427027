"""Approvals: who gives them, and what may not be planned without, judged by the actions alone."""

from mongors.api.spec import Approval
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import decoded
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Action,
    Apply,
    Evict,
    Reconfigure,
    Step,
    StepDown,
    SwitchOver,
)
from mongors.planning.approval import removal_id, restart_id, resync_id
from mongors.planning.plan import Plan
from property.cluster import Cluster


def approve_next(cluster: Cluster) -> bool:
    """Let run what the status says waits for it, one plan after the other; whether there is one."""
    waiting, spent = cluster.status.waiting_for_approval or (), cluster.status.spent_approval
    under_way = cluster.desired.asked.approved
    if not waiting or (under_way and (spent is None or spent.approved != under_way)):
        return False
    cluster.annotate(labels.APPROVED, waiting[0].id)
    return True


def check_approval(desired: Desired, observed: Observed, planned: Plan) -> None:
    """No disruptive action without an approval of just that, which was not spent before."""
    if desired.spec.approval is not Approval.MANUAL:
        return
    approved, spent = desired.asked.approved, observed.status.spent_approval
    counts = approved if spent is None or spent.approved != approved else None
    actions: list[Action] = [*planned.upkeep, *([planned.step] if planned.step else [])]
    for each in actions:
        needed = needed_for(desired, observed, each)
        assert needed is None or (counts or "").partition("@")[0] == needed, (
            f"{each} needs {needed}, and {counts} is approved"
        )


def needed_for(desired: Desired, observed: Observed, action: Action) -> str | None:
    """What has to be approved for an action; None when it disturbs nobody, or mends something."""
    match action:
        case Apply(kind="Secret", name="mongo-keyfile"):
            return _for_hold(desired, observed, action)
        case Evict() if "copied anew" in action.reason:
            return resync_id(desired)
        case Evict():
            return restart_id(desired)
        case _:
            return _for_members(desired, observed, action)


def _for_members(desired: Desired, observed: Observed, action: Action) -> str | None:
    match action:
        case SwitchOver(reason=reason) | StepDown(reason=reason) if "restarted last" in reason:
            return restart_id(desired)
        case StepDown(reason="its member is to leave the set"):
            return removal_id(desired)
        case Reconfigure(kind="remove") | Reconfigure(kind="take_vote"):
            return removal_id(desired) if _shrinks(desired, observed, action) else None
        case _:
            return None


def _shrinks(desired: Desired, observed: Observed, step: Step) -> bool:
    """Whether a healthy set loses a member, or a vote on the way to fewer members.

    Whoever stands empty at the gate has left already: that it is taken out mends the set.
    """
    live = observed.leading_config
    assert isinstance(step, Reconfigure)
    assert live is not None
    ordinals = {each.host: desired.names.ordinal_of_host(each.host) for each in live.members}
    count = len(desired.members)
    unwanted = [each for each, at in ordinals.items() if at is not None and at >= count]
    if step.kind == "take_vote":
        return bool(unwanted)
    gone = {each.host for each in live.members} - {each.host for each in step.config.members}
    pods = [observed.pods.get(ordinals[each] or 0) for each in gone if each in unwanted]
    return any(pod is None or pod.held_since is None for pod in pods)


def _for_hold(desired: Desired, observed: Observed, action: Apply) -> str | None:
    """Whether a pod is newly kept from its data because somebody asked for a copy anew."""
    before = observed.objects.get((action.kind, action.name), {}).get("data", {})
    names = [
        set((decoded(data, "held") or "").split()) for data in (before, action.manifest["data"])
    ]
    asked = (desired.asked.resync or "").partition("/")[0]
    recovers = desired.asked.recover or observed.record.recovery or observed.record.forced
    return resync_id(desired) if asked in names[1] - names[0] and not recovers else None
