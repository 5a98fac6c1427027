"""Members that lost their data leave the configuration, and come back as new ones."""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.observed.observed import Observed
from mongors.planning.actions import Reconfigure
from mongors.planning.steps.gate import is_held
from mongors.planning.waits import Wait
from mongors.planning.words import unsettled


def release_empty_members(desired: Desired, observed: Observed) -> Iterator[Reconfigure | Wait]:
    """Take the old `_id` of a member that stands empty at the gate out of the configuration.

    It may not vote for what it no longer has, so under its old `_id` it must not start (rule 34).
    Once it is out, the gate opens, and it joins under a new `_id` that votes when it has synced.
    Without a primary nothing is done: the members that still have the data must elect one first.
    """
    primary, config = observed.primary, observed.leading_config
    if primary is None or config is None:
        return
    for ordinal, pod in sorted(observed.pods.items(), reverse=True):
        host = desired.names.host(ordinal)
        if pod.deleting or not is_held(pod, observed) or config.member(host) is None:
            continue
        if not observed.config_is_settled:
            yield unsettled(config)
            return
        change = f"take {host}, which lost its data, out of the configuration"
        after = config.removing(host)
        yield Reconfigure(primary.ordinal, config.stamp, after, change, "remove")
        return
