"""The exporter of mongod's own metrics: a container for each member, and no set waits for it."""

from collections.abc import Iterator

from mongors.api.conditions import Reason
from mongors.desired.desired import Desired
from mongors.desired.exporter import KIND
from mongors.desired.secrets import EXPORTER_PASSWORD, decoded
from mongors.observed.observed import Observed
from mongors.planning.actions import Apply, Remove
from mongors.planning.steps.objects import kept
from mongors.planning.steps.users import users_mark
from mongors.planning.waits import Wait


def keep_exporter(desired: Desired, observed: Observed) -> Iterator[Apply | Remove | Wait]:
    """Keep the exporter once it can log in; take one away that is not wanted any more."""
    key = (KIND, desired.names.exporter)
    live = observed.objects.get(key)
    if not desired.spec.monitoring.exporter.enabled:
        if live is not None and "deletionTimestamp" not in live["metadata"]:
            yield Remove(*key, live["metadata"]["uid"])
    elif key in observed.taken:
        said = "exists and belongs to somebody else; it is left untouched. Remove or rename it"
        yield Wait(Reason.EXPORTER_REFUSED, f"{KIND} {key[1]} {said}")
    elif key in observed.denied:
        said = "the operator has no right to look at it; grant it 'get' on deployments"
        yield Wait(Reason.EXPORTER_REFUSED, f"{KIND} {key[1]}: {said}")
    else:
        yield from _kept(desired, observed)


def _kept(desired: Desired, observed: Observed) -> Iterator[Apply | Wait]:
    """With the password that its user has by now: whoever starts with another one keeps it."""
    secret = observed.objects.get(("Secret", desired.names.operator)) or {}
    password = decoded(secret.get("data") or {}, EXPORTER_PASSWORD)
    made = observed.record.users_made
    if password is None or made is None or made != users_mark(desired, observed):
        return
    if ordinals := _asked(desired, observed):
        yield from kept(desired.exporter(ordinals, password), observed)


def _asked(desired: Desired, observed: Observed) -> list[int]:
    """The members to ask: those that have joined, and those that were asked before.

    A name that is asked before DNS has it is absent for a while, and the other members need it. A
    member that is to stay and comes back under another `_id` is no reason to start all anew.
    """
    config = observed.leading_config
    live = observed.objects.get((KIND, desired.names.exporter)) or {}
    pod = live.get("spec", {}).get("template", {}).get("spec", {})
    before = {each["name"] for each in pod.get("containers") or ()}
    joined = {member.host for member in config.members} if config else set()
    return [
        each.ordinal
        for each in desired.members
        if each.host in joined or desired.names.pod(each.ordinal) in before
    ]
