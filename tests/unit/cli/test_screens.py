"""Whole screens at 80 columns, as people see them.

`MONGORS_WRITE_GOLDEN=1 pytest tests/unit/cli` writes them anew; read the difference.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mongors.api.monitoring import CanaryStatus
from mongors.cli.explaining import explanation
from mongors.cli.foreseeing import foresee
from mongors.cli.layout import Line, text_of
from mongors.cli.screens.approve import approval_screen
from mongors.cli.screens.explain import explain_screen
from mongors.cli.screens.plan import plan_screen
from mongors.cli.screens.status import canary_said, status_screen
from mongors.cli.seen import Seen
from mongors.cli.view import view_of
from unit.builders import running, wanted
from unit.cli import looks

GOLDEN = Path(__file__).parent / "golden"
WIDTH = 80

LOOKS = (looks.healthy, looks.being_born, looks.stalled, looks.without_majority, looks.shrinking)


def as_committed(name: str, lines: list[Line]) -> None:
    """Compare with the committed screen."""
    text = text_of(lines) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("MONGORS_WRITE_GOLDEN"):
        file.write_text(text)
    assert file.exists(), "review, and write it with MONGORS_WRITE_GOLDEN=1"
    assert text == file.read_text()


@pytest.mark.parametrize("look", LOOKS)
def test_the_status_is_as_committed(look: Callable[[], Seen]) -> None:
    as_committed(f"status-{look.__name__}", status_screen(view_of(look()), WIDTH))


@pytest.mark.parametrize("look", LOOKS)
def test_the_explanation_is_as_committed(look: Callable[[], Seen]) -> None:
    view = view_of(look())
    lines = explain_screen(explanation(view), WIDTH, is_ready=view.is_ready)
    as_committed(f"explain-{look.__name__}", lines)


def test_the_plan_of_two_members_more_is_as_committed() -> None:
    desired = wanted(5, generation=2)
    seen = looks.look_at(desired, running(wanted(3)))
    assert seen.observed is not None
    forecast = foresee(desired, seen.observed)
    as_committed("plan-growing", plan_screen(seen, forecast, ["members: 3 → 5"], WIDTH))


def test_the_plan_of_a_stalled_set_is_as_committed() -> None:
    seen = looks.stalled()
    assert seen.desired is not None
    assert seen.observed is not None
    forecast = foresee(seen.desired, seen.observed)
    as_committed("plan-stalled", plan_screen(seen, forecast, [], WIDTH))


def test_the_plan_that_waits_for_approval_is_as_committed() -> None:
    seen = looks.shrinking()
    assert seen.desired is not None
    assert seen.observed is not None
    forecast = foresee(seen.desired, seen.observed)
    as_committed("plan-shrinking", plan_screen(seen, forecast, [], WIDTH))


def test_what_waits_for_approval_is_as_committed() -> None:
    waiting = looks.shrinking().status.waiting_for_approval or ()
    as_committed("approve-shrinking", approval_screen("mongo", waiting, WIDTH))


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.txt")), ids=lambda file: file.stem)
def test_no_line_is_wider_than_the_terminal(file: Path) -> None:
    """But for what has no place to break: a text to be copied, or a host."""
    long = [each for each in file.read_text().splitlines() if len(each) > WIDTH]
    assert all(len(max(each.split(), key=len)) > WIDTH / 2 for each in long)


def test_a_canary_is_told_of_in_one_line() -> None:
    since, at = "2026-01-01T08:00:00Z", "2026-01-01T09:00:00Z"
    assert canary_said(CanaryStatus(since=since, failures=0, gaps=0)) == f"no gap since {since}"
    missed = canary_said(CanaryStatus(since=since, failures=3, gaps=0))
    assert missed == f"no gap since {since}, 3 attempts failed"
    found = CanaryStatus(
        since=since, failures=90, gaps=2, longest_gap_millis=10540,
        last_gap_at=at, last_gap_millis=620,
    )  # fmt: skip
    assert canary_said(found) == (
        f"2 gaps since {since}, the longest 10.5 s, the last 0.6 s at {at}"
    )


def test_what_was_said_of_a_former_pod_explains_nothing() -> None:
    seen = looks.stalled()
    view = view_of(seen)
    assert any("BackOff" in each for each in explanation(view))
    young = tuple(replace(each, age_seconds=2.0) for each in view.members)
    assert not any("BackOff" in each for each in explanation(replace(view, members=young)))


def test_a_plan_that_ends_in_a_full_stop_is_not_given_another() -> None:
    view = view_of(looks.stalled())
    assert not any(each.endswith("..") for each in explanation(view))
