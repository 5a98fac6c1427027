"""Lengths of time as people say them. Pure."""

from datetime import datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def told(seconds: float) -> str:
    """A length of time in its two largest units: 4h 12m."""
    left, parts = max(0, int(seconds)), list[str]()
    for size, unit in _UNITS:
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0s"


def age(since: datetime | None, now: datetime) -> str:
    """How old something is, in one unit: 4h."""
    return "-" if since is None else told((now - since).total_seconds()).partition(" ")[0]


def seconds_between(since: datetime | None, now: datetime) -> float | None:
    """The seconds since a moment, or None when it is not known."""
    return None if since is None else (now - since).total_seconds()
