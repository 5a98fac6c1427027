"""Where a person wants to look: cluster, login and namespace, as given on the command line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The options that name a cluster and a namespace; None for what the kubeconfig says."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    direct: bool = False
    """Whether members are asked at the addresses of their pods."""

    def over(self, outer: "Place") -> "Place":
        """These options, and those of the program where none are given."""
        return Place(
            self.namespace or outer.namespace,
            self.context or outer.context,
            self.kubeconfig or outer.kubeconfig,
            self.direct or outer.direct,
        )
