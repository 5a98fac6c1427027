"""The steps of a run, each of which does one thing to the sets and returns what it cost."""

import json
import random
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.scale.asked import Audit, answered, by_verb, of_operator, of_set, received
from bench.scale.crowd import Crowd, Name, spread
from bench.scale.mongods import Mongods
from bench.scale.process import Operator
from bench.waiting import wait_until

Values = dict[str, tuple[float, str]]
"""What was measured, by its name: the value and its unit."""

AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Stage:
    """What all steps act upon."""

    crowd: Crowd
    mongods: Mongods
    audit: Audit
    cluster: Sequence[str]
    """The command line of the tool that runs the cluster."""


def growth(stage: Stage, operator: Operator, count: int, per_second: float) -> Values:
    """Make sets until there are `count`: until all are ready, and what each one cost."""
    fresh = count - len(stage.crowd.names)
    before = operator.sample()
    stage.audit.new()
    seconds = stage.crowd.grow(count, per_second)
    after, asked = operator.sample(), of_operator(stage.audit.new())
    writes = [each for each in asked if each["verb"] not in {"get", "list", "watch"}]
    tell("requests during births", by_verb(asked))
    return {
        "growth, until all are ready": (seconds, "s"),
        "growth, CPU per set": (1000 * (after.cpu - before.cpu) / fresh, "ms"),
        "growth, writes per set": (len(writes) / fresh, ""),
        "growth, requests per set": (len(asked) / fresh, ""),
    }


def first_passes(operator: Operator, seconds: float = 300) -> Values:
    """From the start of the process to the end of the last set's first pass."""
    wait_until(
        lambda: operator.seconds_to_first_passes() is not None,
        seconds, lambda: "every set had its first pass",
    )  # fmt: skip
    sample = operator.sample()
    return {
        "start, until the last first pass": (operator.seconds_to_first_passes() or 0.0, "s"),
        "start, CPU": (sample.cpu, "s"),
        "start, memory": (sample.resident, "MiB"),
    }


def rest(stage: Stage, operator: Operator, seconds: float, name: str) -> Values:
    """Do nothing for a while."""
    stage.audit.new()
    counts = stage.mongods.counts
    before, opened = operator.sample(), counts.opened
    most_open = _look_for(seconds, lambda: counts.open)
    after = operator.sample()
    asked = of_operator(stage.audit.new())
    about_sets = [each for each in asked if "leases" not in each["requestURI"]]
    tell(f"requests in {name}", by_verb(asked))
    lasted = after.at - before.at
    return {
        f"{name}, CPU": (after.share_since(before), "% of a core"),
        f"{name}, memory": (after.resident, "MiB"),
        f"{name}, requests": (3600 * len(about_sets) / lasted, "per hour"),
        f"{name}, of the Lease": (3600 * (len(asked) - len(about_sets)) / lasted, "per hour"),
        f"{name}, connections opened": ((counts.opened - opened) / lasted, "per s"),
        f"{name}, connections at a time": (most_open, "at most"),
    }


def changes(stage: Stage, sets: Sequence[Name], count: int, name: str) -> Values:
    """Change one set a second; from the change to the first request about it, and to its report."""
    stage.audit.new()
    reported = changed(stage, sets, count)
    entries = stage.audit.new()
    acted = [_reaction(entries, each) for each in reported]
    return in_ms(f"{name}, first request", acted) | in_ms(f"{name}, reported", reported.values())


def changed(stage: Stage, sets: Sequence[Name], count: int) -> dict[Name, float]:
    """Change one set a second; the seconds until each reported that it was done."""
    reported = dict[Name, float]()
    for each in random.sample(sets, min(count, len(sets))):
        began = time.monotonic()
        reported[each] = stage.crowd.reported_after(each, stage.crowd.change(each))
        time.sleep(max(0.0, began + 1 - time.monotonic()))
    return reported


def in_ms(name: str, seconds: Iterable[float]) -> Values:
    """How times are spread."""
    spread_out = spread(list(seconds))
    return {f"{name} {key}": (1000 * value, "ms") for key, value in spread_out.items()}


def burst(stage: Stage, operator: Operator) -> Values:
    """Change all sets at once."""
    names = stage.crowd.names
    before, began = operator.sample(), time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(stage.crowd.change, names))
    asked = time.monotonic() - began
    for name, change in zip(names, made, strict=True):
        stage.crowd.reported_after(name, change, 600)
    seconds = time.monotonic() - began
    used = operator.sample().cpu - before.cpu
    return {
        "burst, until all were asked": (asked, "s"),
        "burst, until all were reported": (seconds, "s"),
        "burst, CPU per set": (1000 * used / len(names), "ms"),
    }


def _look_for(seconds: float, look: Any) -> float:
    most, deadline = 0.0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        most = max(most, look())
        time.sleep(0.02)
    return most


def _reaction(entries: list[dict[str, Any]], name: Name) -> float:
    """The seconds from the answer to our change to the operator's first request about the set."""
    about = of_set(entries, name)
    asked = next(
        each
        for each in about
        if each["verb"] == "patch" and each["objectRef"]["resource"] == "mongoreplicasets"
        and "subresource" not in each["objectRef"]
    )  # fmt: skip
    acted = min(received(each) for each in of_operator(about) if received(each) >= received(asked))
    return (acted - answered(asked)).total_seconds()


def tell(what: str, counted: Any) -> None:
    print(f"{what}: {json.dumps(counted)}", flush=True)
