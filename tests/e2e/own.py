"""Operators of our own: run from the source, beside the cluster, for one namespace each."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = ("mongors",)


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of an operator from the source, with no settings but these."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("MONGORS_")},
        "PYTHONPATH": os.pathsep.join((str(ROOT / "operator"), str(ROOT / "tests"))),
        "MONGORS_HEALTH_PORT": "0",
        **variables,
    }


@contextmanager
def own_operator(
    namespaces: str,
    *,
    log: int | IO[bytes] = subprocess.DEVNULL,
    module: Sequence[str] = OPERATOR,
    **variables: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run an operator, or a module that runs one, until this is left or it ends by itself."""
    usual = {
        "MONGORS_NAMESPACES": namespaces,
        "MONGORS_LEASE_NAMESPACE": namespaces,
        # Of its own, so that nobody waits for the Lease of one that was killed.
        "MONGORS_LEASE_NAME": f"mongors-{uuid4().hex[:8]}",
    }
    environment = environment_of(usual | variables)
    process = subprocess.Popen([sys.executable, "-P", "-m", *module], env=environment, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
