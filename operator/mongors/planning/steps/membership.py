"""Membership: the live configuration is brought to the wanted one, one voter at a time."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.api.version import major_of
from mongors.desired.desired import Desired
from mongors.desired.members import WantedMember
from mongors.observed.mongodb import Answer, MemberConfig, ReplicaSetConfig, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Reconfigure, StepDown
from mongors.planning.safety import primary_host
from mongors.planning.steps.gate import is_held
from mongors.planning.steps.objects import record_of
from mongors.planning.waits import Wait

NEWLY_ADDED_SINCE = (5, 0)
"""From this FCV on the server itself keeps a new voter from counting until it has synced."""

CAUGHT_UP_SECONDS = 10.0
"""A member may vote when it is no further behind than this."""

Said = Iterator[Reconfigure | StepDown | Wait]


def remove_members(desired: Desired, observed: Observed) -> Said:
    """Take members that are not wanted any more out of the configuration, before their pods go.

    Dead ones first, then the highest ordinal; the primary last, after it has stepped down. Members
    that are not pods of this set are not ours to remove.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    leaving = [
        member
        for member in config.members
        if (ordinal := desired.names.ordinal_of_host(member.host)) is not None
        and ordinal >= len(desired.members)
    ]
    if not leaving:
        return
    if not observed.config_is_settled:
        yield _unsettled(config)
        return
    others = [member for member in leaving if member.host != primary_host(observed)]
    if not others:
        yield _step_down(desired, primary, "its member is to leave the set")
        return
    first = min(others, key=lambda each: _leaving_order(desired, observed, each))
    change = f"take {first.host} out of the configuration"
    yield _reconfigure(primary, config, config.removing(first.host), change, "remove")


def add_members(desired: Desired, observed: Observed) -> Said:
    """Add wanted members in ordinal order as they come up, each under an `_id` never used before.

    Before 5.0 a new voter counts at once, so it comes without a vote and is given it when it has
    caught up; from 5.0 on the server does the same by itself.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    joining = [
        member
        for member in desired.members
        if config.member(member.host) is None and _can_join(desired, observed, member)
    ]
    if not joining:
        return
    if not observed.config_is_settled:
        yield _unsettled(config)
        return
    member = joining[0]
    votes_at_once = primary.fcv is not None and major_of(f"{primary.fcv}.0") >= NEWLY_ADDED_SINCE
    entry = MemberConfig(
        id=(record_of(observed).highest_member_id or 0) + 1,
        host=member.host,
        votes=member.votes if votes_at_once else 0,
        priority=member.priority if votes_at_once else 0,
    )
    change = f"add {member.host} as member {entry.id}"
    yield _reconfigure(primary, config, config.adding(entry), change, "add")


def settle_votes(desired: Desired, observed: Observed) -> Said:
    """Give and take votes, one in a reconfig; a vote is given only to a member that caught up."""
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    for wanted in desired.members:
        member = config.member(wanted.host)
        if member is None or (member.votes, member.priority) == (wanted.votes, wanted.priority):
            continue
        if wanted.votes > member.votes and not _has_caught_up(observed, wanted.host):
            continue
        if not observed.config_is_settled:
            yield _unsettled(config)
        elif wanted.priority <= 0 and wanted.host == primary_host(observed):
            yield _step_down(desired, primary, "its member is to give up its vote")
        else:
            yield _change_votes(primary, config, wanted)
        return


def await_members(desired: Desired, observed: Observed) -> Iterator[Wait]:
    """Say for whom the set waits until all wanted members serve and count."""
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    absent = [each for each in desired.members if config.member(each.host) is None]
    if absent:
        yield from (_absence(desired, observed, each) for each in absent[:1])
        return
    syncing = [each for each in desired.members if not observed.is_healthy(each.host)]
    if syncing:
        yield _syncing(desired, observed, syncing)
    elif not observed.config_is_settled:
        yield _unsettled(config)
    elif primary.voting_members not in (None, len(config.voters)):
        yield Wait(
            Reason.WAITING_FOR_SYNC,
            f"{primary.voting_members} of {len(config.voters)} voters count so far; a new voter "
            "counts when it has synced",
        )


def _can_join(desired: Desired, observed: Observed, member: WantedMember) -> bool:
    """Whether a mongod is up that holds no data, or this set's own."""
    answer = observed.answers.get(member.ordinal)
    if answer is None or desired.names.pod(member.ordinal) not in observed.named:
        return False
    if answer.state is State.UNINITIATED:
        return True
    expected = record_of(observed).replica_set_id
    is_own = answer.config is not None and answer.config.replica_set_id == expected
    return answer.state is State.REMOVED and is_own


def _has_caught_up(observed: Observed, host: str) -> bool:
    lag = observed.lag_seconds(host)
    return observed.is_healthy(host) and lag is not None and lag <= CAUGHT_UP_SECONDS


def _leaving_order(desired: Desired, observed: Observed, member: MemberConfig) -> tuple[bool, int]:
    ordinal = desired.names.ordinal_of_host(member.host)
    return observed.is_healthy(member.host), -(ordinal or 0)


def _change_votes(primary: Answer, config: ReplicaSetConfig, wanted: WantedMember) -> Reconfigure:
    after = config.changing(wanted.host, votes=wanted.votes, priority=wanted.priority)
    gives = wanted.votes > 0
    change = f"{'give a vote to' if gives else 'take the vote of'} {wanted.host}"
    return _reconfigure(primary, config, after, change, "give_vote" if gives else "take_vote")


def _reconfigure(
    primary: Answer, before: ReplicaSetConfig, after: ReplicaSetConfig, change: str, kind: str
) -> Reconfigure:
    return Reconfigure(primary.ordinal, before.stamp, after, change, kind)


def _step_down(desired: Desired, primary: Answer, reason: str) -> StepDown:
    pod = desired.names.pod(primary.ordinal)
    return StepDown(primary.ordinal, pod, primary.term, reason)


def _unsettled(config: ReplicaSetConfig) -> Wait:
    return Wait(
        Reason.WAITING_FOR_SYNC,
        f"waiting until configuration version {config.version} is committed on every member",
    )


def _syncing(desired: Desired, observed: Observed, syncing: list[WantedMember]) -> Wait:
    named = ", ".join(
        f"{desired.names.pod(each.ordinal)} is {_state_seen(observed, each)}" for each in syncing
    )
    troubled = [observed.pods[each.ordinal] for each in syncing if each.ordinal in observed.pods]
    trouble = next((f"; {pod.name}: {pod.trouble}" for pod in troubled if pod.trouble), "")
    reason = (
        Reason.WAITING_FOR_SYNC
        if all(observed.state(each.ordinal) is not State.UNREACHABLE for each in syncing)
        else Reason.WAITING_FOR_PODS
    )
    held = [pod.name for pod in troubled if is_held(pod, observed)]
    if held:
        return Wait(
            Reason.VOLUME_LOST,
            f"{', '.join(held)} lost its data and waits at the start gate: an empty member must "
            "not vote for what it no longer has",
        )
    return Wait(reason, f"waiting for members to serve: {named}{trouble}")


def _state_seen(observed: Observed, member: WantedMember) -> str:
    view, answer = observed.view_of(member.host), observed.answers.get(member.ordinal)
    state = view.state if view else observed.state(member.ordinal)
    return f"{state.value} ({answer.problem})" if answer and answer.problem else state.value


def _absence(desired: Desired, observed: Observed, member: WantedMember) -> Wait:
    pod = observed.pods.get(member.ordinal)
    name = desired.names.pod(member.ordinal)
    if pod is not None and pod.trouble:
        return Wait(Reason.PODS_PENDING, f"{name} cannot join: {pod.trouble}")
    return Wait(Reason.WAITING_FOR_PODS, f"waiting for {name} to come up and join")
