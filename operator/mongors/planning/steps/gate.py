"""The start gate: who may start over an empty data directory."""

from collections.abc import Iterator
from datetime import timedelta

from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Pod
from mongors.observed.observed import Observed
from mongors.planning.actions import PermitEmptyStart, WithdrawEmptyStart

HELD_SECONDS = 5
"""A member with data passes the gate at once; one that still stands there has none."""


def keep_gates(
    desired: Desired, observed: Observed
) -> Iterator[PermitEmptyStart | WithdrawEmptyStart]:
    """Permit an empty start at birth, and to members that the live configuration does not hold.

    A member of the configuration that comes back empty would vote for a primary that lacks what
    it helped to acknowledge: it stays at the gate. The permission ends when the member serves: a
    pod outlives its volume when a node comes back without a disk.
    """
    for ordinal, pod in sorted(observed.pods.items()):
        serves = observed.state(ordinal).serves
        if pod.deleting:
            continue
        if pod.may_start_empty and serves:
            yield WithdrawEmptyStart(pod.name, pod.uid)
        elif not (pod.may_start_empty or serves) and (
            reason := _reason(desired, observed, ordinal)
        ):
            yield PermitEmptyStart(pod.name, pod.uid, reason)


def is_held(pod: Pod, observed: Observed) -> bool:
    """Whether the pod has stood at the gate long enough to know that its volume is empty."""
    patience = timedelta(seconds=HELD_SECONDS)
    return pod.held_since is not None and observed.at - pod.held_since >= patience


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
    founders = [observed.pods.get(member.ordinal) for member in desired.members]
    return all(
        pod is not None and (is_held(pod, observed) or pod.may_start_empty) for pod in founders
    )
