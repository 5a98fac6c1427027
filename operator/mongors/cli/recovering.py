"""What a recovery from a lost majority would mean, as the status offers it. Pure."""

import re
from collections.abc import Iterator

from mongors.api.conditions import ConditionType
from mongors.api.status import Status
from mongors.cli.layout import EMPTY, Line, Style, paragraph
from mongors.cli.trouble import Unable
from mongors.desired.labels import RECOVER
from mongors.planning.steps.confirming import Confirmed, parsed

_OFFERED = re.compile(rf"{re.escape(RECOVER)}=([^\s,;]+)")


def offered(status: Status, name: str) -> Confirmed:
    """The recovery that the status offers, word for word; or why it offers none."""
    said = (status.plan or "", *(each.message for each in status.conditions))
    found = {each for text in said for each in _OFFERED.findall(text)}
    if len(found) > 1:
        raise Unable(f"the status of {name} offers more than one recovery: wait until it settles")
    confirmed = parsed(next(iter(found), None))
    if confirmed is None:
        why = (
            f"the operator says: {status.plan.rstrip('.')}. Right after a loss, wait until it is "
            "sure that no majority comes back, and try again"
            if status.plan
            else "no majority is missing"
        )
        raise Unable(f"the status of {name} offers no recovery, so there is none to confirm; {why}")
    return confirmed


def recovery_screen(status: Status, name: str, confirmed: Confirmed, width: int) -> list[Line]:
    """What is lost, who goes on, and what becomes of the others."""
    lines = paragraph(
        f"{name} has lost its majority. Confirm a recovery only if the other members are gone for "
        "good: as long as they may come back, bring them back instead, and nothing is lost.",
        width,
        Style.BAD,
    )
    for text in _consequences(status, confirmed):
        lines += [EMPTY, *paragraph(text, width)]
    return lines


def _consequences(status: Status, confirmed: Confirmed) -> Iterator[str]:
    majority = status.condition(ConditionType.MAJORITY_HEALTHY)
    if majority is not None:
        yield f"The status says: {majority.message}."
    if status.plan is not None:
        yield f"The operator says: {status.plan}."
    others = [each.name for each in status.member_status if each.name != confirmed.pod]
    yield (
        f"If you confirm it, {confirmed.pod} goes on alone from version {confirmed.version} of the "
        "configuration. Writes that it does not have are lost, acknowledged ones among them."
    )
    yield (
        f"The data of {', '.join(others) or 'all other members'} are discarded, and they join "
        "again as new members. From then on the condition DataLossPossible says what was done."
    )
    yield "Until the configuration is forced, removing the annotation takes the recovery back."
