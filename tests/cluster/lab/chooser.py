"""Which backend a cluster has: chosen at `up`, remembered until `down`."""

from pathlib import Path

from .backend import Backend
from .console import LabError
from .existing import ExistingBackend
from .kind.backend import KindBackend
from .local.backend import LocalBackend
from .local.simulated import SimulatedBackend
from .places import Places

BACKENDS = ("local", "kind", "existing", "simulated")
DEFAULT = "local"


def choose(asked: str | None, places: Places) -> Backend:
    """Return the backend asked for, unless another one holds a cluster of this name."""
    before = _recall(places)
    name = asked or before or DEFAULT
    if before not in {None, name}:
        raise LabError(f"cluster {places.cluster} is up on backend {before}: take it down first")
    note = _note(places)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(name)
    return _backend(name, places)


def current(places: Places) -> Backend:
    """Return the backend that holds the cluster of this name."""
    return _backend(_recall(places) or DEFAULT, places)


def forget(places: Places) -> None:
    """Drop the choice: the next `up` is free again."""
    _note(places).unlink(missing_ok=True)


def _backend(name: str, places: Places) -> Backend:
    match name:
        case "kind":
            return KindBackend(places)
        case "existing":
            return ExistingBackend(places)
        case "simulated":
            return SimulatedBackend(places)
        case _:
            return LocalBackend(places)


def _recall(places: Places) -> str | None:
    note = _note(places)
    return note.read_text() if note.exists() else None


def _note(places: Places) -> Path:
    return places.cache / "clusters" / places.cluster
