"""The parts of a birth, read from members' logs."""

import json

import pytest

from bench.parts import PARTS, moments_of, parts_of


def line(second: float, number: int, state: str = "") -> str:
    when = f"2026-01-01T00:00:{second:06.3f}+00:00"
    entry = {"t": {"$date": when}, "id": number, "attr": {"newState": state}}
    return json.dumps(entry)


FIRST = "\n".join(
    ("not JSON", line(1, 21392), line(2, 21358, "SECONDARY"), line(3, 21358, "PRIMARY"))
)
SECOND = "\n".join((line(1.5, 21392), line(4, 21358, "SECONDARY"), line(9, 21358, "SECONDARY")))


def test_the_parts_of_a_birth_add_up_to_the_whole() -> None:
    found = moments_of([FIRST, SECOND])
    began = found.initiated - 0.5
    told = parts_of(found, began, began + 10)
    assert list(told) == list(PARTS)
    assert list(told.values()) == pytest.approx([0.5, 2.0, 1.0, 6.5])
    assert sum(told.values()) == pytest.approx(10)


def test_a_single_member_is_secondary_before_it_is_primary() -> None:
    found = moments_of([FIRST])
    assert parts_of(found, found.initiated, found.initiated + 3)[PARTS[2]] == 0


def test_a_log_of_somebody_who_never_came_so_far_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        moments_of([FIRST, line(1, 21392)])
