"""Planned changes of the primary: to whom a person named, or off a cordoned node."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.api.status import Status
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import StepUp, SwitchOver
from mongors.planning.plan import plan
from mongors.planning.report import report
from mongors.planning.steps.switchover import (
    is_fulfilled,
    refuse_switchover,
    switch_over,
)
from unit.builders import asking, changed, config, entry, only, running, wanted

SET = wanted(3)
ASKED = asking(SET, primary="mongo-2")


def refused(observed: Observed, target: str = "mongo-2") -> str:
    """Why the member that was asked for cannot be primary; nothing is done then."""
    desired = asking(SET, primary=target)
    assert list(switch_over(desired, observed)) == []
    wait = only(refuse_switchover(desired, observed))
    assert wait.reason is Reason.SWITCHOVER_REFUSED
    return wait.message.removeprefix(f"{target.partition('@')[0]} is not made primary: ")


class TestAsked:
    """The member that a person named becomes primary, once it is able to."""

    def test_the_primary_hands_over_to_it_alone(self) -> None:
        """Rules 12, 25 and 40: the others do not stand, and nothing is forced."""
        assert only(switch_over(ASKED, running(SET))) == SwitchOver(
            0, "mongo-0", 3, 2, "mongo-2", (1,), "as asked"
        )
        assert list(refuse_switchover(ASKED, running(SET))) == []

    def test_only_those_are_kept_from_standing_that_could(self) -> None:
        desired = wanted(5)
        live = config([0, 1, 2, entry(3, votes=0), 4])
        observed = running(desired, live, states={4: State.RECOVERING})
        action = only(switch_over(asking(desired, primary="mongo-2"), observed))
        assert isinstance(action, SwitchOver)
        assert action.others == (1,)

    def test_nothing_is_left_to_do_once_it_is_primary(self) -> None:
        observed = running(SET, primary=2)
        assert is_fulfilled(ASKED, observed)
        assert list(switch_over(ASKED, observed)) == []
        assert list(refuse_switchover(ASKED, observed)) == []

    def test_what_was_done_once_is_not_done_again(self) -> None:
        """A later election is no reason to move the primary back."""
        done = report(ASKED, running(SET, primary=2), plan(ASKED, running(SET, primary=2)), [])
        assert done.last_switchover == "mongo-2"
        observed = replace(running(SET), status=done)
        assert list(switch_over(ASKED, observed)) == []
        again = asking(SET, primary="mongo-2@again")
        assert isinstance(only(switch_over(again, observed)), SwitchOver)

    def test_what_is_asked_for_once_more_is_done_once_more(self) -> None:
        """A request that was taken back and made again is a new one."""
        done = replace(running(SET), status=Status(last_switchover="mongo-2"))
        status = report(SET, done, plan(SET, done), [])
        assert status.last_switchover is None
        kept = report(ASKED, done, plan(ASKED, done), [])
        assert kept.last_switchover == "mongo-2"
        again = replace(running(SET), status=status)
        assert isinstance(only(switch_over(ASKED, again)), SwitchOver)

    @pytest.mark.parametrize("unsettled", [{"committed": False}, {"outdated": {1}}])
    def test_it_waits_for_a_committed_configuration(self, unsettled: dict[str, Any]) -> None:
        """Rule 15."""
        assert list(switch_over(ASKED, running(SET, **unsettled))) == []


class TestRefused:
    """People are told why it cannot be; nothing else waits for it."""

    @pytest.mark.parametrize("target", ["mongo-3", "mongo-20", "mongo", "mongo2-2", "other"])
    def test_of_a_member_that_there_is_not(self, target: str) -> None:
        assert "it is no member of this set" in refused(running(SET), target)

    def test_of_a_member_that_may_not_be_primary(self) -> None:
        live = config([0, 1, entry(2, votes=0)])
        assert "it has no vote or priority 0" in refused(running(SET, live))
        live = config([0, 1, replace(entry(2), priority=0)])
        assert "it has no vote or priority 0" in refused(running(SET, live))

    def test_of_a_member_from_which_another_would_take_over(self) -> None:
        live = config([0, replace(entry(1), priority=2), 2])
        assert "mongo-1.mongo.default.svc.cluster.local:27017 has a higher" in refused(
            running(SET, live)
        )
        assert "not in service" in refused(running(SET, live, down={1, 2}))

    @pytest.mark.parametrize("state", [State.UNREACHABLE, State.RECOVERING, State.ROLLBACK])
    def test_of_a_member_that_does_not_serve(self, state: State) -> None:
        assert "not in service" in refused(running(SET, states={2: state}))

    def test_of_a_member_that_is_behind(self) -> None:
        """Rule 53: writes would stop until it has caught up."""
        assert (
            refused(running(SET, lag={2: 90})) == "it is 90 s behind; it is done once it caught up"
        )

    def test_of_a_member_of_which_that_is_not_known(self) -> None:
        """Rule 78."""
        observed = running(SET)
        assert observed.primary is not None
        views = tuple(replace(each, optime_seconds=None) for each in observed.primary.views)
        said = refused(changed(observed, 0, views=views))
        assert said == "it is behind; it is done once it caught up"


class TestWithoutAPrimary:
    """A handover that was cut off in the middle ends with the member that was asked for."""

    def test_it_is_asked_to_stand(self) -> None:
        observed = running(SET, primary=None)
        observed = replace(observed, record=replace(observed.record))
        assert only(switch_over(ASKED, changed(observed, 0, views=()))) == StepUp(2)

    @pytest.mark.parametrize(
        "seen",
        [
            running(SET, primary=None, states={2: State.STARTUP2}),
            running(SET, config([0, 1]), primary=None),
            running(SET, config([0, 1, entry(2, votes=0)]), primary=None),
        ],
    )
    def test_one_that_cannot_win_is_not(self, seen: Observed) -> None:
        assert list(switch_over(ASKED, seen)) == []

    def test_nobody_stands_against_a_primary_that_others_see(self) -> None:
        """Rules 13 and 78."""
        observed = running(SET)
        unseen = replace(observed, answers={each: observed.answers[each] for each in (1, 2)})
        assert list(switch_over(ASKED, unseen)) == []

    def test_nobody_is_asked_who_has_no_majority(self) -> None:
        """It could never win; and people must be told of the lost majority, and the way out."""
        observed = changed(running(SET, primary=None, down={0, 1}), 2, views=())
        planned = plan(ASKED, observed)
        assert planned.step is None
        assert planned.waits[-1].reason is Reason.NO_PRIMARY
        assert "mongors.io/recover=" in planned.waits[-1].message
