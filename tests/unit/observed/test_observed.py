"""The questions that can be put to a snapshot."""

from dataclasses import replace

import pytest

from mongors.observed.mongodb import Answer, State
from mongors.observed.observed import Observed
from mongors.observed.record import Record
from unit.builders import (
    IDENTITY,
    NOW,
    OTHER_IDENTITY,
    changed,
    config,
    host,
    running,
    unborn,
    wanted,
)

SET = wanted(3)


def test_of_two_that_claim_to_be_primary_the_one_of_the_higher_term_is() -> None:
    observed = running(SET)
    late = replace(observed.answers[0], ordinal=1, term=9)
    observed = replace(observed, answers={**observed.answers, 1: late})
    assert observed.primary is late


def test_the_primary_s_configuration_counts_and_without_one_the_newest() -> None:
    newer = config(version=9, term=4)
    observed = changed(running(SET), 2, config=newer)
    assert observed.config == observed.leading_config == config()
    leaderless = changed(observed, 0, is_writable_primary=False)
    assert leaderless.config == newer
    assert leaderless.leading_config is None
    assert changed(observed, 0, config=None).config == newer


def test_a_primary_that_does_not_answer_is_seen_by_the_others() -> None:
    observed = running(SET)
    answers = {each: observed.answers[each] for each in (1, 2)}
    assert replace(observed, answers=answers).primary_seen_by_others == host(0)
    assert running(SET, primary=None).primary_seen_by_others is None


@pytest.mark.parametrize(
    ("observed", "initiated"),
    [
        (unborn(SET), False),
        (replace(unborn(SET), record=Record(IDENTITY)), True),
        (replace(running(SET), record=Record()), True),
        (Observed(at=NOW), False),
    ],
)
def test_a_set_was_initiated_if_anybody_remembers(observed: Observed, initiated: bool) -> None:
    """Rule 2: the record, or any one member."""
    assert observed.was_initiated is initiated


def test_identities_are_those_that_members_hold() -> None:
    alien = config(identity=OTHER_IDENTITY)
    observed = changed(running(SET), 2, config=alien)
    assert observed.replica_set_ids == {IDENTITY, OTHER_IDENTITY}
    assert unborn(SET).replica_set_ids == set()


def test_a_member_without_an_answer_is_unreachable() -> None:
    """Rule 78: it is not said to be empty."""
    assert Observed(at=NOW).state(0) is State.UNREACHABLE
    assert unborn(SET).state(0) is State.UNINITIATED


def test_health_is_what_the_primary_sees() -> None:
    observed = running(SET, down={1}, states={2: State.STARTUP2})
    assert observed.is_healthy(host(0))
    assert not observed.is_healthy(host(1))
    assert not observed.is_healthy(host(2))
    assert not observed.is_healthy(host(9))
    assert not running(SET, primary=None).is_healthy(host(0))


def test_lag_is_counted_from_the_newest_member() -> None:
    observed = running(SET, lag={1: 30, 0: 2})
    assert observed.lag_seconds(host(1)) == 30
    assert observed.lag_seconds(host(2)) == 0
    assert observed.lag_seconds(host(9)) is None


class TestSettled:
    """Whether the next change may follow (rule 15)."""

    def test_when_committed_and_everywhere(self) -> None:
        assert running(SET).config_is_settled

    def test_not_while_it_is_not_committed(self) -> None:
        assert not running(SET, committed=False).config_is_settled

    def test_not_while_a_serving_member_has_another(self) -> None:
        assert not running(SET, outdated={2}).config_is_settled

    def test_not_without_a_primary_or_its_configuration(self) -> None:
        assert not running(SET, primary=None).config_is_settled
        assert not changed(running(SET), 0, config=None).config_is_settled

    def test_past_members_that_do_not_serve_or_do_not_tell(self) -> None:
        observed = running(SET, outdated={2}, states={2: State.REMOVED})
        assert observed.config_is_settled
        silent = Answer(1, State.SECONDARY, problem="no login")
        assert replace(observed, answers={**observed.answers, 1: silent}).config_is_settled
