"""The start gate: who may start over an empty data directory."""

from collections.abc import Iterator
from datetime import timedelta

from mongors.desired.desired import Desired
from mongors.desired.secrets import decoded
from mongors.observed.kubernetes import Pod
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import PermitEmptyStart, WithdrawEmptyStart

HELD_SECONDS = 5
"""A member with data passes the gate at once; one that still stands there has none."""


MISSED = timedelta(seconds=5)
"""A kubelet that has news of a pod shows them to it within two seconds, or at its next full round.

That is up to 90 s later: the kubelet loses news that come while it works on the pod. More news of
the pod make it look again.
"""

LOADING = timedelta(seconds=30)
"""How long a mongod over data may take until it knows its configuration."""


def keep_gates(
    desired: Desired, observed: Observed
) -> Iterator[PermitEmptyStart | WithdrawEmptyStart]:
    """Permit an empty start at birth, and to members that the live configuration does not hold.

    A member of the configuration that comes back empty would vote for a primary that lacks what
    it helped to acknowledge: it stays at the gate. The permission ends before it joins: a pod
    outlives its volume when a node comes back without a disk, and the operator may be away then.
    """
    held = held_now(desired, observed)
    for ordinal, pod in sorted(observed.pods.items()):
        if pod.deleting:
            continue
        has_started = _has_started(observed, ordinal)
        if pod.may_start_empty and has_started and pod.name not in held:
            yield WithdrawEmptyStart(pod.name, pod.uid)
        elif (
            not has_started
            and (not pod.may_start_empty or _was_missed(pod, observed))
            and (reason := _reason(desired, observed, ordinal))
        ):
            yield PermitEmptyStart(pod.name, pod.uid, reason)


def held_now(desired: Desired, observed: Observed) -> list[str]:
    """The pods that must not start on the data they have, as the keyFile Secret lists them."""
    secret = observed.objects.get(("Secret", desired.names.keyfile)) or {}
    return (decoded(secret.get("data") or {}, "held") or "").split()


def key_is_there(desired: Desired, observed: Observed) -> bool:
    """Whether a pod that is made anew now could be given the members' key."""
    return ("Secret", desired.names.keyfile) in observed.objects


def has_begun_empty(desired: Desired, observed: Observed, ordinal: int) -> bool:
    """Whether a member has passed the gate with a permission, and whatever it had is discarded.

    First it is held no more, then the permission ends, then it joins: whoever has joined must be
    able to restart over its new data, and never without them, even if the operator is away.
    """
    pod = observed.pods.get(ordinal)
    if pod is None or observed.state(ordinal) is not State.UNINITIATED:
        return False
    return pod.may_start_empty or pod.name not in held_now(desired, observed)


def knows_no_set(observed: Observed, ordinal: int) -> bool:
    """Whether a member knows of no set. While it loads its data, a mongod says the same.

    So one that did not start empty is believed only after a while; and the server itself refuses
    to initiate over data that has a configuration.
    """
    pod = observed.pods.get(ordinal)
    if pod is None or observed.state(ordinal) is not State.UNINITIATED:
        return False
    since = pod.mongod_since
    return pod.may_start_empty or (since is not None and observed.at - since >= LOADING)


def _was_missed(pod: Pod, observed: Observed) -> bool:
    """Whether a permission has not reached the pod after a while: it is given once more."""
    if pod.held_since is None or pod.permitted_at is None:
        return False
    return observed.at - max(pod.held_since, pod.permitted_at) >= MISSED


def _has_started(observed: Observed, ordinal: int) -> bool:
    """Whether a member needs no permission; founders keep theirs until they are initiated."""
    answer = observed.answers.get(ordinal)
    if not observed.was_initiated:
        return observed.state(ordinal).serves
    return answer is not None and answer.answered


def is_held(pod: Pod, observed: Observed) -> bool:
    """Whether the pod has stood at the gate long enough to know that its volume is empty.

    The kubelet says so, perhaps long ago: not of a node that reports no more, and not of a member
    that others see up.
    """
    patience, node = timedelta(seconds=HELD_SECONDS), observed.node(pod)
    if pod.held_since is None or observed.at - pod.held_since < patience:
        return False
    return (node is None or node.ready) and not observed.is_seen_up(pod)


def _reason(desired: Desired, observed: Observed, ordinal: int) -> str | None:
    if not observed.was_initiated:
        return "birth of the set" if _is_birth(desired, observed) else None
    config = observed.leading_config
    host = desired.names.host(ordinal)
    if config is not None and observed.config_is_settled and config.member(host) is None:
        return f"not a member of configuration version {config.version}"
    return None


def _is_birth(desired: Desired, observed: Observed) -> bool:
    """Whether no volume of this set can hold data: all are new, or all are known to be empty."""
    claims = [observed.claims.get(ordinal) for ordinal in observed.pods]
    known = [*claims, *observed.claims.values()]
    if all(claim is not None and claim.is_new(desired.created) for claim in known):
        return True
    return all(
        pod is not None
        and (is_held(pod, observed) or pod.may_start_empty or knows_no_set(observed, each.ordinal))
        for each in desired.members
        for pod in [observed.pods.get(each.ordinal)]
    )
