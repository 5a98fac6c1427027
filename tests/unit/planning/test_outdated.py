"""Which pods have to be restarted: for their template, or for parameters that need a start."""

from dataclasses import replace
from typing import Any

import pytest

from mongors.observed.mongodb import Parameter, State
from mongors.planning.steps.roll import outdated
from unit.builders import changed, running, wanted

SET = wanted(3)


class TestOutdated:
    """Why a pod has to be restarted, and why not."""

    PARAMETERS = wanted(3, configuration={"setParameter": {"cursorTimeoutMillis": 5}})

    def of(self, *, live: bool | None, given: dict[str, Any], **fields: Any) -> str | None:
        desired = self.PARAMETERS
        known = {} if live is None else {"cursorTimeoutMillis": Parameter(7, settable_live=live)}
        observed = changed(running(desired), 1, parameters=known, **fields)
        return outdated(desired, observed, replace(observed.pods[1], parameters=given))

    def test_by_its_template(self) -> None:
        observed = running(SET)
        pod = replace(observed.pods[1], template=None)
        assert outdated(SET, observed, pod) == "its pod template is outdated"

    def test_by_a_parameter_that_is_set_no_more(self) -> None:
        """mongod cannot unset it while it runs."""
        given = {"cursorTimeoutMillis": 5, "notablescan": True}
        assert self.of(live=True, given=given) == "notablescan is not set any more"

    @pytest.mark.parametrize("live", [False, None])
    def test_by_a_parameter_that_cannot_be_set_live(self, live: bool | None) -> None:
        assert self.of(live=live, given={}) == "cursorTimeoutMillis can only be set at start"

    def test_not_by_one_that_can(self) -> None:
        assert self.of(live=True, given={}) is None
        assert self.of(live=True, given={"cursorTimeoutMillis": 4}) is None

    def test_not_by_one_that_it_started_with(self) -> None:
        assert self.of(live=False, given={"cursorTimeoutMillis": 5}) is None

    @pytest.mark.parametrize("state", [State.UNREACHABLE, State.STARTUP2])
    def test_not_while_nobody_knows_what_can_be_set(self, state: State) -> None:
        """Rule 78."""
        assert self.of(live=None, given={}, state=state) is None
