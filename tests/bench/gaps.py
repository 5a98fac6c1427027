"""The gap between acknowledged majority writes when the primary changes, side by side.

Beside the operator's set stands a hand-made one on the same nodes with the same mongod. In random
order, both hand over, restart, lose their primary and are drained, with writers at work:

- hand over: a bare `replSetStepDown` (what mongod itself costs) and the operator's switchover;
- restart: a bare `replSetStepDown` without any restart, as the floor; a StatefulSet's own
  RollingUpdate, the best script we know, and the operator;
- kill: SIGKILL of the primary's mongod;
- drain: `kubectl drain` of the primary's node.

After each change every member is asked for every acknowledged write.

Run it beside a cluster with the operator installed:
`tests/cluster/cluster exec -- env PYTHONPATH=tests .venv/bin/python -m bench.gaps FILE.csv`
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from pymongo import MongoClient

from bench.changes import CONTESTS, MEMBERS, PATIENCE_SECONDS
from bench.contestants import Set, kubectl, mongod_of, uids
from bench.plain import Plain
from bench.record import Figure, Record, read, table
from e2e.sets import Raw, ReplicaSet
from e2e.writer import Writer

SETTLED_WRITES = 50
PAUSE_SECONDS = 0.005
"""Between two writes of one writer: the shortest gap that is told from none."""
LOADS = ((1, True), (8, True), (1, False), (8, False))
"""How many writers there are, and whether their driver repeats a write that failed."""


def settle(contestant: Set) -> None:
    """Wait until the set is whole, with another primary or the same."""
    if isinstance(contestant, Plain):
        contestant.await_formed()
    else:
        contestant.await_ready(PATIENCE_SECONDS)


def measure(contestant: Set, change: Callable[[], None], writing: Writer) -> dict[str, float]:
    """What one change cost under the load of a writer; each metric is of `METRICS`."""
    pods, term = uids(contestant), term_of(contestant)
    with writing as writer:
        writer.await_more(SETTLED_WRITES)
        began = time.monotonic()
        change()
        settle(contestant)
        length = time.monotonic() - began
        writer.await_more(SETTLED_WRITES, 60)
    writer.check_every_member()
    found = {
        "longest gap": writer.longest_gap,
        "length": length,
        "failed writes": len(writer.errors) + len(writer.unrepeated),
        "elections": term_of(contestant) - term,
    }
    if new := [each for each in contestant.pods() if each["metadata"]["uid"] not in pods]:
        starts = sum(map(start_of, new))
        found["pod starts"], found["length beyond, per pod"] = starts, (length - starts) / len(new)
    return found


METRICS = {
    "longest gap": "s",
    "length": "s",
    "failed writes": "",
    "elections": "",
    "pod starts": "s",
    "length beyond, per pod": "s",
}


def term_of(contestant: Set) -> int:
    """The primary's term, which every election raises."""
    with contestant.member(contestant.primary_ordinal()) as member:
        return int(member.admin.command("replSetGetStatus")["term"])


def start_of(pod: Raw) -> float:
    """From a pod being made until kubelet has started its mongod; it tells whole seconds."""
    began = mongod_of(pod)["state"]["running"]["startedAt"]
    made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    return (datetime.fromisoformat(began) - made).total_seconds()


def forget(contestant: Set) -> None:
    """Drop what was written before: the members are asked for all of it after each change."""
    with MongoClient[Raw](contestant.secret("connection")["uri"]) as client:
        client.app.drop_collection("writes")


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
        settle(self.its_set)
        thaw(self.its_set)
        forget(self.its_set)
        writing = Writer(
            self.its_set,  # type: ignore[arg-type]
            PAUSE_SECONDS,
            threads=self.writers,
            retry_writes=self.retry,
        )
        case = f"{self.writers} writers, {'retries' if self.retry else 'no retries'}"
        for metric, value in measure(self.its_set, self.change, writing).items():
            unit = METRICS[metric]
            record.add(Figure(self.contest, self.contestant, case, metric, value, unit))
        for each in writing.errors:
            print(f"{self.contest}, {self.contestant}, {case}: {each[:500]}", flush=True)


def all_rounds(plain: Plain, ours: ReplicaSet, names: list[str]) -> list[Round]:
    """Every contest, every contestant, every kind of load, in random order."""
    todo = []
    for contest in CONTESTS:
        for writers, retry in LOADS:
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
