from dataclasses import dataclass
from .places import Places
@dataclass
class KindBackend:
    places: Places
