"""What counts as a gap, and how it is told."""

from datetime import timedelta

from mongors.canary.findings import Findings
from unit.builders import NOW

BEGUN = Findings(NOW)


def test_a_quick_write_is_no_news() -> None:
    assert BEGUN.acknowledged(NOW, 0.02) == BEGUN


def test_a_gap_begins_with_the_first_attempt() -> None:
    later = NOW + timedelta(seconds=30)
    found = BEGUN.failed().failed().acknowledged(later, 12.3456)
    assert found.to_status().to_wire() == {
        "since": "2026-01-01T12:00:00Z",
        "failures": 2,
        "gaps": 1,
        "longestGapMillis": 12346,
        "lastGapAt": "2026-01-01T12:00:17Z",
        "lastGapMillis": 12346,
    }


def test_the_longest_gap_stays_and_the_last_is_told_beside_it() -> None:
    found = BEGUN.acknowledged(NOW, 3.0).acknowledged(NOW, 0.5)
    assert (found.gaps, found.longest, found.last) == (2, 3.0, 0.5)
