"""What pods would be after an action, if all went well. Pure."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Pod
from mongors.observed.mongodb import Answer, MemberView, State
from mongors.observed.observed import Observed
from mongors.planning.actions import (
    Evict,
    PermitEmptyStart,
    ReplacePod,
    StopForGood,
    WithdrawEmptyStart,
)
from mongors.planning.steps.gate import held_now

_A_WHILE = timedelta(minutes=5)


def after(
    action: PermitEmptyStart | WithdrawEmptyStart | ReplacePod | StopForGood | Evict,
    desired: Desired,
    observed: Observed,
) -> Observed:
    """The snapshot after an action on a pod; one that may start has started."""
    match action:
        case PermitEmptyStart():
            return _started(desired, observed, action.pod)
        case WithdrawEmptyStart():
            return with_pod(observed, action.pod, may_start_empty=False)
        case StopForGood():
            return _at_gate(desired, observed, action.pod)
        case ReplacePod() | Evict():
            if action.pod in held_now(desired, observed):
                return _at_gate(desired, observed, action.pod)
            return _renewed(desired, observed, action.pod)


def new_pod(desired: Desired, observed: Observed, ordinal: int) -> Pod:
    """A pod of the present template that stands at the start gate."""
    name = desired.names.pod(ordinal)
    return Pod(
        name=name,
        uid=f"uid-of-{name}",
        ordinal=ordinal,
        created=observed.at,
        held_since=observed.at - _A_WHILE,
        template=desired.template,
        parameters=desired.parameters,
    )


def _started(desired: Desired, observed: Observed, pod: str) -> Observed:
    """The mongod of a pod runs over an empty directory, and its name is published."""
    ordinal = desired.names.ordinal_of_pod(pod)
    if ordinal is None:
        return observed
    now = with_pod(
        observed,
        pod,
        ip="to-be-given",
        mongod_running=True,
        mongod_ever_ran=True,
        mongod_since=observed.at - _A_WHILE,
        may_start_empty=True,
        held_since=None,
    )
    version = next((each.version for each in observed.answers.values() if each.version), None)
    answer = Answer(ordinal, State.UNINITIATED, version=version or _version(desired))
    answers = {**now.answers, ordinal: answer}
    return replace(now, answers=answers, named=observed.named | {pod})


def _at_gate(desired: Desired, observed: Observed, pod: str) -> Observed:
    """A pod made anew, whose member must not start on the data it has."""
    ordinal = desired.names.ordinal_of_pod(pod)
    if ordinal is None or ordinal not in observed.pods:
        return observed
    new = new_pod(desired, observed, ordinal)
    kept = {
        each: replace(said, views=tuple(_missing(view, pod) for view in said.views))
        for each, said in observed.answers.items()
        if each != ordinal
    }
    return replace(observed, pods={**observed.pods, ordinal: new}, answers=kept)


def _missing(view: MemberView, pod: str) -> MemberView:
    """How a member is seen whose pod is not the one it was."""
    is_it = view.host.partition(".")[0] == pod
    return replace(view, state=State.DOWN, healthy=False) if is_it else view


def _renewed(desired: Desired, observed: Observed, pod: str) -> Observed:
    """A pod made anew from the present template, whose member is back as it was."""
    ordinal = desired.names.ordinal_of_pod(pod)
    now = with_pod(
        observed,
        pod,
        created=observed.at,
        template=desired.template,
        parameters=desired.parameters,
        trouble=None,
        mongod_restarts=0,
        mongod_since=observed.at,
        found_no_data=False,
    )
    answer = observed.answers.get(ordinal) if ordinal is not None else None
    if answer is None or ordinal is None:
        return now
    live = {**answer.parameters}
    fresh = {
        name: replace(live[name], value=value)
        for name, value in desired.parameters.items()
        if name in live
    }
    renewed = replace(answer, parameters={**live, **fresh}, version=_version(desired))
    return replace(now, answers={**now.answers, ordinal: renewed})


def with_pod(observed: Observed, name: str, **fields: Any) -> Observed:
    """The snapshot with another state of one pod."""
    pods = {
        ordinal: replace(pod, **fields) if pod.name == name else pod
        for ordinal, pod in observed.pods.items()
    }
    return replace(observed, pods=pods)


def _version(desired: Desired) -> tuple[int, int, int]:
    major, minor, patch = str(desired.spec.version).split(".")[:3]
    return int(major), int(minor), int(patch)
