"""Copying a member's data anew, on demand: discarded behind the gate, joined under a new `_id`.

What is asked names the pod and its present `_id`: `mongo-2/7`. It has no effect any more once the
member is back, because it has another `_id` then.
"""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict
from mongors.planning.approval import is_given, resync_id
from mongors.planning.catching_up import has_caught_up
from mongors.planning.steps.anew import held_copies
from mongors.planning.steps.gate import has_begun_empty, held_now, key_is_there
from mongors.planning.steps.recovery import held_by_recovery
from mongors.planning.waits import Wait


def held_pods(desired: Desired, observed: Observed) -> list[str]:
    """The pods that must not start on the data they have."""
    pod = asked_pod(desired, observed)
    may_go = is_given(desired, observed, resync_id(desired))
    fits = may_go and pod is not None and refusal(desired, observed, pod) is None
    resynced = [pod] if pod is not None and fits else []
    recovered = held_by_recovery(desired, observed)
    return sorted({*recovered, *held_copies(desired, observed), *resynced})


def refuse_resync(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Say why a member's data are not copied anew."""
    pod = asked_pod(desired, observed)
    reason = refusal(desired, observed, pod) if pod is not None else None
    if reason is not None:
        yield Wait(Reason.RESYNC_REFUSED, f"the data of {pod} are not copied anew: {reason}")


def resync_member(desired: Desired, observed: Observed) -> Iterator[Evict]:
    """Restart the member, which then stops at the gate; `reseed` does the rest (rules 35, 44)."""
    pod = asked_pod(desired, observed)
    if pod is None or refusal(desired, observed, pod) is not None:
        return
    ordinal = desired.names.ordinal_of_pod(pod)
    live = observed.pods.get(ordinal) if ordinal is not None else None
    if live is None or ordinal is None or live.deleting or live.held_since or not live.can_answer:
        return
    if not (live.may_start_empty or observed.state(ordinal) is State.UNINITIATED):
        yield Evict(ordinal, pod, live.uid, "its data are to be copied anew, as asked")


def asked_pod(desired: Desired, observed: Observed) -> str | None:
    """The pod that is asked for: while it has the `_id` that was named, or when it just lost it."""
    pod, _, member_id = (desired.asked.resync or "").partition("/")
    ordinal, config = desired.names.ordinal_of_pod(pod), observed.config
    if ordinal is None or config is None or not member_id.isdecimal():
        return None
    member = config.member(desired.names.host(ordinal))
    if member is None:
        waits = pod in held_now(desired, observed) and not has_begun_empty(
            desired, observed, ordinal
        )
        return pod if waits else None
    return pod if member.id == int(member_id) else None


def refusal(desired: Desired, observed: Observed, pod: str) -> str | None:
    """Why nothing may be discarded now: all others must serve and have what it has (rule 35)."""
    primary, config = observed.primary, observed.leading_config
    ordinal = desired.names.ordinal_of_pod(pod)
    if primary is None or config is None:
        return "there is no primary to copy them from"
    if not key_is_there(desired, observed):
        return "the keyFile Secret is gone, without which it could not start"
    if ordinal == primary.ordinal:
        return "it is primary; make another member primary first"
    host = desired.names.host(ordinal if ordinal is not None else -1)
    behind = [
        each.host
        for each in config.voters
        if each.host != host and not has_caught_up(observed, each.host)
    ]
    if behind:
        return f"{', '.join(behind)} must be in service and caught up first"
    left = [each for each in config.voters if each.host != host]
    if len(left) >= config.majority:
        return None
    return "without it there is no majority; add a member first (spec.members)"
