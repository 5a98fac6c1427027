"""The gap between acknowledged majority writes when the primary changes, side by side.

Beside the operator's set stands a hand-made one on the same nodes with the same mongod. In random
order, both hand over, restart, lose their primary and are drained, with writers at work:

- hand over: a bare `replSetStepDown` (what mongod itself costs) and the operator's switchover;
- restart: a bare `replSetStepDown` without any restart, as the floor; a StatefulSet's own
  RollingUpdate, the best script we know, and the operator;
- kill: SIGKILL of the primary's mongod;
- drain: `kubectl drain` of the primary's node.

Run it beside a cluster with the operator installed:
`tests/cluster/cluster exec -- env PYTHONPATH=tests .venv/bin/python -m bench.gaps FILE.csv`
"""

import argparse
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from pymongo.errors import PyMongoError

from bench.contestants import Set, kubectl
from bench.plain import Plain
from bench.record import Figure, Record, read, table
from e2e.faults import use_tool
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

PATIENCE_SECONDS = 180
MEMBERS = 3
SETTLED_WRITES = 50
PAUSE_SECONDS = 0.005
"""Between two writes of one writer: the shortest gap that is told from none."""


@dataclass(frozen=True, slots=True)
class Contest:
    """What both kinds of set go through, and how each does it."""

    name: str
    plain: dict[str, Callable[[Plain], None]]
    ours: Callable[[ReplicaSet], None]


def settle(contestant: Set) -> None:
    """Wait until the set is whole, with another primary or the same."""
    if isinstance(contestant, Plain):
        contestant.await_formed()
    else:
        contestant.await_ready(PATIENCE_SECONDS)


def bare(contestant: Plain) -> None:
    """What mongod itself costs: a step-down that is not forced."""
    before = contestant.primary_ordinal()
    with contestant.member(before) as member, suppress(PyMongoError):
        member.admin.command({"replSetStepDown": 20, "secondaryCatchUpPeriodSecs": 10})
    eventually(
        lambda: contestant.primary_ordinal() != before, PATIENCE_SECONDS, "another is primary"
    )


def switchover(ours: ReplicaSet) -> None:
    """The operator hands over to a named member."""
    before = ours.primary_ordinal()
    target = random.choice(sorted(set(range(MEMBERS)) - {before}))
    annotate(ours, f"primary=mongo-{target}@{uuid4().hex[:6]}")
    eventually(lambda: ours.primary_ordinal() == target, PATIENCE_SECONDS, "it is primary")


def restart(ours: ReplicaSet) -> None:
    """The operator restarts all members, the primary last."""
    before = {pod["metadata"]["uid"] for pod in ours.pods()}
    annotate(ours, f"restart={uuid4().hex[:6]}")
    eventually(
        lambda: not before & {pod["metadata"]["uid"] for pod in ours.pods()},
        PATIENCE_SECONDS, "all pods are new", ours.explain,
    )  # fmt: skip


def kill(contestant: Set) -> None:
    """End the primary's mongod without a word."""
    primary = contestant.primary_ordinal()
    use_tool("kill", f"{contestant.namespace}/{contestant.name}-{primary}", "SIGKILL")


def drain(contestant: Set) -> None:
    """Empty the primary's node, as for maintenance, and give it back."""
    pod = f"{contestant.name}-{contestant.primary_ordinal()}"
    found = kubectl(
        "-n", contestant.namespace, "get", "pod", pod, "-o", "jsonpath={.spec.nodeName}"
    )
    flags = ("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s")
    done = kubectl("drain", found.stdout, *flags, f"--pod-selector={selector(contestant)}")
    kubectl("uncordon", found.stdout)
    assert done.returncode == 0, done.stderr


def selector(contestant: Set) -> str:
    """Which pods are the contestant's: the other one stays where it is."""
    label = "app" if isinstance(contestant, Plain) else "app.kubernetes.io/instance"
    return f"{label}={contestant.name}"


def annotate(ours: ReplicaSet, annotation: str) -> None:
    """Ask the operator for something."""
    ours.run("annotate", f"mrs/{ours.name}", "--overwrite", f"mongors.io/{annotation}")


CONTESTS = (
    Contest("hand over", {"bare step-down": bare}, switchover),
    Contest(
        "restart",
        {"bare step-down": bare, "RollingUpdate": Plain.rollout, "script": Plain.careful_rollout},
        restart,
    ),
    Contest("kill", {"hand-made set": kill}, kill),
    Contest("drain", {"hand-made set": drain}, drain),
)


def measure(
    contestant: Set, change: Callable[[], None], *, writers: int, retry: bool
) -> tuple[list[float], list[str]]:
    """The longest gap and the length of one change in seconds, how many writes failed, and how."""
    settle(contestant)
    thaw(contestant)
    writing = Writer(contestant, PAUSE_SECONDS, threads=writers, retry_writes=retry)  # type: ignore[arg-type]
    with writing as writer:
        writer.await_more(SETTLED_WRITES)
        began = time.monotonic()
        change()
        settle(contestant)
        length = time.monotonic() - began
        writer.await_more(SETTLED_WRITES, 60)
    return [writer.longest_gap, length, len(writer.errors)], writer.errors


def thaw(contestant: Set) -> None:
    """Let every member stand for election, whatever the round before did: all begin alike."""
    primary = contestant.primary_ordinal()
    for ordinal in set(range(MEMBERS)) - {primary}:
        with contestant.member(ordinal) as member:
            member.admin.command({"replSetFreeze": 0})
    time.sleep(2)  # one heartbeat: everybody knows everybody


@dataclass(frozen=True, slots=True)
class Round:
    """One change of one contestant under one kind of load."""

    contest: str
    contestant: str
    its_set: Set
    change: Callable[[], None]
    writers: int
    retry: bool

    def run(self, record: Record) -> None:
        """Measure, and note what was measured."""
        figures, errors = measure(self.its_set, self.change, writers=self.writers, retry=self.retry)
        case = f"{self.writers} writers, {'retries' if self.retry else 'no retries'}"
        metrics = (("longest gap", "s"), ("length", "s"), ("failed writes", ""))
        for (metric, unit), value in zip(metrics, figures, strict=True):
            record.add(Figure(self.contest, self.contestant, case, metric, value, unit))
        for each in errors:
            print(f"{self.contest}, {self.contestant}, {case}: {each[:500]}", flush=True)


def all_rounds(plain: Plain, ours: ReplicaSet, names: list[str]) -> list[Round]:
    """Every contest, every contestant, every kind of load, in random order."""
    todo = []
    for contest in CONTESTS:
        for writers, retry in ((1, True), (8, True), (1, False)):
            for name, change in contest.plain.items():
                done = partial(change, plain)
                todo.append(Round(contest.name, name, plain, done, writers, retry))
            done = partial(contest.ours, ours)
            todo.append(Round(contest.name, "mongors", ours, done, writers, retry))
    wanted = [each for each in todo if each.contest in names]
    return random.sample(wanted, len(wanted))


def main() -> None:
    """Measure every round, then print a table for each contest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="CSV file that the figures are appended to")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[each.name for each in CONTESTS])
    given = parser.parse_args()
    namespace = f"bench-{uuid4().hex[:8]}"
    kubectl("create", "namespace", namespace)
    plain, ours = Plain(kubectl, namespace, MEMBERS), ReplicaSet(kubectl, namespace)
    try:
        plain.apply()
        ours.apply(members=MEMBERS)
        plain.initiate(stand=True)
        for _ in range(given.rounds):
            for each in all_rounds(plain, ours, given.only):
                each.run(Record(given.file))
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")
    figures = read(given.file)
    for contest in CONTESTS:
        mine = [each for each in figures if each.bench == contest.name]
        print(f"\n## {contest.name}\n\n{table(mine, floor=next(iter(contest.plain)))}")


if __name__ == "__main__":
    main()
