"""An operator that tells when it has looked at every set once.

    python -m bench.scale.counted 1000 FILE

When the first passes of so many sets have ended, FILE holds the seconds from the start of the
process to the end of the last of them.
"""

import os
import sys
import time
from pathlib import Path

from mongors.__main__ import main
from mongors.next import Next
from mongors.reconciler import Reconciler
from mongors.store import SetRef


def age() -> float:
    """The seconds since this process was started, imports and all."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def count_first_passes(sets: int, told: Path) -> None:
    """Stand between the queue and the reconciler."""
    waiting, seen = True, set[SetRef]()
    reconcile = Reconciler.reconcile

    def count(ref: SetRef) -> None:
        nonlocal waiting
        seen.add(ref)
        if waiting and len(seen) == sets:
            waiting = False
            told.write_text(str(age()))

    async def counted(self: Reconciler, ref: SetRef, woken: bool) -> Next:
        try:
            return await reconcile(self, ref, woken)
        finally:
            count(ref)

    Reconciler.reconcile = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    count_first_passes(int(sys.argv[1]), Path(sys.argv[2]))
    sys.exit(main([]))
