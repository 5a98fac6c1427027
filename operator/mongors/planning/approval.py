"""Approval: with `spec.approval: Manual`, what disrupts waits until a person lets it run.

What is approved has an id, made from the wish alone: it stays the same while members are restarted
one by one, and is another one as soon as something else is wished for. The approval stands on the
resource, as an annotation. One that was carried out, or that was seen to fit nothing, is spent:
the status keeps it for as long as it stands there, and it lets nothing run any more, even if the
wish comes back to what it was. Then the id takes a number behind it: `restart-3f9c01ab@2`.
"""

from collections.abc import Mapping
from typing import Any

from mongors.api.approval import Approval
from mongors.desired.desired import Desired
from mongors.desired.manifest import digest_of
from mongors.observed.observed import Observed

_DIGITS = 8
_LONGEST_NUMBER = 6
"""What has more digits is no number of ours."""


def restart_id(desired: Desired) -> str:
    """The restart of members, until all run the wanted template with the wanted parameters."""
    return _id(desired, "restart", [desired.template, dict(desired.parameters)])


def removal_id(desired: Desired) -> str:
    """The removal of members, until the wanted number is left."""
    return _id(desired, "remove", len(desired.members))


def resync_id(desired: Desired) -> str:
    """The copy of one member's data anew, as it was asked for."""
    return _id(desired, "resync", desired.asked.resync)


def is_given(desired: Desired, observed: Observed, plan_id: str) -> bool:
    """Whether a disruptive plan may run: none has to wait, or this very one is approved."""
    if desired.spec.approval is Approval.AUTOMATIC:
        return True
    approved = desired.asked.approved
    return approved is not None and id_in(approved) == plan_id and not is_spent(desired, observed)


def is_spent(desired: Desired, observed: Observed) -> bool:
    """Whether the approval on the resource was carried out, or was void when it was seen."""
    spent = observed.status.spent_approval
    return spent is not None and spent.approved == desired.asked.approved


def id_in(approved: str) -> str:
    """The id that an approval names."""
    return approved.partition("@")[0]


def text_for(desired: Desired, plan_id: str) -> str:
    """What to annotate to let a plan run: its id, with a new number if it stands there, spent."""
    approved = desired.asked.approved
    if approved is None or id_in(approved) != plan_id:
        return plan_id
    number = approved.partition("@")[2]
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    return f"{plan_id}@{int(number) + 1 if is_number else 2}"


def _id(desired: Desired, kind: str, wish: Mapping[str, Any] | list[Any] | str | int | None) -> str:
    return f"{kind}-{digest_of([desired.uid, kind, wish])[:_DIGITS]}"
