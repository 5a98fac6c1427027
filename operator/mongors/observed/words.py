"""What texts of a pod say: its mongod's last error, and the configuration it started with."""

import json
from collections.abc import Mapping
from typing import Any

from mongors.desired import labels
from mongors.desired.configuration import set_parameters

_LONGEST = 300
"""Characters of a log line that are shown."""

_SERIOUS = ("F", "E")
"""mongod's severities of what may end it."""

_TRACE = ("Frame", "BACKTRACE")
"""What mongod writes after its last words when it aborts: addresses, which help nobody here."""

OUT_OF_MEMORY = "OOMKilled"


def last_words(terminated: Mapping[str, Any]) -> str:
    """Why a container ended: mongod's last serious line, or else its last line, or its code."""
    if terminated.get("reason") == OUT_OF_MEMORY:  # the kernel says nothing in mongod's log
        return "it ran out of memory (OOMKilled): raise its limit, resources.limits.memory"
    code = terminated.get("exitCode")
    lines = [line for line in str(terminated.get("message") or "").splitlines() if line.strip()]
    told = [(text, is_serious) for text, is_serious in map(_spoken, lines) if text not in _TRACE]
    serious = [text for text, is_serious in told if is_serious]
    said = serious[0] if serious else (told[-1][0] if told else terminated.get("reason") or "")
    return f"exit code {code}" + (f": {said[:_LONGEST]}" if said else "")


def parameters_in(annotations: Mapping[str, str]) -> Mapping[str, Any]:
    """The server parameters in the configuration that a pod carries."""
    try:
        tree = json.loads(annotations.get(labels.CONFIGURATION) or "{}")
    except ValueError:
        return {}
    return set_parameters(tree) if isinstance(tree, dict) else {}


def _spoken(line: str) -> tuple[str, bool]:
    """A line of mongod's log as a sentence, and whether it is about something serious."""
    try:
        entry = json.loads(line)
        error = entry.get("attr", {}).get("error")
    except (ValueError, AttributeError):
        return line, "rror" in line and "0x" not in line  # what is said before logging begins
    if isinstance(error, dict):
        error = error.get("errmsg")
    said = f"{entry.get('msg')}: {error}" if error else str(entry.get("msg"))
    return said, entry.get("s") in _SERIOUS
