"""The person who looks after a set: reads what the status says, and does just that."""

import re
from dataclasses import dataclass

from mongors.desired import labels
from property.cluster import Cluster
from property.operator import Operator
from property.told import said

_WAYS_OUT = re.compile(r"annotate the set with (mongors\.io/[a-z-]+)=([^\s;]+)")


@dataclass
class Person:
    """Knows nothing but the messages."""

    cluster: Cluster

    def follow(self, operator: Operator) -> bool:
        """Do what is told as the way out; whether there is one."""
        found = _WAYS_OUT.search(said(operator.look()))
        if found is None:
            return False
        if found[1] == labels.BEGIN_ANEW:
            self.cluster.clear_unused_claims()
        self.cluster.annotate(found[1], found[2])
        return True

    def tidy(self) -> None:
        """Take every request back that could stand in the way of rest."""
        for key in (labels.RECOVER, labels.BEGIN_ANEW, labels.RESYNC):
            self.cluster.annotate(key, None)

    def see_to(self, operator: Operator, looks: int = 6) -> None:
        """Help where nothing but a person helps: the majority, or all, of the data are gone."""
        for _ in range(looks):
            operator.work(20)
            if self.cluster.mongods.primary is not None or not self.follow(operator):
                break
        operator.work(20)
        self.tidy()
