"""The terms of the Lease by which the active operator is elected."""

from dataclasses import dataclass

OF_A_POD = "pod/"
"""So begins the identity of an operator in a pod of the Lease's namespace, before its name."""

_LONGEST_REQUEST = 5.0


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """Where the Lease is, who asks for it, and its times in seconds."""

    namespace: str
    name: str
    identity: str
    """Unique among all that live; whoever comes back with it goes on at once."""
    duration: float = 15.0
    renew_within: float = 10.0
    renew_every: float = 4.0
    retry_every: float = 2.0

    @property
    def patience(self) -> float:
        """How long one request may take, so that there is time for a second one."""
        return min(_LONGEST_REQUEST, (self.renew_within - self.renew_every) / 2)
