"""What a scrape costs: the time for a page, by the number of sets that it tells of.

PYTHONPATH=operator:tests .venv/bin/python -m bench.scrape 1 100 1000
"""

import gzip
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from mongors.metrics.figures import Figures
from mongors.metrics.snapshot import SetView, Snapshot, samples
from mongors.metrics.text import page_of
from mongors.planning.plan import Plan
from mongors.planning.report import report
from unit.builders import running, wanted

MEMBERS = 3
ROUNDS = 5


def resource(number: int) -> dict[str, Any]:
    """A set at rest, with the status that the operator writes for one."""
    desired = wanted(MEMBERS)
    status = report(desired, running(desired), Plan(), ()).to_wire()
    metadata = {"namespace": f"team-{number % 50}", "name": f"mongo-{number}"}
    return {"metadata": metadata, "spec": {"members": MEMBERS}, "status": status}


def snapshot(sets: int) -> Snapshot:
    """So many sets, each with exact lags."""
    figures = Figures(lags=dict.fromkeys(range(MEMBERS), 0.0))
    return Snapshot(sets=tuple(SetView(resource(number), figures) for number in range(sets)))


def written(taken: Snapshot) -> bytes:
    """The page of a snapshot."""
    return page_of(samples(taken)).encode()


def fastest(work: Callable[[], bytes]) -> tuple[float, bytes]:
    """The least CPU time of some rounds in milliseconds, and what the work gave."""
    times, made = list[float](), b""
    for _ in range(ROUNDS):
        began = time.process_time()
        made = work()
        times.append((time.process_time() - began) * 1000)
    return min(times), made


def main() -> None:
    """Print one line for each number of sets that is given."""
    print("  sets  samples  page, ms  gzip, ms   page, kB  gzipped, kB")
    for sets in map(int, sys.argv[1:] or ("1", "100", "1000")):
        taken = snapshot(sets)
        took, page = fastest(partial(written, taken))
        packing, packed = fastest(partial(gzip.compress, page, 1))
        count = sum(not line.startswith(b"#") for line in page.splitlines())
        sizes = f"{len(page) / 1000:9.0f} {len(packed) / 1000:12.0f}"
        print(f"{sets:6} {count:8} {took:9.1f} {packing:9.1f} {sizes}")


if __name__ == "__main__":
    main()
