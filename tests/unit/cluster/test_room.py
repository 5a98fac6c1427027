"""What is said of a machine that cannot bear a cluster."""

from dataclasses import replace
from pathlib import Path

import pytest

from cluster.lab.console import LabError
from cluster.lab.local.room import GIB, Machine, available_memory, refuse_small
from cluster.lab.places import Places

PLACES = Places.from_environment({"HOME": "/home/me", "MONGORS_STATE": "/state"})
FINE = Machine(8 * GIB, 20 * GIB, 20 * GIB, "6.1.0-18-amd64", is_built=False)


def test_nothing_is_said_of_one_that_can() -> None:
    refuse_small(FINE, PLACES)
    refuse_small(replace(FINE, for_build=0, is_built=True), PLACES)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(FINE, memory=GIB), "1.0 GiB of memory are free and 3.0 GiB are needed"),
        (replace(FINE, for_cluster=GIB), "or set MONGORS_STATE to another place"),
        (replace(FINE, for_build=GIB), "or set MONGORS_CACHE to another place"),
        (replace(FINE, kernel="4.18.0-553.el8"), "Linux 4.18.0-553.el8 is too old"),
    ],
)
def test_what_is_too_small_is_named_with_what_to_do(found: Machine, said: str) -> None:
    with pytest.raises(LabError, match=said):
        refuse_small(found, PLACES)


def test_all_is_said_at_once() -> None:
    with pytest.raises(LabError, match=r"memory.*; .*MONGORS_STATE.*; .*MONGORS_CACHE"):
        refuse_small(replace(FINE, memory=0, for_cluster=0, for_build=0), PLACES)


def test_memory_is_read_as_the_kernel_writes_it() -> None:
    text = Path("/proc/meminfo").read_text()
    assert 0 < available_memory(text) < 1 << 45
    assert available_memory("MemTotal: 9 kB\nMemAvailable:    2 kB\n") == 2048
