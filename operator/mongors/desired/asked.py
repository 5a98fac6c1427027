"""What people ask for once, by annotations of the resource: acts, not states."""

from collections.abc import Mapping
from dataclasses import dataclass

from mongors.desired import labels


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests that stand on the resource now, in the words of the person."""

    restart: str | None = None
    """Any text; a new one restarts all members, one by one."""
    primary: str | None = None
    """The pod that shall become primary."""
    recover: str | None = None
    """Confirms the recovery from a lost majority (see `planning.steps.confirming`)."""
    begin_anew: str | None = None
    """The replicaSetId of the data that are given up."""
    resync: str | None = None
    """The pod and the member `_id` whose data are to be copied anew."""
    approved: str | None = None
    """The disruptive plan that may run (see `planning.approval`)."""

    @classmethod
    def of(cls, annotations: Mapping[str, str]) -> "Asked":
        """Read the requests; empty text asks for nothing."""
        return cls(
            restart=annotations.get(labels.RESTART) or None,
            primary=annotations.get(labels.SWITCH_TO) or None,
            recover=annotations.get(labels.RECOVER) or None,
            begin_anew=annotations.get(labels.BEGIN_ANEW) or None,
            resync=annotations.get(labels.RESYNC) or None,
            approved=annotations.get(labels.APPROVED) or None,
        )
