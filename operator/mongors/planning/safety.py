"""The predicates that may say no. They hold for every plan, whatever step made it."""

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.observed.mongodb import ReplicaSetConfig, voter_changes
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict, Reconfigure, Step, StepDown, SwitchOver
from mongors.planning.catching_up import has_caught_up
from mongors.planning.waits import Wait


def refusal(step: Step, observed: Observed) -> Wait | None:
    """Why a step must not be taken, or None when it may."""
    match step:
        case Reconfigure():
            return _refuse_reconfigure(step, observed)
        case StepDown() | SwitchOver():
            return _refuse_step_down(step, observed)
        case Evict():
            return _refuse_eviction(step, observed)
        case _:
            return None


def serving_voters(config: ReplicaSetConfig, observed: Observed) -> int:
    """How many voters of a configuration the primary sees up and serving."""
    return sum(observed.is_healthy(member.host) for member in config.voters)


def counting_voters(config: ReplicaSetConfig, observed: Observed) -> int:
    """How many voters of a configuration count now; one that joined counts when it has synced."""
    told = observed.primary.voting_members if observed.primary else None
    return min(told or len(config.voters), len(config.voters))


def majority_serves(desired: Desired, observed: Observed) -> bool:
    """Whether enough voters serve, in their own words, to elect a primary among them.

    Those that do not count yet are taken to be among those that serve: nobody tells who they are.
    """
    config = observed.config
    if config is None:
        return False
    hosts = {desired.names.host(each) for each in observed.answers if observed.state(each).serves}
    serving = sum(each.host in hosts for each in config.voters)
    uncounted = uncounted_voters(config, observed)
    return serving - uncounted > (len(config.voters) - uncounted) // 2


def uncounted_voters(config: ReplicaSetConfig, observed: Observed) -> int:
    """How many voters do not count yet, as those say who hold this configuration."""
    told = [
        each.voting_members
        for each in observed.answers.values()
        if each.config is not None and each.config.stamp == config.stamp and each.voting_members
    ]
    return max(0, len(config.voters) - max(told, default=len(config.voters)))


def _refuse_reconfigure(step: Reconfigure, observed: Observed) -> Wait | None:
    before, after = observed.leading_config, step.config
    if before is None or before.stamp != step.based_on or after.version != before.version + 1:
        return Wait(Reason.PROGRESSING, "the configuration changed meanwhile; looking again")
    if voter_changes(before, after) > 1:
        return Wait(Reason.SCALE_REFUSED, "refused: more than one vote would change at once")
    if _drops_primary(after, observed):
        return Wait(Reason.SCALE_REFUSED, "refused: the primary must step down before it goes")
    return _refuse_loss_of_majority(step, before, observed)


def _refuse_loss_of_majority(
    step: Reconfigure, before: ReplicaSetConfig, observed: Observed
) -> Wait | None:
    """Refuse a change after which the voters that count would have no majority in service.

    A voter that joins does not count before it has synced, and which ones do not count yet is not
    told: so when a serving voter goes, all of them are taken to be among those that serve.
    """
    after = {member.id for member in step.config.voters}
    known = {member.id for member in before.members}
    voters = {member.id for member in before.voters}
    counting = counting_voters(before, observed)
    votes = counting + len(after & known) - len(voters)
    healthy = {member.id for member in before.members if observed.is_healthy(member.host)}
    serving = len(healthy & after)
    if healthy & (voters - after):
        serving -= len(voters) - counting
    if serving > votes // 2:
        return None
    if counting < len(voters):
        said = f"{counting} of {len(voters)} voters count so far; waiting for the others to sync"
        return Wait(Reason.WAITING_FOR_SYNC, said)
    return Wait(
        Reason.SCALE_REFUSED,
        f"refused: {step.change} would leave {serving} of {votes} voters in service, "
        "which is no majority. Bring the missing members back, or take the change back",
    )


def _refuse_eviction(step: Evict, observed: Observed) -> Wait | None:
    """Refuse to take a member away from which the others could not carry on.

    Of one or two voters the set cannot spare any: there a restart is a short outage.
    """
    config, primary = observed.leading_config, observed.primary
    if config is None or primary is None:
        return Wait(Reason.PROGRESSING, "the primary changed meanwhile; looking again")
    if step.ordinal == primary.ordinal and not step.may_be_primary:
        return Wait(Reason.PROGRESSING, f"{step.pod} is primary now; looking again")
    leaving = observed.answers[step.ordinal].host if step.ordinal in observed.answers else None
    missing = [each.host for each in config.voters if not _surely_serves(observed, each.host)]
    left = len({each.host for each in config.voters} - {*missing, leaving})
    if left >= config.majority or len(config.voters) <= 2:
        return None
    return Wait(
        Reason.EVICTION_REFUSED,
        f"refused: without {step.pod} only {left} of {len(config.voters)} voters would be in "
        f"service, which is no majority. It is done once {', '.join(missing)} serves again",
    )


def _surely_serves(observed: Observed, host: str) -> bool:
    """In the primary's words and in its own: of one that is gone the primary learns late."""
    own = (each for each in observed.answers.values() if each.host == host)
    return observed.is_healthy(host) and any(each.state.serves for each in own)


def _refuse_step_down(step: StepDown | SwitchOver, observed: Observed) -> Wait | None:
    config = observed.leading_config
    if config is None or observed.primary is None or observed.primary.term != step.term:
        return Wait(Reason.PROGRESSING, "the primary changed meanwhile; looking again")
    if serving_voters(config, observed) < config.majority or not _has_successor(config, observed):
        return Wait(
            Reason.SCALE_REFUSED,
            f"refused: {step.pod} cannot step down, because no other member could take over. It is "
            "done once one with a vote and a priority above 0 is in service, beside a majority",
        )
    return _refuse_while_behind(step, config, observed)


def _refuse_while_behind(
    step: StepDown | SwitchOver, config: ReplicaSetConfig, observed: Observed
) -> Wait | None:
    """Refuse a step-down that the primary would have to give up, for want of who has its writes.

    From the command on it refuses all writes, until a majority has caught up, one among them who
    can be elected, or until its patience ends:
    https://www.mongodb.com/docs/manual/reference/command/replSetStepDown/
    """
    primary = primary_host(observed)
    ready = [each for each in config.voters if has_caught_up(observed, each.host)]
    heirs = [each for each in ready if each.host != primary and each.is_electable]
    if heirs and len(ready) >= config.majority:
        return None
    behind = [each.host for each in config.voters if each not in ready]
    said = f"{step.pod} steps down once {', '.join(behind)} caught up; until then it stays primary"
    return Wait(Reason.WAITING_FOR_SYNC, said)


def _has_successor(config: ReplicaSetConfig, observed: Observed) -> bool:
    primary = primary_host(observed)
    return any(
        member.host != primary and member.priority > 0 and observed.is_healthy(member.host)
        for member in config.voters
    )


def _drops_primary(after: ReplicaSetConfig, observed: Observed) -> bool:
    host = primary_host(observed)
    member = after.member(host) if host else None
    return member is None or member.priority <= 0


def primary_host(observed: Observed) -> str | None:
    """The host under which the configuration knows the primary."""
    return observed.primary.host if observed.primary else None
