"""Recovery from the loss of a majority: only as a person has confirmed it, word for word.

Before anything is forced, all other members are behind the start gate, where their data are
discarded before they join again (rule 29): with their old configuration they could otherwise elect
a second primary. Once begun, what was confirmed stands on the keyFile Secret, and is taken back
from there when the request is.
"""

from collections.abc import Iterator
from dataclasses import replace

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.labels import RECOVER
from mongors.observed.mongodb import MemberConfig, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Force, StopForGood
from mongors.planning.entries import highest_member_id
from mongors.planning.steps.confirming import (
    Confirmed,
    all_ordinals,
    is_alive,
    parsed,
    refusal,
)
from mongors.planning.steps.gate import has_begun_empty, held_now, is_held
from mongors.planning.waits import Wait


def in_force(desired: Desired, observed: Observed) -> Confirmed | None:
    """The recovery that was accepted, and was not taken back before it was carried out.

    One that was carried out stays until another one is accepted. Taken back counts only when the
    survivor itself shows that nothing was forced, or has lost it: while it is silent, nobody knows.
    """
    recorded = parsed(observed.record.recovery)
    fits = refusal(desired, observed) is None
    if recorded is not None and not (fits and _is_done(observed, recorded)):
        unforced = _shows_nothing_forced(desired, observed, recorded)
        known = unforced or _is_empty(desired, observed, recorded)
        asked = desired.asked.recover == str(recorded)
        given_up = asked and not is_alive(desired, observed)
        if _is_done(observed, recorded) or not known or given_up:
            return recorded
    return parsed(desired.asked.recover) if fits else None


def is_begun(desired: Desired, observed: Observed) -> bool:
    """Whether a recovery is accepted, and not carried out yet as far as is known."""
    confirmed = in_force(desired, observed)
    return confirmed is not None and not _is_done(observed, confirmed)


def was_forced(desired: Desired, observed: Observed) -> str | None:
    """What a confirmed recovery has forced, once it shows: a configuration of one member."""
    confirmed = parsed(observed.record.recovery)
    config = _config_of(desired, observed, confirmed) if confirmed else None
    if confirmed is None or config is None or config.version <= confirmed.version:
        return None
    ordinal = desired.names.ordinal_of_pod(confirmed.pod)
    alone = ordinal is not None and {m.host for m in config.members} == {
        desired.names.host(ordinal)
    }
    return _told(confirmed) if alone else None


def may_have_forced(desired: Desired, observed: Observed) -> str | None:
    """What nobody will ever know: whether it was forced before the survivor lost its data."""
    recorded = parsed(observed.record.recovery)
    if recorded is None or in_force(desired, observed) == recorded:
        return None
    if _is_done(observed, recorded) or _shows_nothing_forced(desired, observed, recorded):
        return None
    return f"perhaps {_told(recorded)}: it lost its data before it was seen"


def held_by_recovery(desired: Desired, observed: Observed) -> list[str]:
    """The pods that must not start on the data they have: of all members but the survivor.

    After a recovery this holds for ever, for every member that is not in the live configuration:
    a volume that was kept from former times holds what was given up.
    """
    confirmed, config = in_force(desired, observed), observed.leading_config
    if confirmed is None and observed.record.forced is None:
        return []
    present = {member.host for member in config.members} if config else set()
    survivor = confirmed.pod if confirmed else None
    begun = is_begun(desired, observed)
    pods = [
        pod
        for ordinal in sorted(all_ordinals(desired, observed))
        if (pod := desired.names.pod(ordinal)) != survivor
        and desired.names.host(ordinal) not in present
        and (begun or not has_begun_empty(desired, observed, ordinal))
    ]
    return pods if begun or config is not None else _held_still(desired, observed, pods)


def _held_still(desired: Desired, observed: Observed, pods: list[str]) -> list[str]:
    """Those that are held already, or yet to be made: without a primary nobody knows who joined.

    Members that joined again since must be able to restart, or no primary would ever be elected.
    """
    held = held_now(desired, observed)
    made = observed.statefulset.replicas if observed.statefulset else len(desired.members)
    return [pod for pod in pods if pod in held or (desired.names.ordinal_of_pod(pod) or 0) >= made]


def refuse_recovery(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Say why a confirmation is not followed."""
    asked = desired.asked.recover
    if asked is None or observed.record.recovery == asked:
        return
    reason = refusal(desired, observed)
    if reason is not None:
        yield Wait(Reason.RECOVERY_REFUSED, f"the recovery {asked} is refused: {reason}")


def recover(desired: Desired, observed: Observed) -> Iterator[Force | StopForGood | Wait]:
    """Stop every other member behind the gate; then, and only then, force the survivor's vote."""
    confirmed = in_force(desired, observed)
    if confirmed is None or is_alive(desired, observed) or was_forced(desired, observed):
        return
    if desired.asked.recover != str(confirmed) or _is_done(observed, confirmed):
        return
    if observed.record.recovery != str(confirmed):
        yield Wait(Reason.RECOVERING, "the confirmed recovery is being recorded")
        return
    for _, pod in sorted(observed.pods.items()):
        if pod.name == confirmed.pod or is_held(pod, observed):
            continue
        if pod.node is None and not pod.mongod_ever_ran:
            continue  # whenever it starts, it finds the record
        if pod.deleting or not (pod.mongod_running or pod.mongod_ever_ran):
            yield Wait(Reason.RECOVERING, f"the recovery waits for {pod.name} to stop at the gate")
        else:
            said = f"{confirmed.pod} goes on without it, as confirmed"
            yield StopForGood(pod.name, pod.uid, said)
        return
    if unlisted := set(held_by_recovery(desired, observed)) - set(held_now(desired, observed)):
        said = f"the recovery waits until {', '.join(sorted(unlisted))} cannot start any more"
        yield Wait(Reason.RECOVERING, said)
        return
    yield _forced(desired, observed, confirmed)


def stop_given_up(desired: Desired, observed: Observed) -> Iterator[StopForGood]:
    """Stop who left the set and runs on over data that may have been given up: it joins empty.

    Also who left it since then: that it knows the present configuration proves nothing of its data.
    """
    if observed.leading_config is None:
        return
    for member in desired.members:
        pod = observed.pods.get(member.ordinal)
        if pod is None or pod.deleting or observed.state(member.ordinal) is not State.REMOVED:
            continue
        held = held_by_recovery(desired, observed)
        if pod.name in held and pod.name in held_now(desired, observed):
            yield StopForGood(pod.name, pod.uid, "it left the set, and its data are copied anew")
            return


def _shows_nothing_forced(desired: Desired, observed: Observed, confirmed: Confirmed) -> bool:
    config = _config_of(desired, observed, confirmed)
    return config is not None and config.version <= confirmed.version


def _is_empty(desired: Desired, observed: Observed, confirmed: Confirmed) -> bool:
    """Whether the survivor has lost its data as well."""
    ordinal = desired.names.ordinal_of_pod(confirmed.pod)
    pod = observed.pods.get(ordinal) if ordinal is not None else None
    return pod is not None and is_held(pod, observed)


def _told(confirmed: Confirmed) -> str:
    return f"{confirmed.pod} went on alone from configuration version {confirmed.version}"


def _is_done(observed: Observed, confirmed: Confirmed) -> bool:
    """Whether this very recovery was carried out, and not one before it."""
    return observed.record.forced == _told(confirmed)


def _forced(desired: Desired, observed: Observed, confirmed: Confirmed) -> Force | Wait:
    ordinal = desired.names.ordinal_of_pod(confirmed.pod)
    answer = observed.answers.get(ordinal) if ordinal is not None else None
    config = answer.config if answer else None
    if _is_empty(desired, observed, confirmed):
        said = f"{confirmed.pod} has lost its data as well: take {RECOVER} back"
        return Wait(Reason.RECOVERING, said)
    if answer is None or config is None:
        return Wait(Reason.RECOVERING, f"the recovery waits for {confirmed.pod} to answer")
    host = desired.names.host(answer.ordinal)
    unused = (highest_member_id(observed, config.replica_set_id) or 0) + 1
    entry = config.member(host) or MemberConfig(unused, host)
    return Force(answer.ordinal, confirmed.pod, config.stamp, _alone(config, entry))


def _alone(config: ReplicaSetConfig, entry: MemberConfig) -> ReplicaSetConfig:
    only = replace(entry, votes=1, priority=max(entry.priority, 1), hidden=False, delay_seconds=0)
    return replace(config, version=config.version + 1, members=(only,))


def _config_of(
    desired: Desired, observed: Observed, confirmed: Confirmed
) -> ReplicaSetConfig | None:
    ordinal = desired.names.ordinal_of_pod(confirmed.pod)
    answer = observed.answers.get(ordinal) if ordinal is not None else None
    return answer.config if answer else None
