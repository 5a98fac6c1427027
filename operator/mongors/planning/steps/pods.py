"""Pods that never came up: a corrected template reaches them only if they are made anew."""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import ReplacePod


def replace_stuck_pods(desired: Desired, observed: Observed) -> Iterator[ReplacePod]:
    """Replace pods of an older template in which mongod never ran, for the trouble they report.

    The StatefulSet leaves every pod as it is until it is deleted. One that cannot start on a spec
    that has been corrected since would stay so for ever; nothing is lost with it, for it never
    served anybody and its volume stays. A member that did run stays on the template that it ran
    with: the newer one may be the broken one.
    """
    current = observed.statefulset.update_revision if observed.statefulset else None
    for _, pod in sorted(observed.pods.items()):
        outdated = current is not None and pod.revision not in (None, current)
        if outdated and pod.trouble and not pod.mongod_ever_ran and not pod.deleting:
            yield ReplacePod(pod.name, pod.uid, pod.trouble)
