from dataclasses import dataclass
from .places import Places
@dataclass
class ExistingBackend:
    places: Places
