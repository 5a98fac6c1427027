"""The member that is to be preferred is primary before the members hear of it."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.api.status import Attempt
from mongors.desired.desired import Desired
from mongors.observed.kubernetes import Node
from mongors.observed.mongodb import State
from mongors.observed.observed import Observed
from mongors.planning.actions import Reconfigure, SwitchOver
from mongors.planning.outcome import Outcome
from mongors.planning.plan import plan
from mongors.planning.report import report
from mongors.planning.steps.preference import make_way
from unit.builders import OLD_TEMPLATE, config, entry, only, running, wanted, with_pod

REASON = "its priority is higher"


def preferring(**priorities: float) -> Desired:
    """A set of three whose members `m0` to `m2` are to have these priorities."""
    options = [{"member": int(each[1]), "priority": at} for each, at in priorities.items()]
    return wanted(3, memberOptions=options)


SET = preferring(m2=5)


def told(observed: Observed, desired: Desired = SET) -> Observed:
    """What is seen after the pass that began the handover."""
    planned = plan(desired, observed)
    begun = [Outcome(planned.step)] if planned.step else []
    status = report(desired, observed, planned, begun)
    return replace(observed, status=status)


def test_the_primary_hands_over_first() -> None:
    """Rule 25: and nobody stands against a primary at work."""
    observed = running(SET, config())
    action = SwitchOver(0, "mongo-0", 3, 2, "mongo-2", (1,), REASON)
    assert only(make_way(SET, observed)) == action
    assert plan(SET, observed).step == action


def test_then_it_is_given_its_priority() -> None:
    observed = running(SET, config(), primary=2)
    assert list(make_way(SET, observed)) == []
    assert isinstance(plan(SET, observed).step, Reconfigure)


def test_of_several_the_most_preferred_is_chosen() -> None:
    desired = preferring(m1=2, m2=3)
    action = only(make_way(desired, running(desired, config())))
    assert isinstance(action, SwitchOver)
    assert action.target == 2


def test_so_is_one_that_comes_back() -> None:
    """Its priority is known, and the members would let it stand against a primary at work."""
    live = config([0, 1, replace(entry(2), priority=5)])
    assert isinstance(only(make_way(SET, running(SET, live))), SwitchOver)


def test_nobody_takes_over_who_is_about_to_go() -> None:
    """It handed over just now to be restarted, or because its node is to be emptied."""
    observed = running(SET, config())
    assert list(make_way(SET, with_pod(observed, 2, template=OLD_TEMPLATE))) == []
    emptied = {"node-2": Node("node-2", cordoned=True)}
    assert list(make_way(SET, replace(observed, nodes=emptied))) == []


def test_nothing_is_done_when_the_primary_is_to_be_preferred() -> None:
    desired = preferring(m0=5, m1=2)
    assert list(make_way(desired, running(desired, config()))) == []


@pytest.mark.parametrize(
    "seen",
    [
        {"states": {2: State.RECOVERING}},
        {"down": {2}},
        {"lag": {2: 90}},
        {"committed": False},
        {"primary": None},
    ],
)
def test_one_that_cannot_take_over_yet_is_only_given_its_priority(seen: dict[str, Any]) -> None:
    assert list(make_way(SET, running(SET, config(), **seen))) == []


def test_one_that_could_not_be_elected_before_is_only_given_its_priority() -> None:
    live = config([0, 1, replace(entry(2), priority=0)])
    assert list(make_way(SET, running(SET, live))) == []


class TestOnce:
    """A handover costs writes: it is begun once for each such change."""

    def test_is_not_begun_again_when_another_was_elected(self) -> None:
        observed = told(running(SET, config()))
        begun = Attempt(asked="priority of mongo-2", term=3)
        assert observed.status.attempted_switchover == begun
        lost = replace(running(SET, config(term=4), primary=1), status=observed.status)
        assert list(make_way(SET, lost)) == []
        assert isinstance(plan(SET, lost).step, Reconfigure), "the members do it then"
        assert told(lost).status.attempted_switchover == begun

    def test_is_begun_again_while_the_primary_never_stepped_down(self) -> None:
        observed = told(running(SET, config()))
        assert isinstance(only(make_way(SET, observed)), SwitchOver)

    def test_is_forgotten_when_it_is_preferred(self) -> None:
        observed = told(running(SET, config()))
        after = replace(running(SET, primary=2), status=observed.status)
        assert told(after).status.attempted_switchover is None
