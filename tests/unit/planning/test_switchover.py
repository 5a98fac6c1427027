"""Planned changes of the primary: to whom a person named, or off a cordoned node."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.conditions import Reason
from mongors.api.status import Attempt, Status
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import SwitchOver
from mongors.planning.outcome import Outcome
from mongors.planning.plan import plan
from mongors.planning.report import report
from mongors.planning.steps.preference import attempt_of
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


class TestOnce:
    """A handover costs writes: it is begun once for each time that it is asked for."""

    def begun(self, asked: str = "mongo-2") -> Status:
        """The status after the pass that began it, in term 3."""
        desired, observed = asking(SET, primary=asked), running(SET)
        planned = plan(desired, observed)
        assert planned.step is not None
        status = report(desired, observed, planned, [Outcome(planned.step)])
        assert status.attempted_switchover == Attempt(asked=asked, term=3)
        return status

    def later(self, status: Status, *, term: int, primary: int = 0) -> Observed:
        """What is seen after it, mongo-0 or another being primary."""
        return replace(running(SET, config(term=term), primary=primary), status=status)

    def test_is_not_begun_again_when_another_member_was_elected(self) -> None:
        observed = self.later(self.begun(), term=4, primary=1)
        assert list(switch_over(ASKED, observed)) == []
        said = only(refuse_switchover(ASKED, observed)).message
        assert "mongo-1 was elected" in said
        assert "mongors.io/primary=mongo-2@again" in said

    def test_does_not_count_when_it_was_not_begun(self) -> None:
        """Some upkeep failed before, or it was refused at once: nobody was asked to stand."""
        planned = plan(ASKED, running(SET))
        assert planned.step is not None
        for outcomes in ([], [Outcome(planned.step, "not now", was_refused=True)]):
            status = report(ASKED, running(SET), planned, outcomes)
            assert status.attempted_switchover is None

    def test_is_begun_again_while_the_primary_never_stepped_down(self) -> None:
        observed = self.later(self.begun(), term=3)
        assert isinstance(only(switch_over(ASKED, observed)), SwitchOver)

    def test_is_begun_again_when_it_is_asked_for_again(self) -> None:
        observed = self.later(self.begun(), term=4, primary=1)
        again = asking(SET, primary="mongo-2@again")
        assert isinstance(only(switch_over(again, observed)), SwitchOver)
        assert attempt_of(again, observed, None) is None

    def test_is_remembered_as_long_as_it_is_asked_for(self) -> None:
        observed = self.later(self.begun(), term=4, primary=1)
        kept = report(ASKED, observed, plan(ASKED, observed), [])
        assert kept.attempted_switchover == Attempt(asked="mongo-2", term=3)
        assert report(SET, observed, plan(SET, observed), []).attempted_switchover is None

    def test_no_handover_for_another_reason_counts(self) -> None:
        step = SwitchOver(0, "mongo-0", 3, 1, "mongo-1", (2,), "node node-0 is cordoned")
        assert attempt_of(ASKED, running(SET), step) is None
