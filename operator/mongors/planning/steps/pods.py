"""Pods in which no mongod runs: what was corrected reaches them only if they are made anew."""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Pod
from mongors.observed.observed import Observed
from mongors.planning.actions import ReplacePod
from mongors.planning.steps.gate import is_held

BINDING_SECONDS = 20.0
"""For so long a pod may have a node and no bound claim: our picture of the claim may be behind."""


def replace_stuck_pods(desired: Desired, observed: Observed) -> Iterator[ReplacePod]:
    """Replace pods of an older template that cannot start, for the trouble that they report.

    The StatefulSet leaves every pod as it is until it is deleted. One that never served stays so
    for ever otherwise; nothing is lost with it, for its volume stays. Of members that did serve,
    one at a time, and none while a pod of the present template cannot start either: that template
    may be the broken one (rule 57).
    """
    for _, pod in sorted(observed.pods.items()):
        if pod.found_no_data and not (pod.mongod_running or pod.deleting):
            yield ReplacePod(pod.name, pod.uid, "its volume was emptied")
        elif _is_bound_too_early(observed, pod):
            said = "it was given a node before its claim had a volume: nobody would provide one"
            yield ReplacePod(pod.name, pod.uid, said)
    if not _is_template_set(desired, observed):
        return
    stuck = [pod for _, pod in sorted(observed.pods.items()) if _is_stuck(desired, pod)]
    never_served = [pod for pod in stuck if not (pod.mongod_ever_ran and observed.was_initiated)]
    for pod in never_served:
        yield ReplacePod(pod.name, pod.uid, pod.trouble or "")
    others = [pod for pod in stuck if pod not in never_served]
    if others and not never_served and not _is_template_failing(desired, observed):
        yield ReplacePod(others[-1].name, others[-1].uid, others[-1].trouble or "")


def _is_bound_too_early(observed: Observed, pod: Pod) -> bool:
    """Whether the scheduler took the former claim of the name for the present one.

    A claim that waits for its first consumer gets a volume once the scheduler has chosen a node,
    and a pod that has one already is never scheduled again. Seen on a busy machine: a claim and
    its pod were deleted at once, and the member waited for ever. There is no volume to be lost.
    """
    claim, node = observed.claims.get(pod.ordinal), observed.node(pod)
    if claim is None or claim.bound or pod.node is None or (node is not None and not node.ready):
        return False
    never_began = pod.held_since is None and not (pod.mongod_ever_ran or pod.deleting)
    return never_began and (observed.at - pod.created).total_seconds() >= BINDING_SECONDS


def _is_stuck(desired: Desired, pod: Pod) -> bool:
    is_outdated = pod.template != desired.template or _has_other_parameters(desired, pod)
    down = not (pod.mongod_running or pod.deleting or pod.found_no_data)
    return is_outdated and down and pod.trouble is not None


def _has_other_parameters(desired: Desired, pod: Pod) -> bool:
    """Whether it would start with other server parameters: the cause why it does not, perhaps."""
    return dict(pod.parameters) != dict(desired.parameters)


def _is_template_set(desired: Desired, observed: Observed) -> bool:
    live = observed.statefulset
    return live is not None and live.template == desired.template and live.is_followed


def _is_template_failing(desired: Desired, observed: Observed) -> bool:
    """Whether a pod of the present template does not run (yet); at the gate it has come far."""
    return any(
        pod.deleting or not pod.mongod_running
        for pod in observed.pods.values()
        if pod.template == desired.template
        and not _has_other_parameters(desired, pod)
        and not is_held(pod, observed)
    )
