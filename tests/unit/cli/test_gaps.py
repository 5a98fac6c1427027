"""What `bench` makes of acknowledgements and failures, and `install` of an image."""

from click.testing import CliRunner

from mongors.cli.app import READY, program
from mongors.cli.commands.install import IN_THE_TREE
from mongors.cli.gaps import Gap, Gaps, gaps_screen
from mongors.cli.layout import text_of


def written(*moments: float, gaps: Gaps | None = None, by: str = "mongo-0") -> Gaps:
    """Gaps after writes that were acknowledged at these moments."""
    gaps = gaps or Gaps()
    for each in moments:
        gaps.acknowledge(each, by)
    return gaps


def test_a_gap_lasts_from_one_acknowledgement_to_the_next() -> None:
    gaps = written(1.0, 1.02)
    gaps.fail(1.04, "mongo-0 refused insert with code 189")
    gaps.fail(1.5, "mongo-0 did not answer insert")
    written(1.62, 1.64, gaps=gaps, by="mongo-1")
    assert gaps.found == [Gap(1.02, 1.62 - 1.02, "mongo-0 did not answer insert")]
    assert (gaps.longest, gaps.primary, gaps.is_open) == (1.62 - 1.02, "mongo-1", False)
    text = text_of(gaps_screen("mongo", gaps))
    assert "4 writes acknowledged by a majority in 1s, the last by mongo-1" in text
    assert "longest gap  0.60 s" in text
    assert "1 not acknowledged: mongo-0 refused insert with code 189" in text


def test_the_time_before_the_first_acknowledgement_is_no_gap() -> None:
    assert written(3.0, 3.02).found == []


def test_a_gap_is_open_while_nothing_is_acknowledged_any_more() -> None:
    gaps = written(1.0, 1.02)
    gaps.fail(1.1, "mongo-0 did not answer insert")
    gaps.at = 2.02
    assert gaps.is_open
    assert "open gap     1.00 s (mongo-0 did not answer insert)" in text_of(gaps_screen("m", gaps))
    assert Gaps().is_open, "nothing was ever acknowledged"


def test_programs_are_told_in_seconds() -> None:
    gaps = written(1.0, 1.5)
    assert gaps.to_wire() == {
        "seconds": 1.5,
        "acknowledged": 2,
        "notAcknowledged": {},
        "longestGapSeconds": 0.5,
        "gaps": [{"since": 1.0, "seconds": 0.5}],
    }


def test_the_manifests_are_printed_with_the_image_that_is_named() -> None:
    committed = IN_THE_TREE.read_text()
    printed = CliRunner().invoke(program, ["install"])
    assert (printed.exit_code, printed.output) == (READY, committed)
    other = CliRunner().invoke(program, ["install", "--image", "example.com/mongors:1"]).output
    changed = set(other.splitlines()) ^ set(committed.splitlines())
    assert changed == {
        "          image: example.com/mongors:1",
        "          image: docker.io/mongors/mongors:0.1.0",
    }
