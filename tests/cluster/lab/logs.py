"""The logs of every part: where they are and how they end."""

from pathlib import Path

from .console import LabError


def show(folder: Path | None, lines: int) -> int:
    """Print the folder, then the last lines of every program's log in it."""
    if folder is None:
        raise LabError("no logs: no cluster of this name has run")
    print(folder)
    for file in program_logs(folder):
        print(f"\n== {file.relative_to(folder)}")
        print("\n".join(last_lines(file, lines)))
    return 0


def program_logs(folder: Path) -> list[Path]:
    """List the logs of programs; pods' logs lie deeper and are left to kubectl."""
    found = [*folder.glob("*/var/log/*.log"), *folder.glob("*/*.log")]
    return sorted(file for file in found if file.stat().st_size and file.name != "audit.log")


def last_lines(file: Path, count: int, window: int = 1 << 16) -> list[str]:
    """Read the end of a file without reading the rest."""
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - window))
        return source.read().decode(errors="replace").splitlines()[-count:]
