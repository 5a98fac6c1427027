"""Roles: what a pod shows of its member, and what it shows when nothing is known."""

from dataclasses import replace

import pytest

from mongors.desired.labels import Role
from mongors.observed.mongodb import Answer, State
from mongors.planning.actions import ShowRole
from mongors.planning.steps.roles import show_roles
from unit.builders import changed, only, pod, running, wanted, with_pod

SET = wanted(3)


def shown(action: ShowRole) -> tuple[str, Role, bool]:
    """Pod, role and service of an action."""
    return action.pod, action.role, action.in_service


def test_nothing_is_shown_that_is_shown_already() -> None:
    assert list(show_roles(SET, running(SET))) == []


def test_a_new_primary_is_shown_after_the_old_one_is_not_any_more() -> None:
    """A client that asks for the primary never finds two."""
    observed = running(SET, primary=2)
    observed = with_pod(observed, 0, role="primary")
    observed = with_pod(observed, 2, role="secondary")
    assert [shown(each) for each in show_roles(SET, observed)] == [
        ("mongo-0", Role.SECONDARY, True),
        ("mongo-2", Role.PRIMARY, True),
    ]


def test_action_tells_what_changes() -> None:
    observed = with_pod(running(SET), 1, role="other")
    assert only(show_roles(SET, observed)) == ShowRole(
        "mongo-1", "uid-pod-1", Role.SECONDARY, True, Role.OTHER, relabel=True, regate=False
    )
    observed = with_pod(running(SET), 1, in_service=None)
    assert only(show_roles(SET, observed)) == ShowRole(
        "mongo-1", "uid-pod-1", Role.SECONDARY, True, Role.SECONDARY, relabel=False, regate=True
    )


@pytest.mark.parametrize("state", [State.STARTUP2, State.RECOVERING, State.ROLLBACK, State.REMOVED])
def test_a_member_that_does_not_serve_is_out_of_service(state: State) -> None:
    """Rule 61: ready means in service, so the budget never counts a syncing member."""
    observed = running(SET, states={2: state})
    observed = with_pod(observed, 2, role="secondary", in_service=True)
    assert shown(only(show_roles(SET, observed))) == ("mongo-2", Role.OTHER, False)


def test_of_two_that_claim_to_be_primary_only_the_one_of_the_higher_term_is_shown() -> None:
    observed = running(SET)
    late = replace(observed.answers[0], ordinal=1, term=4)
    observed = replace(observed, answers={**observed.answers, 1: late})
    assert [shown(each) for each in show_roles(SET, observed)] == [
        ("mongo-0", Role.OTHER, False),
        ("mongo-1", Role.PRIMARY, True),
    ]


def test_a_silent_pod_stays_as_it_is() -> None:
    """Rule 78: a member that does not answer the operator may well serve its clients."""
    seen = running(SET)
    silent = replace(Answer(1, State.UNREACHABLE), problem="no answer")
    observed = replace(seen, answers={**seen.answers, 1: silent})
    observed = with_pod(observed, 1, mongod_running=True, role="secondary", in_service=True)
    assert list(show_roles(SET, observed)) == []
    answers = {**observed.answers, 1: replace(observed.answers[0], state=State.UNREACHABLE)}
    answers[1] = replace(answers[1], ordinal=1, is_writable_primary=False)
    assert list(show_roles(SET, replace(observed, answers=answers))) == []


def test_a_silent_pod_that_the_primary_misses_too_is_out_of_service() -> None:
    """Rule 60: while it hangs, the budget must not let a drain take another one."""
    observed = running(SET, down={1})
    observed = with_pod(observed, 1, mongod_running=True, role="secondary", in_service=True)
    assert shown(only(show_roles(SET, observed))) == ("mongo-1", Role.SECONDARY, False)


def test_a_silent_primary_is_not_shown_as_such_beside_another() -> None:
    observed = running(SET, primary=1, down={0})
    observed = with_pod(observed, 0, mongod_running=True, role="primary", in_service=True)
    assert shown(only(show_roles(SET, observed))) == ("mongo-0", Role.OTHER, False)


def test_a_silent_primary_stays_shown_while_there_is_no_other() -> None:
    observed = running(SET, primary=None, down={0})
    observed = with_pod(observed, 0, mongod_running=True, role="primary", in_service=True)
    assert list(show_roles(SET, observed)) == []


def test_a_silent_pod_with_a_strange_label_is_shown_as_other() -> None:
    observed = running(SET, down={2})
    observed = with_pod(observed, 2, mongod_running=True, role="captain", in_service=True)
    assert shown(only(show_roles(SET, observed))) == ("mongo-2", Role.OTHER, False)


def test_a_pod_without_a_running_mongod_is_out_of_service() -> None:
    observed = running(SET, down={2})
    observed = with_pod(observed, 2, role="secondary", in_service=True)
    assert shown(only(show_roles(SET, observed))) == ("mongo-2", Role.OTHER, False)


def test_a_pod_that_goes_is_left_alone() -> None:
    observed = replace(running(SET), pods={0: pod(0, role="other", deleting=True)})
    assert list(show_roles(SET, observed)) == []


def test_a_member_that_is_elected_and_not_writable_yet_stays_as_it_was() -> None:
    """A primary keeps its service through its own election; `hello` lags by a moment."""
    observed = changed(running(SET), 0, is_writable_primary=False)
    assert list(show_roles(SET, observed)) == []
    observed = with_pod(observed, 0, role=None, in_service=None)
    assert shown(only(show_roles(SET, observed))) == ("mongo-0", Role.OTHER, False)
