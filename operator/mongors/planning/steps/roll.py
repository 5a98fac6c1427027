"""Restarts: members one by one, the primary last, and never one more when one did not come back."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Pod
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict, StepDown, SwitchOver
from mongors.planning.approval import is_given, restart_id
from mongors.planning.catching_up import has_caught_up
from mongors.planning.steps.awaiting import trouble_of
from mongors.planning.steps.gate import key_is_there
from mongors.planning.steps.handover import hand_over
from mongors.planning.waits import Wait

SOAK_SECONDS = 60.0
"""What ended once on a new template must run for so long before the next one gets it (rule 53)."""


def restart_members(
    desired: Desired, observed: Observed
) -> Iterator[Evict | SwitchOver | StepDown | Wait]:
    """Restart the members whose pods are outdated: the next only when all others serve.

    First who was restarted before and never came back; those without a vote and hidden ones, then
    secondaries from the highest ordinal down, the primary last, when it has stepped down and its
    successor has had a write acknowledged by a majority (rules 37, 38, 53, 54, 57).
    """
    old = outdated_pods(desired, observed)
    primary = observed.primary
    if not old or primary is None:
        return
    silent = {ordinal for ordinal in old if _never_came(observed, observed.pods[ordinal])}
    if (wait := _not_now(desired, observed, old, silent)) is not None:
        yield wait
        return
    first = min(silent or old, key=lambda ordinal: _order(desired, observed, ordinal))
    pod = observed.pods[first]
    if silent:
        yield Evict(first, pod.name, pod.uid, old[first], may_be_silent=True)
    elif first != primary.ordinal:
        yield Evict(first, pod.name, pod.uid, old[first])
    elif _has_successor(desired, observed):
        reason = f"it is restarted last ({old[first]})"
        yield hand_over(desired, observed, primary, reason)
    else:
        yield Evict(first, pod.name, pod.uid, old[first], may_be_primary=True)


def outdated_pods(desired: Desired, observed: Observed) -> dict[int, str]:
    """The ordinals of all wanted members that have to be restarted, each with its reason."""
    return {
        ordinal: reason
        for ordinal, pod in observed.pods.items()
        if ordinal < len(desired.members)  # others are about to go
        and (reason := outdated(desired, observed, pod)) is not None
    }


def is_due(desired: Desired, observed: Observed, pod: Pod) -> bool:
    """Whether a pod is restarted soon: it has to be, and nobody is waited for to approve it."""
    is_old = outdated(desired, observed, pod) is not None
    return is_old and is_given(desired, observed, restart_id(desired))


def outdated(desired: Desired, observed: Observed, pod: Pod) -> str | None:
    """Why a pod has to be restarted; None when it is as wanted, or can be brought there live."""
    if pod.template != desired.template:
        return "its pod template is outdated"
    given, answer = pod.parameters, observed.answers.get(pod.ordinal)
    if gone := given.keys() - desired.parameters.keys():
        return f"{', '.join(sorted(gone))} is not set any more"
    changed = {key for key, value in desired.parameters.items() if given.get(key) != value}
    if answer is None or not answer.state.serves:
        return None
    live = answer.parameters
    fixed = sorted(each for each in changed if each not in live or not live[each].settable_live)
    return f"{', '.join(fixed)} can only be set at start" if fixed else None


def _never_came(observed: Observed, pod: Pod) -> bool:
    """Whether the mongod of a pod runs, but has never served since the pod was made, nor does now.

    Nothing is lost with it. One that any other member sees up may be copying the data.
    """
    is_new = pod.mongod_running and not pod.deleting and pod.in_service is None
    return is_new and not (observed.state(pod.ordinal).serves or observed.is_seen_up(pod))


def _not_now(
    desired: Desired, observed: Observed, old: dict[int, str], silent: set[int]
) -> Wait | None:
    """Why no member may be taken now; the silent ones are missed by nobody."""
    statefulset = observed.statefulset
    if statefulset is None or statefulset.template != desired.template:
        return Wait(Reason.ROLLING, "waiting until the StatefulSet has the new pod template")
    if not key_is_there(desired, observed):
        said = "restarts wait until the keyFile Secret is back: whoever stops now could not start"
        return Wait(Reason.ROLLING, said)
    if not statefulset.is_followed:
        return Wait(Reason.ROLLING, "waiting until the new pod template is seen")
    away = (
        _is_away(desired, observed, each.ordinal, renewed=each.ordinal not in old)
        for each in desired.members
        if each.ordinal not in silent
    )
    unsteady = None if silent else _is_unsteady(desired, observed)
    return unsteady or next(filter(None, away), None)


def _is_unsteady(desired: Desired, observed: Observed) -> Wait | None:
    """Why the set itself does not bear it that a member is taken."""
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None or not observed.config_is_settled:
        return Wait(Reason.ROLLING, "restarts wait until the configuration is committed")
    if any(config.member(each.host) is None for each in desired.members):
        return Wait(Reason.ROLLING, "restarts wait until every member has joined")
    if primary.voting_members not in (None, len(config.voters)):
        return Wait(Reason.ROLLING, "restarts wait until every voter has synced")
    if primary.committed_term != primary.term:
        said = f"waiting until the first write of term {primary.term} is acknowledged by a majority"
        return Wait(Reason.WAITING_FOR_ELECTION, said)
    return None


def _is_away(desired: Desired, observed: Observed, ordinal: int, *, renewed: bool) -> Wait | None:
    """A member that is not in service, or behind, keeps all others from being restarted.

    So does one whose pod is being made anew, of whose absence the other members know nothing yet;
    and one that somebody does not see yet, or that has not found whom to copy from: measured, a
    primary that is elected then takes no writes for up to 5 s.
    """
    pod = observed.pods.get(ordinal)
    if pod is None:
        return Wait(Reason.ROLLING, f"restarts wait for {desired.names.pod(ordinal)} to be made")
    trouble = trouble_of(pod, observed)
    if renewed and pod.trouble and not observed.state(ordinal).serves:
        return Wait(
            Reason.ROLL_STOPPED,
            f"the restarts have stopped: {trouble}. No other member is touched; correct the spec, "
            "or take the change back, and this pod is made anew",
        )
    if renewed and _may_end_again(observed, pod):
        return Wait(
            Reason.WAITING_FOR_PODS,
            f"restarts wait until {pod.name}, whose mongod ended again after its restart, has run "
            f"for {SOAK_SECONDS:.0f} s without",
        )
    host = desired.names.host(ordinal)
    serves = observed.state(ordinal).serves and has_caught_up(observed, host)
    is_back = observed.follows(ordinal) and observed.is_seen_by_all(host)
    if serves and is_back and not pod.deleting:
        return None
    said = f" ({trouble})" if trouble else ""
    return Wait(Reason.ROLLING, f"restarts wait for {pod.name} to serve and to catch up{said}")


def _may_end_again(observed: Observed, pod: Pod) -> bool:
    since = pod.mongod_since
    is_young = since is not None and (observed.at - since).total_seconds() < SOAK_SECONDS
    return pod.mongod_restarts > 0 and is_young


def _order(desired: Desired, observed: Observed, ordinal: int) -> tuple[bool, bool, int]:
    config = observed.leading_config
    member = config.member(desired.names.host(ordinal)) if config else None
    is_primary = observed.primary is not None and observed.primary.ordinal == ordinal
    counts = member is not None and member.is_voter and not member.hidden
    return is_primary, counts, -ordinal


def _has_successor(desired: Desired, observed: Observed) -> bool:
    config, primary = observed.leading_config, observed.primary
    return config is not None and any(
        member.is_electable and member.host != (primary.host if primary else None)
        for member in config.members
    )
