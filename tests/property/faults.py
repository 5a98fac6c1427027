"""What goes wrong: servers, pods, volumes, nodes and the network."""

from typing import ClassVar

from property.cluster import Cluster
from property.looking import pod_seen
from unit.builders import host


class Faults:
    """Faults that strike one member, by name."""

    KINDS: ClassVar[tuple[str, ...]] = (
        "mongod_ends",
        "mongod_stays_down",
        "pod_drained",
        "volume_lost",
        "volume_emptied",
        "silent_to_operator",
        "isolated",
        "unschedulable",
        "behind",
        "cordoned",
        "node_lost",
    )

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.lost_data = False

    def strike(self, kind: str, ordinal: int) -> None:
        """Let it happen, if there is such a member."""
        if ordinal in self._cluster.pods and ordinal not in self._cluster.lost:
            getattr(self, f"_{kind}")(ordinal)

    def part(self, one: int, other: int, *, both_ways: bool) -> None:
        """Let one member not reach the other, or neither the other."""
        cut = self._cluster.mongods.cut
        cut.add((host(one), host(other)))
        if both_ways:
            cut.add((host(other), host(one)))

    def _mongod_ends(self, ordinal: int) -> None:
        self._cluster.mongod(ordinal).stop()

    def _mongod_stays_down(self, ordinal: int) -> None:
        self._cluster.mongod(ordinal).stop()
        self._cluster.crashed.add(ordinal)

    def _pod_drained(self, ordinal: int) -> None:
        self._cluster.delete_pod(ordinal)

    def _volume_lost(self, ordinal: int) -> None:
        """Not between the birth and its record: a set with no trace left is new."""
        if self._cluster.is_recorded:
            self._cluster.lose_volume(ordinal)
            self.lost_data = True

    def _volume_emptied(self, ordinal: int) -> None:
        if self._cluster.is_recorded:
            self._cluster.empty_volume(ordinal)
            self.lost_data = True

    def _silent_to_operator(self, ordinal: int) -> None:
        self._cluster.silent.add(ordinal)

    def _isolated(self, ordinal: int) -> None:
        self._cluster.isolate(ordinal)

    def _unschedulable(self, ordinal: int) -> None:
        self._cluster.unschedulable.add(ordinal)

    def _behind(self, ordinal: int) -> None:
        self._cluster.mongod(ordinal).slow = True

    def _cordoned(self, ordinal: int) -> None:
        node = self._cluster.pods[ordinal].node
        if node is not None:
            self._cluster.cordoned.add(node)

    def _node_lost(self, ordinal: int) -> None:
        """Its kubelet reports no more; its mongod may run on, cut off from everybody."""
        pod = self._cluster.pods[ordinal]
        self._cluster.lost[ordinal] = pod_seen(self._cluster, pod)
        self._cluster.isolate(ordinal)
