"""An operator of another release, as far as a cluster can tell: it wants other pods.

python -m faults.older
"""

import sys

from mongors.__main__ import main
from mongors.api.spec import MongoReplicaSetSpec
from mongors.desired import template
from mongors.desired.manifest import Manifest
from mongors.desired.names import Names

_todays = template._bare_template


def _older(names: Names, spec: MongoReplicaSetSpec, restart: str | None) -> Manifest:
    """Pods that are told of all Services: the template has another digest then."""
    made = _todays(names, spec, restart)
    return {**made, "spec": {**made["spec"], "enableServiceLinks": True}}


if __name__ == "__main__":
    template._bare_template = _older
    sys.exit(main([]))
