"""Time to ready, side by side: the operator, the best script we know, and what people script.

Each makes sets of the same mongod on the same nodes, in random order. A script is ready when there
is a primary, all others are secondaries and all votes count; the operator when its resource says
Ready, which is more: users, labels and Services are there as well. The parts of each birth are read
from the members' logs afterwards. Then sets of three are scaled to five and back.

Run it beside a cluster with the operator installed:
`tests/cluster/cluster exec -- env PYTHONPATH=tests .venv/bin/python -m bench.births FILE.csv`
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.contestants import Set, kubectl
from bench.parts import moments, parts_of
from bench.plain import Plain
from bench.record import Figure, Record, read, table
from bench.waiting import wait_until
from e2e.sets import ReplicaSet, eventually

PATIENCE_SECONDS = 180
BEST = "best script, parallel start"
OPERATOR = "mongors"
PLAIN = ("plain script, ordered start", "plain script, parallel start")
CLEAN_SECONDS = 5.0
"""What a run leaves behind shall not slow the next one down."""


@dataclass(frozen=True, slots=True)
class Times:
    """Of one birth, on this process's clock, in seconds."""

    applied: float
    running: float
    """All pods are Running."""
    ready: float


def scripted(namespace: str, members: int, *, ordered: bool, best: bool) -> tuple[Plain, Times]:
    """A birth by script: with pods one by one or all at once, and with or without all tricks."""
    made = Plain(kubectl, namespace, members, "OrderedReady" if ordered else "Parallel")
    began = time.monotonic()
    made.apply()
    running = await_(made.all_run, "all pods run")
    if not best:
        made.run("rollout", "status", f"statefulset/{made.name}", f"--timeout={PATIENCE_SECONDS}s")
    made.initiate(stand=best)
    ready = await_(made.is_formed, "the set is whole")
    return made, Times(began, running, ready)


def operated(namespace: str, members: int) -> tuple[ReplicaSet, Times]:
    """A birth by the operator."""
    made = ReplicaSet(kubectl, namespace)
    began = time.monotonic()
    made.apply(members=members)
    running = await_(lambda: phases(made) == ["Running"] * members, "all pods run")
    ready = await_(made.is_ready, "it is ready")
    return made, Times(began, running, ready)


BIRTHS: dict[str, Callable[[str, int], tuple[Set, Times]]] = {
    PLAIN[0]: lambda ns, n: scripted(ns, n, ordered=True, best=False),
    PLAIN[1]: lambda ns, n: scripted(ns, n, ordered=False, best=False),
    "best script, ordered start": lambda ns, n: scripted(ns, n, ordered=True, best=True),
    BEST: lambda ns, n: scripted(ns, n, ordered=False, best=True),
    OPERATOR: operated,
}


def phases(made: ReplicaSet) -> list[str]:
    """What Kubernetes says of the pods."""
    return [pod["status"].get("phase", "") for pod in made.pods()]


def await_(look: Callable[[], bool], what: str) -> float:
    """Look until it is so; the moment at which it was seen."""
    return wait_until(look, PATIENCE_SECONDS, lambda: what)


def scaled(made: Set, members: int) -> float:
    """Scale a set; the seconds until it is whole, and the pods are those that are wanted."""
    began = time.monotonic()
    if isinstance(made, Plain):
        made.scale(members)
        return await_(lambda: made.is_formed() and made.all_run(), "it is whole") - began
    made.scale(members)
    return await_(lambda: made.is_ready() and len(made.pods()) == members, "it is whole") - began


@contextmanager
def a_namespace() -> Iterator[str]:
    """A namespace for one run, which is waited for until it is gone."""
    name = f"bench-{uuid4().hex[:8]}"
    kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        kubectl("-n", name, "delete", "mrs", "--all")
        kubectl("delete", "namespace", name)
        time.sleep(CLEAN_SECONDS)


def birth(record: Record, name: str, members: int) -> None:
    """One birth, and with three members also the way to five and back."""
    scales = members == 3 and name in {BEST, OPERATOR}
    with a_namespace() as namespace:
        made, times = BIRTHS[name](namespace, members)
        case = f"{members} members"
        for metric, since in (("apply", times.applied), ("last Running", times.running)):
            record.add(Figure("birth", name, case, f"{metric} to ready", times.ready - since))
        clock = time.time() - time.monotonic()
        told = parts_of(moments(made), times.applied + clock, times.ready + clock)
        for part, length in told.items():
            record.add(Figure("parts", name, case, part, length))
        for wanted in (5, 3) if scales else ():
            eventually(lambda: len(made.pods()) in {3, 5}, PATIENCE_SECONDS, "pods are whole")
            case = f"{8 - wanted} to {wanted}"
            record.add(Figure("scale", name, case, "asked to ready", scaled(made, wanted)))


def whole(file: Path) -> list[Figure]:
    """What was measured of each birth as a whole; its parts stand in the same file."""
    return [each for each in read(file) if each.bench != "parts"]


def main() -> None:
    """Measure every round, then print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="CSV file that the figures are appended to")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--members", type=int, nargs="+", default=[1, 3, 5, 7])
    given = parser.parse_args()
    record = Record(given.file)
    for _ in range(given.rounds):
        todo = [(name, members) for name in BIRTHS for members in given.members]
        for name, members in random.sample(todo, len(todo)):
            birth(record, name, members)
    print(f"\n{table(whole(given.file), floor=BEST)}")


if __name__ == "__main__":
    main()
