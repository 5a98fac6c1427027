"""A process is ended only if it is the very process that was recorded."""

import os
from pathlib import Path

from cluster.lab.local.records import parse_stat, recorded, stat_of

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def record(folder: Path, *, pid: int | None = None, started: int, boot: str = BOOT) -> Path:
    file = folder / "process"
    file.write_text(f"{pid or os.getpid()} {started} {boot}\n")
    return file


def my_start() -> int:
    found = stat_of(os.getpid())
    assert found is not None
    return found.started


def test_a_running_process_is_known_by_id_start_time_and_boot(tmp_path: Path) -> None:
    assert recorded(record(tmp_path, started=my_start())) == os.getpid()


def test_an_id_given_to_another_process_is_not_ours(tmp_path: Path) -> None:
    assert recorded(record(tmp_path, started=my_start() - 1)) is None


def test_a_record_of_an_earlier_boot_names_nobody(tmp_path: Path) -> None:
    assert recorded(record(tmp_path, started=my_start(), boot="another")) is None


def test_a_missing_or_torn_record_names_nobody(tmp_path: Path) -> None:
    assert recorded(tmp_path / "none") is None
    (tmp_path / "torn").write_text("12 ")
    assert recorded(tmp_path / "torn") is None


def test_a_stat_line_is_read_past_a_name_with_blanks_and_brackets() -> None:
    fields = " ".join(str(number) for number in range(5, 53))
    stat = parse_stat(f"77 (a (b) c) S 4 {fields}\n")
    assert (stat.state, stat.parent, stat.started) == ("S", 4, 22)
