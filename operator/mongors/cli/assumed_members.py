"""What members would say after an action, if all went well. Pure."""

from dataclasses import replace
from typing import Any

from mongors.desired.desired import Desired
from mongors.observed.mongodb import (
    Answer,
    MemberView,
    Optime,
    Parameter,
    ReplicaSetConfig,
    State,
)
from mongors.observed.observed import Observed
from mongors.planning.actions import SetParameters

_IDENTITY = "to-be-made"
"""Stands for the replicaSetId of a set that is not initiated yet."""

_APPLIED = Optime(1, 1, 1)


def answering(observed: Observed, ordinal: int, **fields: Any) -> Observed:
    """The snapshot with another answer of one member."""
    answer = observed.answers.get(ordinal)
    if answer is None:
        return observed
    return replace(observed, answers={**observed.answers, ordinal: replace(answer, **fields)})


def with_config(
    desired: Desired, observed: Observed, ordinal: int, config: ReplicaSetConfig
) -> Observed:
    """Every member that runs has this configuration, and those in it serve."""
    identity = config.replica_set_id or observed.record.replica_set_id or _IDENTITY
    settings = {**config.settings, "replicaSetId": identity}
    known = replace(config, replica_set_id=identity, settings=settings)
    now = replace(observed, record=replace(observed.record, replica_set_id=identity))
    leader = observed.primary.ordinal if observed.primary else ordinal
    if known.member(desired.names.host(leader)) is None:
        leader = ordinal
    answers = {
        each: _told(desired, answer, known, leader) for each, answer in observed.answers.items()
    }
    return _seeing(desired, replace(now, answers=answers), known)


def led_by(desired: Desired, observed: Observed, ordinal: int) -> Observed:
    """The snapshot in which this member is primary, in a new term."""
    config = observed.config
    if config is None or ordinal not in observed.answers:
        return observed
    term = max(each.term for each in observed.answers.values()) + 1
    elected = replace(config, term=term)
    was = observed.primary
    answers = {
        each: _told(desired, answer, elected, ordinal) for each, answer in observed.answers.items()
    }
    if was is not None:
        answers[ordinal] = replace(answers[ordinal], fcv=was.fcv, write_concern=was.write_concern)
    return _seeing(desired, replace(observed, answers=answers), elected)


def heir(desired: Desired, observed: Observed) -> int:
    """Who would probably take over: the first that can."""
    config, primary = observed.config, observed.primary
    mine = primary.ordinal if primary else -1
    for entry in config.members if config else ():
        ordinal = desired.names.ordinal_of_host(entry.host)
        able = ordinal is not None and observed.state(ordinal) is State.SECONDARY
        if ordinal is not None and able and entry.is_electable and ordinal != mine:
            return ordinal
    return mine


def with_parameters(desired: Desired, observed: Observed, action: SetParameters) -> Observed:
    """The snapshot in which these parameters are set and noted."""
    live = {
        **observed.answers[action.ordinal].parameters,
        **{name: Parameter(value, True) for name, value in action.values.items()},
    }
    pod = replace(observed.pods[action.ordinal], parameters=desired.parameters)
    noted = replace(observed, pods={**observed.pods, action.ordinal: pod})
    return answering(noted, action.ordinal, parameters=live)


def _told(desired: Desired, answer: Answer, config: ReplicaSetConfig, leader: int) -> Answer:
    host = desired.names.host(answer.ordinal)
    if config.member(host) is None:
        is_out = answer.state.serves or answer.state is State.REMOVED
        state = State.REMOVED if is_out else answer.state
        return replace(
            answer, state=state, is_writable_primary=False, config=config if is_out else None
        )
    leads = answer.ordinal == leader
    return replace(
        answer,
        state=State.PRIMARY if leads else State.SECONDARY,
        host=host,
        problem=None,
        is_writable_primary=leads,
        set_name=config.name,
        term=config.term,
        config=config,
        config_committed=leads,
        voting_members=len(config.voters),
        applied=answer.applied or _APPLIED,
        committed_term=config.term,
        fcv=answer.fcv or (_fcv(desired) if leads else None),
        write_concern=answer.write_concern or ("majority" if leads else None),
    )


def _seeing(desired: Desired, observed: Observed, config: ReplicaSetConfig) -> Observed:
    """The snapshot in which everybody sees everybody else up and caught up."""
    leader = observed.primary
    views = tuple(
        MemberView(
            host=entry.host,
            state=observed.state(ordinal) if ordinal is not None else State.SECONDARY,
            healthy=ordinal is None or observed.state(ordinal).serves,
            optime_seconds=1.0,
            sync_source=None
            if leader is None or ordinal == leader.ordinal
            else desired.names.host(leader.ordinal),
        )
        for entry in config.members
        for ordinal in (desired.names.ordinal_of_host(entry.host),)
    )
    applied = leader.applied if leader else _APPLIED
    answers = {
        each: replace(answer, views=views, applied=applied) if answer.state.serves else answer
        for each, answer in observed.answers.items()
    }
    return replace(observed, answers=answers)


def _fcv(desired: Desired) -> str:
    return ".".join(str(desired.spec.version).split(".")[:2])
