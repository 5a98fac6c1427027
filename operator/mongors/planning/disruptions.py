"""Which plans disrupt: restarts, removals of members, copies of data anew; and which have to wait.

This is the one gate in front of them. A step that is held says nothing, so all others go on: birth
and growth, repair, handovers that keep the set in service, labels, Services and Secrets.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mongors.api.approval import Approval, SpentApproval
from mongors.api.conditions import Reason
from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import Reconfigure, Step
from mongors.planning.approval import (
    id_in,
    is_given,
    is_spent,
    removal_id,
    restart_id,
    resync_id,
    text_for,
)
from mongors.planning.steps import membership, preference, resync, roll
from mongors.planning.waits import Wait

Held = Mapping[Callable[..., object], Wait]
"""The steps that have to wait for approval, each with what to say instead."""


_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Disruption:
    """A disruptive plan of the present wish."""

    id: str
    step: Callable[..., object]
    deed: str | None
    """What would be done now, in words; None when there is nothing to do, as far as is seen."""
    is_over: bool
    """Whether it is certain that nothing is left to do."""


def disruptions(desired: Desired, observed: Observed) -> Iterator[Disruption]:
    """All that the wish may need, whether anything is left to do or not."""
    yield _removal(desired, observed)
    if desired.asked.resync is not None:
        yield _copy_anew(desired, observed)
    yield _restarts(desired, observed)


def held_steps(desired: Desired, observed: Observed) -> Held:
    """What would be done, but is not approved."""
    if desired.spec.approval is Approval.AUTOMATIC:
        return {}
    held = {
        each.step: _wait(desired, observed, each.id, each.deed)
        for each in disruptions(desired, observed)
        if each.deed is not None and not is_given(desired, observed, each.id)
    }
    removal = held.get(membership.remove_members)
    if removal is not None and _primary_loses_vote(desired, observed):
        held[preference.make_way] = removal
    return held


def is_held(held: Held, step: Callable[..., object], said: tuple[Step | Wait, ...]) -> bool:
    """Whether what a step says has to wait.

    While the removal of members waits, so does the loss of votes that comes with it, and the change
    of primary for it: fewer voters among as many members would bear fewer losses.
    """
    if step is membership.settle_votes and not all(map(_gives_vote, said)):
        return membership.remove_members in held
    return step in held


def spent_approval(desired: Desired, observed: Observed) -> SpentApproval | None:
    """The approval on the resource, once it lets nothing run any more, and why.

    In doubt it still counts: a member that does not answer now may yet have to be restarted.
    """
    approved = desired.asked.approved
    if approved is None or is_spent(desired, observed):
        return observed.status.spent_approval if approved is not None else None
    named = [each for each in disruptions(desired, observed) if each.id == id_in(approved)]
    if any(not each.is_over for each in named):
        return None
    return SpentApproval(approved=approved, void=not named)


def _removal(desired: Desired, observed: Observed) -> Disruption:
    config = observed.config
    leaving = membership.leaving(desired, config) if config else {}
    pods = _named(desired, leaving)
    deed = f"take {pods} out of the configuration, and remove the pods" if leaving else None
    is_over = not leaving and observed.config_is_settled
    return Disruption(removal_id(desired), membership.remove_members, deed, is_over)


def _copy_anew(desired: Desired, observed: Observed) -> Disruption:
    pod = resync.asked_pod(desired, observed)
    is_possible = pod is not None and resync.refusal(desired, observed, pod) is None
    deed = f"discard the data of {pod}, and copy them anew" if is_possible else None
    is_over = pod is None and observed.config_is_settled
    return Disruption(resync_id(desired), resync.resync_member, deed, is_over)


def _restarts(desired: Desired, observed: Observed) -> Disruption:
    old = roll.outdated_pods(desired, observed) if observed.was_initiated else {}
    pods = _named(desired, old)
    why = "; ".join(dict.fromkeys(old.values()))
    deed = f"restart {pods} one by one, the primary last ({why})" if old else None
    is_over = all(_runs_as_wanted(desired, observed, each.ordinal) for each in desired.members)
    return Disruption(restart_id(desired), roll.restart_members, deed, is_over)


def _runs_as_wanted(desired: Desired, observed: Observed, ordinal: int) -> bool:
    pod = observed.pods.get(ordinal)
    if pod is None or pod.template != desired.template:
        return False
    return dict(pod.parameters) == dict(desired.parameters)


def _named(desired: Desired, ordinals: Iterable[int]) -> str:
    """The pods, the highest first; of many only the first ones, for an Event is short."""
    pods = [desired.names.pod(each) for each in sorted(ordinals, reverse=True)]
    more = len(pods) - _MOST_NAMES
    return ", ".join(pods[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _wait(desired: Desired, observed: Observed, plan_id: str, deed: str) -> Wait:
    text, names = text_for(desired, plan_id), desired.names
    spent = spent_approval(desired, observed)
    void = f" The approval {spent.approved} is void." if spent is not None and spent.void else ""
    return Wait(
        Reason.WAITING_FOR_APPROVAL,
        f"waiting for approval to {deed}.{void} To let it run: kubectl mongors approve "
        f"{names.name} {text} -n {names.namespace}; or kubectl annotate mrs/{names.name} "
        f"{labels.APPROVED}={text} --overwrite -n {names.namespace}",
        approval=text,
    )


def _primary_loses_vote(desired: Desired, observed: Observed) -> bool:
    primary, config = observed.primary, observed.leading_config
    live = config.member(primary.host or "") if primary and config else None
    wanted = next((each for each in desired.members if live and each.host == live.host), None)
    return live is not None and wanted is not None and wanted.votes < live.votes


def _gives_vote(said: Step | Wait) -> bool:
    return isinstance(said, Wait) or (isinstance(said, Reconfigure) and said.kind == "give_vote")
