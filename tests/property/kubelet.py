"""One pod in plain Python: its containers, and the start gate in front of its mongod."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mongors.desired import labels
from mongors.observed.words import parameters_in
from property.servers import Mongod

BROKEN_IMAGE, BROKEN_CONFIGURATION = "no-such-image", "no-such-option"
"""The pods whose label `color` says so never serve."""


@dataclass
class SimPod:
    """A pod and what its containers do."""

    ordinal: int
    uid: str
    created: datetime
    template: Mapping[str, Any] = field(default_factory=dict)
    """The metadata of the template that it was made from."""
    node: str | None = None
    permitted: bool = False
    held_since: datetime | None = None
    passed: bool = False
    """Whether its init container has ended."""
    may_start_once: bool = False
    """The file that the gate leaves in the pod for one start over an empty directory."""
    found_no_data: bool = False
    named: bool = False
    ever_ran: bool = False
    running_since: datetime | None = None
    role: str = labels.Role.OTHER.value
    in_service: bool | None = None
    deleting: bool = False

    @property
    def name(self) -> str:
        return f"mongo-{self.ordinal}"

    @property
    def annotations(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.template.get("annotations", {})
        return found

    @property
    def digest(self) -> str | None:
        return self.annotations.get(labels.TEMPLATE)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return parameters_in(self.annotations)

    def note(self, configuration: str) -> None:
        """Have its mongod start with another configuration next."""
        noted = {**self.annotations, labels.CONFIGURATION: configuration}
        self.template = {**self.template, "annotations": noted}

    @property
    def flaw(self) -> str | None:
        """Why a pod of this template never serves."""
        color = self.template.get("labels", {}).get("color")
        return color if color in (BROKEN_IMAGE, BROKEN_CONFIGURATION) else None

    @property
    def is_held(self) -> bool:
        return self.held_since is not None

    def come_to_gate(self, mongod: Mongod, *, is_named: bool, now: datetime) -> bool:
        """Go through the script of the init container; whether data are to be discarded now."""
        if self.held_since is None:
            self.held_since = now  # it takes a moment at least
            return False
        if mongod.has_files and not is_named:
            self._pass()
        elif self.permitted:
            self._pass()
            self.may_start_once = is_named or not mongod.has_files
            return is_named
        return False

    def start_mongod(self, mongod: Mongod, now: datetime) -> None:
        """Go through the script of the container of mongod."""
        if self.flaw is not None:
            self.ever_ran = True
        elif not (mongod.has_files or self.may_start_once):
            self.found_no_data = True
        else:
            self.ever_ran, self.may_start_once = True, False
            self.running_since = now
            mongod.start(self.parameters)

    def _pass(self) -> None:
        self.passed, self.held_since = True, None
