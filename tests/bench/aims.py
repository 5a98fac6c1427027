"""What was aimed at, beside what was measured: a line for each, met or missed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bench.births import BEST, OPERATOR, PLAIN
from bench.changes import CONTESTS
from bench.growth import exponent, sets_of
from bench.record import Line, told

Found = list[Line]
Values = Mapping[str, float]
"""A figure by its case."""


@dataclass(frozen=True, slots=True)
class Aim:
    """One figure that shall not be more than so much, in any case."""

    words: str
    limit: float
    measured: Callable[[Found], Values]
    unit: str = ""

    def row(self, found: Found) -> str:
        """Its line of the table; none where nothing was measured."""
        values = self.measured(found)
        if not values:
            return ""
        each = ", ".join(f"{case}: {told(values[case])}" for case in sorted(values))
        is_met = "yes" if max(values.values()) <= self.limit else "**no**"
        return f"| {self.words} | {self.limit:g}{self.unit} | {each} | {is_met} |"


def table(found: Found) -> str:
    """Every aim that something was measured for."""
    rows = [row for aim in AIMS if (row := aim.row(found))]
    return "\n".join(("| aim | at most | measured | met |", "|---" * 4 + "|", *rows))


def medians(found: Iterable[Line], bench: str, metric: str, contestant: str = OPERATOR) -> Values:
    """The median of a metric in each case."""
    return {each.case.strip(): each.median for each in _mine(found, bench, metric, contestant)}


def worst(found: Iterable[Line], bench: str, metric: str) -> Values:
    """The most that the operator ever needed of a metric in each case."""
    return {each.case.strip(): max(each.values) for each in _mine(found, bench, metric, OPERATOR)}


def _mine(found: Iterable[Line], bench: str, metric: str, contestant: str) -> Found:
    key = (bench, metric, contestant)
    return [each for each in found if (each.bench, each.metric, each.contestant) == key]


def beside(contestant: str) -> Callable[[Found], Values]:
    """From the last pod Running to ready, as a ratio to somebody else's."""

    def ratio(found: Found) -> Values:
        metric = "last Running to ready"
        mine, others = (medians(found, "birth", metric, who) for who in (OPERATOR, contestant))
        return {case: mine[case] / others[case] for case in mine if others.get(case)}

    return ratio


def errors_with_retries(found: Found) -> Values:
    """Failed writes of applications whose driver repeats them, in each kind of change."""
    failed: dict[str, list[float]] = {}
    for contest in CONTESTS:
        for case, most in worst(found, contest.name, "failed writes").items():
            if ", retries" in case:
                failed.setdefault(contest.name, []).append(most)
    return {bench: max(each) for bench, each in failed.items()}


def beyond_a_step_down(found: Found) -> Values:
    """How much longer than with a bare step-down nothing is acknowledged, in milliseconds."""
    metric = "longest gap"
    floor = medians(found, "restart", metric, "bare step-down")
    mine = medians(found, "restart", metric)
    return {case: (mine[case] - floor[case]) * 1000 for case in mine if case in floor}


def at_most_sets(metric: str) -> Callable[[Found], Values]:
    """A figure of one operator with as many sets as it was measured with."""

    def value(found: Found) -> Values:
        mine = sorted(_mine(found, "scale", metric, OPERATOR), key=sets_of)
        return {each.case.strip(): each.median for each in mine[-1:]}

    return value


def exponents(found: Found) -> Values:
    """With which power of the number of sets the time for a piece of work grows."""
    metrics = {
        "making them": "growth, until all are ready",
        "start": "start, until the last first pass",
        "a change of all at once": "burst, until all were reported",
    }
    slopes = {
        words: exponent(_mine(found, "scale", metric, OPERATOR))
        for words, metric in metrics.items()
    }
    return {words: value for words, value in slopes.items() if value is not None}


AIMS = (
    Aim("birth: last pod Running to ready, beside the best script", 1.2, beside(BEST), " ×"),
    *(
        Aim(f"the same, beside the {each}", 0.333, beside(each), " ×") for each in PLAIN
    ),
    Aim("writes that fail although the driver repeats them", 0, errors_with_retries),
    Aim("restart of three: elections", 1, lambda found: worst(found, "restart", "elections")),
    Aim("restart: gap beyond that of a bare step-down", 100, beyond_a_step_down, " ms"),
    Aim(
        "restart: length beyond pod starts, per member", 8,
        lambda found: medians(found, "restart", "length beyond, per pod"), " s",
    ),
    Aim("growth with the number of sets: exponent", 1.1, exponents),
    Aim("at rest, Kubernetes' side: CPU", 5, at_most_sets("idle, unasked, CPU"), " %"),
    Aim("at rest, members asked: CPU", 15, at_most_sets("idle, CPU"), " %"),
    Aim("memory", 250, at_most_sets("idle, memory"), " MiB"),
    Aim("at rest: requests of the Lease an hour", 60, at_most_sets("idle, unasked, of the Lease")),
    Aim("at rest: all other requests an hour", 0, at_most_sets("idle, unasked, requests")),
    Aim(
        "start to the last first pass", 10,
        at_most_sets("start, until the last first pass"), " s",
    ),
    Aim(
        "a change's first request, p99", 100,
        at_most_sets("change, first request p99"), " ms",
    ),
    Aim(
        "the same while a tenth of the members hangs", 100,
        at_most_sets("a tenth hangs, first request p99"), " ms",
    ),
)  # fmt: skip
