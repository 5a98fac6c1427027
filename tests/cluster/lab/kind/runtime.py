#!/usr/bin/python3
"""runc for an engine that lacks CAP_SYS_RESOURCE: that one capability is asked for no more.

`docker run --privileged` hands a container every capability there is, and runc fails for the one
that nobody here has. The engine calls this instead; it only changes what it was going to ask for.
"""

import json
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

_RUNC = "runc"
_LACKING = "CAP_SYS_RESOURCE"


def without(process: dict[str, Any]) -> dict[str, Any]:
    """A process of the runtime specification that does not ask for it."""
    asked = process.get("capabilities") or {}
    fewer = {kind: [each for each in names if each != _LACKING] for kind, names in asked.items()}
    return {**process, "capabilities": fewer}


def prepare(words: Sequence[str]) -> None:
    """Change the files that a call of runc names: a bundle's, or a further process's."""
    for option, value in pairwise(words):
        if option == "--bundle":
            file = Path(value) / "config.json"
            bundle = json.loads(file.read_text())
            file.write_text(json.dumps({**bundle, "process": without(bundle["process"])}))
        elif option == "--process":
            file = Path(value)
            file.write_text(json.dumps(without(json.loads(file.read_text()))))


if __name__ == "__main__":
    prepare(sys.argv)
    os.execvp(_RUNC, [_RUNC, *sys.argv[1:]])
