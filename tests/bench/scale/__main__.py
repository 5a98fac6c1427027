"""One operator and a growing number of sets: what it costs, and how quick it is (R1 to R6).

The API server and its controllers are real; kwok says what kubelets would say, and stubs speak
like mongods (`tests/e2e/test_stub_mongod.py` holds them and real ones to the same tests).

    tests/bench/scale/run FILE.csv --sets 1 10 100 300 1000
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kubernetes import client

from bench.record import Figure, Record
from bench.scale import disturbances, steps
from bench.scale.asked import Audit
from bench.scale.crowd import Crowd
from bench.scale.mongods import Mongods
from bench.scale.process import Operator
from bench.scale.steps import Stage, Values
from e2e.own import ROOT
from faults.proxy import Proxy
from mongors.active import WHOLE_LOOKS_PER_SECOND

PER_SECOND = 20.0
UNASKED = {"MONGORS_REST_SECONDS": "3600"}
"""With this, members are not asked while nothing happens: what is left is the Kubernetes side."""
STEPS = ("unasked", "idle", "change", "disturb", "refuse")
AT_THE_END = ("disturb", "refuse")
"""Taken with the most sets alone."""
SETTLE_SECONDS = 15.0
AWAY_SECONDS = 5.0
"""After 10 s the Lease is lost and the operator ends itself: what follows then is a start."""


def settling(sets: int) -> float:
    """Seconds until a started operator rests: it goes over everything of every set once."""
    return SETTLE_SECONDS + sets / WHOLE_LOOKS_PER_SECOND


class Run:
    """One run: the stage, and where its figures and the operator's log go."""

    def __init__(self, stage: Stage, record: Record, folder: Path, log: IO[bytes]) -> None:
        self._stage = stage
        self._record = record
        self._folder = folder
        self._log = log

    def at(self, count: int, seconds: float, wanted: Sequence[str]) -> None:
        """Grow to so many sets, and take these steps there."""
        case = f"{count:4} sets"
        with self._operator(count) as operator:
            self._note(case, steps.growth(self._stage, operator, count, PER_SECOND))
        for name, step in self._steps().items():
            if name in wanted:
                step(case, count, seconds)

    def _steps(self) -> dict[str, Callable[[str, int, float], None]]:
        """By the names that `--steps` takes."""
        taken = (self._unasked, self._idle, self._changed, self._disturbed, self._refused)
        return dict(zip(STEPS, taken, strict=True))

    @contextmanager
    def _at_rest(self, count: int, **variables: str) -> Iterator[tuple[Operator, Values]]:
        """An operator that has gone over everything, and how it started."""
        with self._operator(count, **variables) as operator:
            started = steps.first_passes(operator)
            steps.rest(self._stage, operator, settling(count), "settling")
            yield operator, started

    def _unasked(self, case: str, count: int, seconds: float) -> None:
        with self._at_rest(count, **UNASKED) as (operator, _):
            self._note(case, steps.rest(self._stage, operator, seconds, "idle, unasked"))

    def _idle(self, case: str, count: int, seconds: float) -> None:
        with self._at_rest(count) as (operator, started):
            self._note(case, started)
            self._note(case, steps.rest(self._stage, operator, 2 * seconds, "idle"))

    def _changed(self, case: str, count: int, seconds: float) -> None:
        with self._at_rest(count) as (operator, _):
            names = self._stage.crowd.names
            self._note(case, steps.changes(self._stage, names, int(seconds), "change"))
            self._note(case, steps.burst(self._stage, operator))

    def _disturbed(self, case: str, count: int, seconds: float) -> None:
        core: Any = client.CoreV1Api()
        with self._at_rest(count) as (operator, _):
            self._note(case, disturbances.flapping(operator, core, seconds))
            self._note(case, disturbances.hanging(self._stage, int(seconds)))
            self._note(case, disturbances.api_server_away(self._stage, AWAY_SECONDS))

    def _refused(self, case: str, count: int, seconds: float) -> None:
        most = int(seconds)
        with Proxy() as proxy:
            way = {"KUBECONFIG": str(proxy.kubeconfig(self._folder))}
            with self._operator(count, **way) as operator:
                steps.first_passes(operator)
                self._note(case, disturbances.refusals(self._stage, proxy, most))

    def _operator(self, count: int, **variables: str) -> Operator:
        return Operator(self._folder, count, self._log, **variables)

    def _note(self, case: str, values: Values) -> None:
        for metric, (value, unit) in values.items():
            self._record.add(Figure("scale", "mongors", case, metric, value, unit))


@contextmanager
def a_stage(cluster: list[str]) -> Iterator[Stage]:
    """The installation's definitions and rights, no installed operator, and no set yet."""
    manifests = (ROOT / "deploy/manifests/mongors.yaml").read_text().split("\n---\n")
    applied = "\n---\n".join(each for each in manifests if "\nkind: Deployment\n" not in each)
    subprocess.run(["kubectl", "apply", "--server-side", "-f", "-"], input=applied.encode(),
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    shown = subprocess.run([*cluster, "status"], check=True, capture_output=True, text=True)
    log = next(
        line.partition(":")[2].strip()
        for line in shown.stdout.splitlines()
        if line.startswith("audit log:")
    )
    with Mongods() as mongods, Crowd() as crowd:
        yield Stage(crowd, mongods, Audit(Path(log)), cluster)


def main() -> None:
    """Take all steps for each number of sets, in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="CSV file that the figures are appended to")
    parser.add_argument("--sets", type=int, nargs="+", default=[1, 10, 100, 300, 1000])
    parser.add_argument("--seconds", type=float, default=60, help="of rest, and of changes")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS, help="beside growth")
    given = parser.parse_args()
    cluster = [sys.executable, str(ROOT / "tests/cluster/cluster")]
    with (
        tempfile.TemporaryDirectory() as folder,
        given.file.with_suffix(".log").open("ab") as log,
        a_stage(cluster) as stage,
    ):
        run = Run(stage, Record(given.file), Path(folder), log)
        for count in sorted(given.sets):
            is_last = count == max(given.sets)
            wanted = [each for each in given.steps if is_last or each not in AT_THE_END]
            run.at(count, given.seconds, wanted)


if __name__ == "__main__":
    main()
