"""Which tests may run beside each other: all but those of a module that share something."""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

_SIGNS = ('scope="module"', "replica_set_of_module")


@cache
def shares(module: Path) -> bool:
    """Whether tests of a module share a set: they depend on each other's order."""
    text = module.read_text(encoding="utf-8")
    return any(sign in text for sign in _SIGNS)


class BySharedSet(LoadScopeScheduling):  # type: ignore[misc]  # no types
    """Keeps such modules in one piece, the longest first; all other tests go where there is room.

    `--dist loadgroup` would do, but that of pytest-xdist 3.8 has no effect with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if shares(Path(self.config.rootpath, module)) else nodeid
