"""What a person asks for, as the annotation or field that the operator reads. Pure."""

from datetime import datetime
from typing import Any

from mongors.api.approval import Approval, WaitingPlan
from mongors.api.status import Status
from mongors.cli.trouble import Unable, no_such_member
from mongors.desired import labels
from mongors.desired.names import Names


def member_of(names: Names, members: list[str], given: str) -> str:
    """The pod of a member that is named by its pod or by its number."""
    pod = names.pod(int(given)) if given.isdecimal() else given
    if pod not in members:
        raise Unable(no_such_member(given, members))
    return pod


def known_members(resource: dict[str, Any], names: Names) -> list[str]:
    """The members' pods: those reported, and those wanted."""
    status = Status.read(resource.get("status") or {})
    wanted = (resource.get("spec") or {}).get("members")
    count = wanted if isinstance(wanted, int) else 0
    ordinals = {each.ordinal for each in status.member_status} | set(range(count))
    return [names.pod(each) for each in sorted(ordinals)]


def restarted(at: datetime) -> dict[str, Any]:
    """All members are to restart, one by one."""
    return _annotated(labels.RESTART, at.strftime("%Y%m%dT%H%M%SZ"))


def led_by(resource: dict[str, Any], pod: str, at: datetime) -> dict[str, Any]:
    """This member is to become primary; what was asked before is asked again by another word."""
    status = Status.read(resource.get("status") or {})
    asked = (resource["metadata"].get("annotations") or {}).get(labels.SWITCH_TO)
    tried = status.attempted_switchover.asked if status.attempted_switchover else None
    again = pod in (asked, status.last_switchover, tried)
    word = f"{pod}@{at.strftime('%Y%m%dT%H%M%SZ')}" if again else pod
    return _annotated(labels.SWITCH_TO, word)


def resynced(resource: dict[str, Any], pod: str) -> dict[str, Any]:
    """The data of this member are to be copied anew; it is named with its present `_id`."""
    status = Status.read(resource.get("status") or {})
    known = next((each for each in status.member_status if each.name == pod), None)
    if known is None or known.id is None:
        raise Unable(
            f"{pod} is in no configuration now, so there is nothing to copy anew: kubectl mongors "
            "explain says what it waits for"
        )
    if pod == status.primary:
        raise Unable(
            f"{pod} is primary: make another member primary first (kubectl mongors primary)"
        )
    return _annotated(labels.RESYNC, f"{pod}/{known.id}")


def recovered(confirmation: str) -> dict[str, Any]:
    """The set is to go on without the members that are lost, as was offered word for word."""
    return _annotated(labels.RECOVER, confirmation)


def approved(resource: dict[str, Any], given: str | None) -> dict[str, Any]:
    """This plan may run, which waits for it; without an id the only one that waits."""
    waiting = waiting_plans(resource)
    ids = [each.id for each in waiting]
    fitting = [each for each in ids if given is None or given in (each, each.partition("@")[0])]
    if len(fitting) == 1:
        return _annotated(labels.APPROVED, fitting[0])
    if fitting:
        raise Unable(f"{', '.join(ids)} wait for approval: name one of them")
    named = f"; {', '.join(ids)} waits for it" if ids else ""
    raise Unable(f"{given or 'nothing'} does not wait for approval{named}, so nothing was changed")


def has_to_be_approved(resource: dict[str, Any]) -> bool:
    """Whether what disrupts waits for approval in this set."""
    approval: object = (resource.get("spec") or {}).get("approval")
    return approval == Approval.MANUAL.value


def waiting_plans(resource: dict[str, Any]) -> tuple[WaitingPlan, ...]:
    """The plans that wait for approval; or why none can be approved now."""
    status = Status.read(resource.get("status") or {})
    if status.observed_generation != resource["metadata"].get("generation"):
        raise Unable("the operator has not seen the present spec yet: try again in a moment")
    given = (resource["metadata"].get("annotations") or {}).get(labels.APPROVED)
    spent = status.spent_approval.approved if status.spent_approval else None
    waiting = status.waiting_for_approval or ()
    if waiting and given not in (None, "", spent):
        raise Unable(
            f"{given} is approved and under way: another approval would take its place, so wait "
            "until it is done, or take it back first"
        )
    return waiting


def paused(is_paused: bool) -> dict[str, Any]:
    """The operator is to change nothing, or to go on."""
    return {"spec": {"paused": is_paused}}


def _annotated(key: str, value: str) -> dict[str, Any]:
    return {"metadata": {"annotations": {key: value}}}
