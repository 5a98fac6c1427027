"""The exporter of mongod's own metrics: as many containers as there are members."""

from collections.abc import Iterator

from mongors.desired.desired import Desired
from mongors.desired.secrets import SecretKind, exporter_digest
from mongors.observed.observed import Observed
from mongors.planning.actions import Apply, Remove
from mongors.planning.steps.objects import kept, secret_values
from mongors.planning.waits import Wait


def keep_exporter(desired: Desired, observed: Observed) -> Iterator[Apply | Remove | Wait]:
    """Keep the exporter of those that are members, once it can log in; take an unwanted one away.

    It is told of nobody who has not joined: a name that is asked before DNS has it is absent for
    a while, and the other members need it. While the configuration is unknown it stays as it is.
    """
    name = desired.names.exporter
    if not desired.spec.monitoring.exporter.enabled:
        live = observed.objects.get(("Deployment", name))
        if live is not None and "deletionTimestamp" not in live["metadata"]:
            yield Remove("Deployment", name, live["metadata"]["uid"])
        return
    values = secret_values(observed, SecretKind.OPERATOR, desired.names.operator)
    if observed.config is None or observed.record.users_made is None or values is None:
        return
    hosts = [member.host for member in observed.config.members]
    ordinals = [each.ordinal for each in desired.members if each.host in hosts]
    manifest = desired.exporter(ordinals, exporter_digest(values, desired.uid))
    if manifest is not None and ordinals:
        yield from kept(manifest, observed)
