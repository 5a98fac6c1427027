"""A set under random faults and random wishes, with writers, registers and the invariants watching.

    tests/faults/run soak --minutes 30 --seed 7

Each line of the timeline is a trouble, and how long it took until all was well again. The same
seed chooses the same troubles in the same order; what the set makes of them depends on the moment.
"""

import argparse
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bson import ObjectId
from pymongo.errors import PyMongoError
from pymongo.read_preferences import Nearest

from e2e.conftest import a_kubectl, a_namespace
from e2e.faults import Faults
from e2e.history import Watched
from e2e.invariants import claims_stay, majority_serves
from e2e.sets import Kubectl, ReplicaSet, eventually
from e2e.writer import Writer
from faults.blows import BLOWS, Blow
from faults.kept import keep
from faults.registers import Registers

HEAL_SECONDS = 180.0
"""I8: a set has to be Ready again so long after the last of its troubles is over."""
REST_SECONDS = 60.0
"""I8: for so long nothing is written of a set that is at rest."""
WRITERS = 4
MANY = 10_000
"""Ids; of more than that, all that there are are read."""


@dataclass
class Verdict:
    """What a soak found; there is nothing to say of a good one but its figures."""

    seed: int
    troubles: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    acknowledged: int = 0
    operations: int = 0
    kept: Path | None = None
    """Where all that was done and seen was written, if something is wrong."""

    def __str__(self) -> str:
        figures = (
            f"{len(self.troubles)} troubles, {self.acknowledged} acknowledged writes, "
            f"{self.operations} operations on registers"
        )
        if not self.wrong:
            return f"SOUND: {figures}, nothing lost, every register linearizable, no rule broken"
        said = "\n  ".join(self.wrong)
        return (
            f"BROKEN: {figures}\n  {said}\n"
            f"what was done and seen: {self.kept}\nrepeat it with --seed {self.seed}"
        )


class Soak:
    """One run over one set."""

    def __init__(self, replica_set: ReplicaSet, seed: int) -> None:
        self._set = replica_set
        self._chance = random.Random(seed)
        self._began = time.monotonic()
        self._checked = 0
        self.verdict = Verdict(seed)

    def run(self, minutes: float) -> Verdict:
        """Trouble the set for so long, then judge all that was seen."""
        until = time.monotonic() + 60 * minutes
        self._set.apply(members=3)
        self._set.await_ready()
        self.say("a set of three is Ready")
        uri = self._set.secret("connection")["uri"]
        with Faults() as faults:
            registers = Registers(uri, seed=self.verdict.seed)
            writer = Writer(self._set, threads=WRITERS)
            seen = Watched(self._set, without=(majority_serves, claims_stay))
            with writer, registers, seen:
                writer.await_more()
                while time.monotonic() < until and not self.verdict.wrong:
                    self._trouble(faults, writer, seen)
                    self.verdict.wrong += [*registers.violations(), *seen.violations]
        self._judge(writer, registers, seen)
        if self.verdict.wrong:
            self.verdict.kept = keep(Path(tempfile.gettempdir()), writer, registers, seen)
        return self.verdict

    def say(self, text: str) -> None:
        """A line of the timeline."""
        print(f"[{time.monotonic() - self._began:7.1f} s] {text}", flush=True)

    def _trouble(self, faults: Faults, writer: Writer, seen: Watched) -> None:
        blow = self._chance.choices(BLOWS, [each.weight for each in BLOWS])[0]
        writer.longest_gap, began, at = 0.0, time.monotonic(), len(seen.rounds)
        try:
            told = blow.strike(self._set, faults, self._chance)
            self.verdict.troubles.append(told)
            eventually(self._set.is_ready, HEAL_SECONDS, f"Ready after: {told}", self._set.explain)
            writer.await_more(seconds=60)
            self._check(writer)
        except AssertionError as failure:
            self.verdict.wrong.append(f"{_name(blow)}: {failure}")
            return
        broken = (said for keeps in blow.keeps for said in keeps(seen.rounds[at:]))
        self.verdict.wrong += [f"{told}: {said}" for said in dict.fromkeys(broken)]
        length, gap = time.monotonic() - began, writer.longest_gap
        self.say(f"{told}; well after {length:.1f} s, longest gap {gap:.1f} s")

    def _check(self, writer: Writer) -> None:
        """Ask every member for what was acknowledged since the last check.

        The pod of one that has left may still be on its way out when the set is ready.
        """
        fresh = writer.acknowledged[self._checked :]
        for ordinal in range(self._set.get()["spec"]["members"]):
            eventually(
                partial(has_all, self._set, ordinal, fresh),
                HEAL_SECONDS, f"mongo-{ordinal} has what was acknowledged", self._set.explain,
            )  # fmt: skip
        self._checked += len(fresh)

    def _judge(self, writer: Writer, registers: Registers, seen: Watched) -> None:
        self.say("judging")
        verdict = self.verdict
        verdict.acknowledged, verdict.operations = len(writer.acknowledged), registers.operations
        try:
            self._checked = 0
            self._check(writer)
            eventually(
                partial(self._set.unwritten_for, REST_SECONDS),
                HEAL_SECONDS,
                "it comes to rest",
                self._set.explain,
            )
        except AssertionError as failure:
            verdict.wrong.append(str(failure))
        verdict.wrong += [*registers.violations(), *seen.violations]


def has_all(replica_set: ReplicaSet, ordinal: int, wanted: list[ObjectId]) -> bool:
    """Whether a member has all of these; one that is only just coming back has not, so far."""
    chosen = {} if len(wanted) > MANY else {"_id": {"$in": wanted}}
    with suppress(KeyError, AssertionError, PyMongoError), replica_set.member(ordinal) as client:
        writes = client.get_database("app", read_preference=Nearest()).writes
        return not set(wanted) - {each["_id"] for each in writes.find(chosen, {"_id": 1})}
    return False


def _name(blow: Blow) -> str:
    return blow.strike.__name__.replace("_", " ")


def soak(kubectl: Kubectl, minutes: float, seed: int) -> Verdict:
    """Run in a namespace of its own."""
    with a_namespace(kubectl) as name:
        return Soak(ReplicaSet(kubectl, name), seed).run(minutes)


def main() -> int:
    parser = argparse.ArgumentParser(description="Trouble a set at random, and judge it.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.minutes:g} minutes", flush=True)
    verdict = soak(a_kubectl(), asked.minutes, asked.seed)
    print(verdict)
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
