"""Server parameters that are set live, and the default write concern."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.observed.mongodb import Parameter, State
from mongors.observed.observed import Observed
from mongors.planning.actions import Evict, SetParameters, SetWriteConcern
from mongors.planning.plan import plan
from mongors.planning.steps.parameters import keep_write_concern, set_parameters
from unit.builders import OLD_TEMPLATE, changed, only, running, wanted, with_pod

SET = wanted(3)
WANTED: dict[str, Any] = {"cursorTimeoutMillis": 5}
LIMITED = wanted(3, configuration={"setParameter": WANTED})


def live(value: Any, *ordinals: int, settable: bool = True, **fields: Any) -> Observed:
    """A set in which these members (or all) have this value."""
    observed = running(LIMITED, **fields)
    for ordinal in range(3):
        now = value if ordinal in ordinals or not ordinals else 5
        known = {"cursorTimeoutMillis": Parameter(now, settable_live=settable)}
        observed = changed(observed, ordinal, parameters=known)
    return observed


class TestParameters:
    """What mongod lets be changed is changed while it runs, one member in a pass."""

    def test_are_set_on_the_first_member_that_differs(self) -> None:
        observed = with_pod(with_pod(live(7, 1, 2), 1, parameters={}), 2, parameters={})
        action = only(set_parameters(LIMITED, observed))
        assert isinstance(action, SetParameters)
        assert (action.ordinal, action.pod, action.uid) == (1, "mongo-1", "uid-pod-1")
        assert (action.values, action.configuration) == (WANTED, LIMITED.configuration)
        assert plan(LIMITED, observed).step == action

    def test_are_not_set_again_once_they_are_noted(self) -> None:
        """Rule 28: mongod may keep a value in another form, and it would never end."""
        assert list(set_parameters(LIMITED, live(7, 1, 2))) == []

    def test_are_noted_where_they_were_only_set(self) -> None:
        """Rule 77: cut off between the two, the pod would start with the old value."""
        observed = with_pod(live(5), 1, parameters={})
        assert only(set_parameters(LIMITED, observed)).pod == "mongo-1"

    def test_are_left_to_the_start_of_a_pod_of_another_template(self) -> None:
        """It is restarted anyway; mongod may keep a value in another form, and it never would."""
        observed = with_pod(live(7, 1), 1, template=OLD_TEMPLATE, parameters={})
        assert list(set_parameters(LIMITED, observed)) == []
        assert isinstance(plan(LIMITED, observed).step, Evict)

    def test_are_left_alone_where_they_need_a_start(self) -> None:
        assert list(set_parameters(LIMITED, live(7, settable=False))) == []

    def test_are_left_alone_where_they_are_not_known(self) -> None:
        """Rule 78."""
        assert list(set_parameters(LIMITED, running(LIMITED))) == []

    @pytest.mark.parametrize("state", [State.STARTUP2, State.RECOVERING])
    def test_are_left_alone_on_a_member_that_does_not_serve(self, state: State) -> None:
        assert list(set_parameters(LIMITED, live(7, 2, states={2: state}))) == []

    def test_are_left_alone_without_a_primary(self) -> None:
        assert list(set_parameters(LIMITED, live(7, primary=None))) == []


class TestWriteConcern:
    """Rule 47: majority, and never less than somebody chose."""

    @pytest.mark.parametrize("now", [0, 1, 2])
    def test_is_raised_to_majority(self, now: int) -> None:
        observed = changed(running(SET), 0, write_concern=now)
        assert only(keep_write_concern(SET, observed)) == SetWriteConcern(0)

    @pytest.mark.parametrize("now", ["majority", "both-sites", 3, None])
    def test_is_never_lowered(self, now: str | int | None) -> None:
        """Rule 78: what was not told is not 1."""
        observed = changed(running(SET), 0, write_concern=now)
        assert list(keep_write_concern(SET, observed)) == []

    def test_is_left_alone_when_people_say_so(self) -> None:
        desired = wanted(3, defaultWriteConcern="Unmanaged")
        observed = changed(running(desired), 0, write_concern=1)
        assert list(keep_write_concern(desired, observed)) == []

    def test_is_left_alone_without_a_primary(self) -> None:
        assert list(keep_write_concern(SET, running(SET, primary=None))) == []
        observed = changed(running(SET), 0, write_concern=1, config=None)
        assert list(keep_write_concern(SET, observed)) == []


def test_a_pod_that_is_gone_is_not_asked() -> None:
    observed = live(7, 2)
    gone = replace(observed, pods={each: observed.pods[each] for each in (0, 1)})
    assert list(set_parameters(LIMITED, gone)) == []
