"""How a figure grows with the number of sets."""

import math
from collections.abc import Iterable
from statistics import linear_regression

from bench.record import Line

SMALLEST = 10
"""Sets, from which on growth is judged: below, what the operator costs by itself hides it."""


def sets_of(line: Line) -> int:
    """How many sets there were, as its case says."""
    return int(line.case.split()[0])


def exponent(lines: Iterable[Line]) -> float | None:
    """The slope over the logarithms: 1 is growth in step with the sets; None: too few figures."""
    points = [
        (math.log(sets_of(each)), math.log(each.median))
        for each in lines
        if sets_of(each) >= SMALLEST and each.median > 0
    ]
    if len(points) < 3:
        return None
    return linear_regression(*zip(*points, strict=True)).slope
