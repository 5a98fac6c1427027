"""Roles: what each pod shows of its member, so that Services and the budget can follow."""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.desired.labels import Role
from mongors.observed.kubernetes import Pod
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import ShowRole


def show_roles(desired: Desired, observed: Observed) -> Iterator[ShowRole]:
    """Show each member's role, and whether it is in service; the primary last.

    Of a member that cannot be asked nothing is known, so its pod stays as it is; unless another
    member is primary now, for there is only one, or that one sees it down as well: the budget must
    not count it, or a drain could take a member that is needed (rule 60).
    """
    shown = [
        action
        for ordinal, pod in sorted(observed.pods.items())
        if not pod.deleting and (action := _shown(desired, observed, pod)) is not None
    ]
    yield from sorted(shown, key=lambda action: action.role is Role.PRIMARY)


def _shown(desired: Desired, observed: Observed, pod: Pod) -> ShowRole | None:
    was = Role(pod.role) if pod.role in set(Role) else None
    view = observed.view_of(desired.names.host(pod.ordinal))
    role, in_service = _role(pod, observed, was, is_missed=view is not None and not view.healthy)
    relabel = role is not was
    regate = in_service is not bool(pod.in_service)
    if not (relabel or regate):
        return None
    return ShowRole(pod.name, pod.uid, role, in_service, was, relabel, regate)


def _role(pod: Pod, observed: Observed, was: Role | None, *, is_missed: bool) -> tuple[Role, bool]:
    answer = observed.answers.get(pod.ordinal)
    if not pod.mongod_running:
        return Role.OTHER, False
    if answer is None or not answer.answered:
        replaced = was is Role.PRIMARY and observed.primary is not None
        role = Role.OTHER if replaced or was is None else was
        return role, bool(pod.in_service) and not is_missed
    if answer is observed.primary:
        return Role.PRIMARY, True
    if answer.state is State.PRIMARY and observed.primary is None:
        return was or Role.OTHER, bool(pod.in_service)  # elected, and not writable yet
    if answer.state is State.SECONDARY:
        return Role.SECONDARY, True
    return Role.OTHER, False
