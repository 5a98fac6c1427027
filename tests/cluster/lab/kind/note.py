"""What is remembered of a kind cluster: which engine holds it, and whether it was ever finished."""

import json
from dataclasses import asdict, dataclass

from cluster.lab.console import LabError
from cluster.lab.places import Places

from .engine import OWN

_FILE = "kind.json"


@dataclass(frozen=True, slots=True)
class Note:
    """Written before anything is made, and once more when all of it is."""

    engine: str
    nodes: int
    is_complete: bool

    @classmethod
    def of(cls, places: Places) -> "Note | None":
        """Read it; None if nothing was ever made."""
        file = places.state / _FILE
        return cls(**json.loads(file.read_text())) if file.exists() else None

    @property
    def is_own(self) -> bool:
        return self.engine == OWN

    def write(self, places: Places) -> None:
        """Put it in the cluster's folder, whole or not at all."""
        unfinished = places.state / f"{_FILE}.new"
        unfinished.write_text(json.dumps(asdict(self)))
        unfinished.rename(places.state / _FILE)

    def refuse_other(self, nodes: int | None) -> None:
        """Refuse another number of nodes than there are."""
        if nodes not in {None, self.nodes}:
            raise LabError(f"a cluster of {self.nodes} nodes is up: take it down first")
