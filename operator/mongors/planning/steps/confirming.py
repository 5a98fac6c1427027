"""What a person may confirm when the majority is lost, and why something else is refused.

What is confirmed names the replicaSetId, the one member to go on with, and the version of the
configuration that it holds: `65a…01/mongo-2/17`.
"""

from dataclasses import dataclass

from mongors.desired.desired import Desired
from mongors.observed.mongodb import Answer, State
from mongors.observed.observed import Observed
from mongors.planning.safety import majority_serves
from mongors.planning.steps.gate import is_held, knows_no_set


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a person confirmed."""

    replica_set_id: str
    pod: str
    version: int

    def __str__(self) -> str:
        return f"{self.replica_set_id}/{self.pod}/{self.version}"


def parsed(text: str | None) -> Confirmed | None:
    """The confirmation in a text, or None where it is none."""
    parts = (text or "").split("/")
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    return Confirmed(parts[0], parts[1], int(parts[2]))


def offer(desired: Desired, observed: Observed) -> Confirmed | None:
    """What a person would have to confirm now: to go on with the most advanced data there are."""
    bearers = _bearers(desired, observed)
    if not bearers or observed.record.replica_set_id is None:
        return None
    best = max(bearers, key=_progress)
    assert best.config is not None
    pod = desired.names.pod(best.ordinal)
    return Confirmed(observed.record.replica_set_id, pod, best.config.version)


def refusal(desired: Desired, observed: Observed) -> str | None:
    """Why what was confirmed does not fit what is seen; None when it fits."""
    confirmed, expected = parsed(desired.asked.recover), offer(desired, observed)
    if confirmed is None:
        return "it must name replicaSetId/pod/configuration version"
    if observed.primary is not None or observed.primary_seen_by_others is not None:
        return "there is a primary, so nothing has to be forced"
    if expected is None:
        return "no member with the data of this set answers; nothing can go on without its data"
    if confirmed.replica_set_id != expected.replica_set_id:
        return f"this set's replicaSetId is {expected.replica_set_id}"
    if confirmed != expected:
        return (
            f"the most advanced member is {expected.pod} with configuration version "
            f"{expected.version}; confirm {expected}"
        )
    return _may_be_alive(desired, observed, confirmed)


def is_alive(desired: Desired, observed: Observed) -> bool:
    """Whether there is a primary after all, or a majority that elects one."""
    led = observed.primary is not None or observed.primary_seen_by_others is not None
    return led or majority_serves(desired, observed)


def _may_be_alive(desired: Desired, observed: Observed, confirmed: Confirmed) -> str | None:
    """Whether a majority may be there after all: members that nobody can look at may form one."""
    config = observed.config
    if config is None:
        return "no member shows its configuration"
    strange = [m.host for m in config.voters if desired.names.ordinal_of_host(m.host) is None]
    if strange:
        return f"{strange[0]} is no pod of this set: whether it runs cannot be seen from here"
    if majority_serves(desired, observed):
        return "a majority of the voters is in service; they elect a primary by themselves"
    left = left_behind(desired, observed)
    for ordinal, pod in sorted(observed.pods.items()):
        node = observed.node(pod)
        if pod.name != confirmed.pod and observed.may_run_unseen(pod):
            if node is not None and not node.ready:
                return (
                    f"{pod.name} may still run on {node.name}, which does not report: make sure "
                    f"that the machine is off, and delete the Node {node.name}"
                )
            tells = ordinal in left or _shows_what_it_has(observed, ordinal)
            if pod.mongod_running and not tells:
                return f"{pod.name} runs, but does not say what it has; wait, or delete its pod"
    return None


def _shows_what_it_has(observed: Observed, ordinal: int) -> bool:
    """Whether a member serves, has a part of the data alone, or nothing."""
    answer = observed.answers.get(ordinal)
    serves_or_copies = answer is not None and (answer.state.serves or answer.copying)
    return serves_or_copies or knows_no_set(observed, ordinal)


def left_behind(desired: Desired, observed: Observed) -> list[int]:
    """Members that run and are out of the set, as their configuration shows: they elect nobody.

    Nobody asks what they have: it may be more than any survivor has. Their configuration must not
    be a newer one than all survivors know.
    """
    known = [each.config.stamp for each in _bearers(desired, observed) if each.config]
    return [
        answer.ordinal
        for answer in _removed(desired, observed)
        if answer.config is not None and any(answer.config.stamp <= each for each in known)
    ]


def all_ordinals(desired: Desired, observed: Observed) -> set[int]:
    """Whoever has a pod, may get one, or stands in a configuration that some member holds."""
    made = observed.statefulset.replicas if observed.statefulset else 0
    configs = [answer.config for answer in observed.answers.values() if answer.config]
    known = (
        desired.names.ordinal_of_host(member.host)
        for config in configs
        for member in config.members
    )
    wanted = (member.ordinal for member in desired.members)
    return {*observed.pods, *wanted, *range(made), *(each for each in known if each is not None)}


def _bearers(desired: Desired, observed: Observed) -> list[Answer]:
    """Whose data a set could go on with: its survivors', or else of those who left it before."""
    return _survivors(desired, observed) or _left_alone(desired, observed)


def _left_alone(desired: Desired, observed: Observed) -> list[Answer]:
    """Members that left the set, once all others are known to be empty: theirs is all that is left.

    One of whom it is not known how far it is could be the most advanced: then it is none.
    """
    removed = [each for each in _removed(desired, observed) if each.applied is not None]
    has_left = {each.ordinal for each in removed}
    for ordinal in all_ordinals(desired, observed) - has_left:
        pod = observed.pods.get(ordinal)
        if pod is None or pod.deleting or not is_held(pod, observed):
            return []
    return removed


def _removed(desired: Desired, observed: Observed) -> list[Answer]:
    """The members that have data of this very set, and do not stand in its configuration."""
    return [
        answer
        for ordinal, answer in sorted(observed.answers.items())
        if answer.state is State.REMOVED
        and answer.config is not None
        and answer.config.replica_set_id == observed.record.replica_set_id
        and answer.config.member(desired.names.host(ordinal)) is None
    ]


def _survivors(desired: Desired, observed: Observed) -> list[Answer]:
    """The members that answer with data of this very set, and stand in its configuration."""
    return [
        answer
        for answer in observed.answers.values()
        if answer.config is not None
        and answer.state.serves
        and answer.applied is not None
        and answer.config.replica_set_id == observed.record.replica_set_id
        and answer.config.member(desired.names.host(answer.ordinal)) is not None
    ]


def _progress(answer: Answer) -> tuple[object, object, int]:
    assert answer.config is not None
    return answer.applied, answer.config.stamp, -answer.ordinal
