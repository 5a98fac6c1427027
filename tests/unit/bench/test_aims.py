"""Aims: which are met, and which only a worst round or one case misses."""

from bench import aims
from bench.births import BEST, OPERATOR, PLAIN
from bench.record import Line


def birth(contestant: str, case: str, *seconds: float) -> Line:
    return Line("birth", case, "last Running to ready", contestant, "s", seconds)


def change(bench: str, case: str, metric: str, *values: float, by: str = OPERATOR) -> Line:
    return Line(bench, case, metric, by, "", values)


def rows(*found: Line) -> list[str]:
    return aims.table(list(found)).splitlines()[2:]


def test_one_case_beyond_the_limit_misses_the_aim() -> None:
    met = [birth(BEST, "3 members", 2.0), birth(OPERATOR, "3 members", 2.2, 2.4, 9.0)]
    assert [row.endswith("| yes |") for row in rows(*met)] == [True]
    missed = [*met, birth(BEST, "5 members", 2.0), birth(OPERATOR, "5 members", 2.5)]
    (row,) = rows(*missed)
    assert "3 members: 1.2, 5 members: 1.25 | **no** |" in row


def test_each_plain_script_is_an_aim_of_its_own() -> None:
    found = [birth(each, "3 members", 9.0) for each in PLAIN]
    assert len(rows(*found, birth(OPERATOR, "3 members", 2.0))) == 2


def test_errors_count_by_their_worst_round_and_only_where_the_driver_repeats() -> None:
    failed = "failed writes"
    found = change("kill", "1 writers, retries", failed, 0, 0, 0)
    other = change("kill", "1 writers, no retries", failed, 1, 1, 1)
    assert rows(found, other) == [
        "| writes that fail although the driver repeats them | 0 | kill: 0 | yes |"
    ]
    assert "kill: 1 | **no**" in rows(change("kill", "1 writers, retries", failed, 0, 0, 1))[0]


def test_a_second_election_in_any_round_is_told() -> None:
    (row,) = rows(change("restart", "8 writers, retries", "elections", 1, 1, 2))
    assert row.endswith("8 writers, retries: 2 | **no** |")


def test_the_gap_is_judged_beside_a_bare_step_down_of_the_same_load() -> None:
    mine = change("restart", "1 writers, retries", "longest gap", 1.05)
    bare = change("restart", "1 writers, retries", "longest gap", 1.0, by="bare step-down")
    (row,) = rows(mine, bare)
    assert "50" in row
    assert row.endswith("| yes |")
    assert rows(mine) == []


def test_the_most_sets_are_judged() -> None:
    few = Line("scale", " 300 sets", "idle, memory", OPERATOR, "MiB", (900,))
    most = Line("scale", "1000 sets", "idle, memory", OPERATOR, "MiB", (240,))
    assert rows(most, few) == ["| memory | 250 MiB | 1000 sets: 240 | yes |"]
    assert rows(few) == ["| memory | 250 MiB | 300 sets: 900 | **no** |"]
