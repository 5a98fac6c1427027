"""What `bench` makes of acknowledgements and failures, and `install` of an image."""

from click.testing import CliRunner

from mongors.cli.app import READY, program
from mongors.cli.commands.install import IN_THE_TREE
from mongors.cli.gaps import Gap, Gaps, gaps_screen
from mongors.cli.layout import text_of


def written(*spans: tuple[float, float], gaps: Gaps | None = None, by: str = "mongo-0") -> Gaps:
    """Gaps after writes that were begun and acknowledged at these moments."""
    gaps = gaps or Gaps()
    for begun, acknowledged in spans:
        gaps.begin(begun)
        gaps.acknowledge(acknowledged, by)
    return gaps


def test_a_gap_lasts_from_the_first_attempt_to_the_acknowledgement() -> None:
    gaps = written((0.9, 1.0), (1.02, 1.03))
    gaps.begin(1.05)
    gaps.fail(1.06, "mongo-0 refused insert with code 189")
    gaps.begin(1.1)
    gaps.fail(1.5, "mongo-0 did not answer insert")
    written((1.55, 1.65), (1.67, 1.68), gaps=gaps, by="mongo-1")
    assert gaps.found == [Gap(1.05, 1.65 - 1.05, "mongo-0 did not answer insert")]
    assert (gaps.longest, gaps.primary, gaps.is_open) == (1.65 - 1.05, "mongo-1", False)
    text = text_of(gaps_screen("mongo", gaps))
    assert "4 writes acknowledged by a majority in 1s, the last by mongo-1" in text
    assert "longest gap  0.60 s" in text
    assert "1 not acknowledged: mongo-0 refused insert with code 189" in text


def test_finding_the_way_there_is_no_gap() -> None:
    assert written((0.0, 3.0), (3.02, 3.03)).found == []


def test_a_long_pause_between_two_writes_is_no_gap() -> None:
    gaps = written((0.0, 0.1), (5.0, 5.1))
    gaps.at = 9.0
    assert (gaps.found, gaps.is_open) == ([], False)


def test_a_gap_is_open_while_a_write_is_not_acknowledged() -> None:
    gaps = written((0.0, 1.0))
    gaps.begin(1.02)
    gaps.fail(1.1, "mongo-0 did not answer insert")
    gaps.at = 2.02
    assert gaps.is_open
    assert "open gap     1.00 s (mongo-0 did not answer insert)" in text_of(gaps_screen("m", gaps))
    assert gaps.to_wire()["longestGapSeconds"] == 1.0, "programs are told of it too"
    assert Gaps().is_open, "nothing was ever acknowledged"


def test_programs_are_told_in_seconds() -> None:
    gaps = written((0.9, 1.0), (1.0, 1.5))
    assert gaps.to_wire() == {
        "seconds": 1.5,
        "acknowledged": 2,
        "notAcknowledged": {},
        "longestGapSeconds": 0.5,
        "openGapSeconds": 0.0,
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
