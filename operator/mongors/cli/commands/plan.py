"""`plan`: what the operator would do, now or with a changed spec. Nothing is changed."""

from pathlib import Path
from typing import Any

import click
import yaml

from mongors.cli.app import NOT_READY, READY
from mongors.cli.changing import chosen, differences, with_defaults, with_spec_of
from mongors.cli.cluster import Cluster, Raw
from mongors.cli.foreseeing import Forecast, foresee
from mongors.cli.looking import look
from mongors.cli.options import name_argument, output_option, placed
from mongors.cli.output import show, show_value, width
from mongors.cli.place import Place
from mongors.cli.screens.plan import described, plan_screen
from mongors.cli.seen import Seen
from mongors.cli.trouble import Unable
from mongors.cli.world import World
from mongors.errors import Denied, Rejected
from mongors.observed.mongodb import ReplicaSetConfig


@click.command()
@name_argument
@click.option("-f", "--file", help="A file with the changed resource.", type=click.Path())
@output_option
@placed
def plan(world: World, place: Place, name: str, file: str | None, output: str | None) -> int:
    """Show what the operator would do for the set NAME, step by step. Nothing is changed.

    With -f, what it would do if that file were applied. It is the operator's own planner that
    decides, on what the members and Kubernetes say at this moment.
    """
    wanted = chosen(_documents(file), name, file) if file is not None else None

    async def seen_with(cluster: Cluster) -> tuple[Seen, tuple[str, ...]]:
        if wanted is None:
            return await look(cluster, name, world.now), ()
        before = await cluster.replica_set(name)
        after = await _tried(cluster, with_spec_of(before, wanted))
        seen = await look(cluster, name, world.now, instead=lambda live: {**live, **after})
        return seen, differences(with_defaults(before), with_defaults(after))

    seen, changes = world.run(place, seen_with)
    forecast = foresee_or_say_why(seen)
    if output is None:
        show(plan_screen(seen, forecast, changes, width()))
    else:
        show_value(to_wire(seen, forecast, changes), output)
    return READY if forecast.is_settled else NOT_READY


def foresee_or_say_why(seen: Seen) -> Forecast:
    """The forecast, or why nobody can make one from here."""
    if seen.problems:
        listed = "; ".join(seen.problems)
        raise Unable(f"this spec cannot be followed, so nothing would be changed: {listed}")
    if seen.desired is None or seen.observed is None or seen.unplannable:
        why, told = "; ".join(seen.unplannable), seen.status.plan or "nothing is left to do"
        raise Unable(
            f"no plan can be made from here ({why}); the operator itself last said: {told}"
        )
    return foresee(seen.desired, seen.observed)


def to_wire(seen: Seen, forecast: Forecast, changes: tuple[str, ...]) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "name": seen.names.name,
        "differences": list(changes),
        "steps": list(forecast.steps),
        "stepsOnceApproved": list(forecast.steps_once_approved),
        "waits": [
            {"reason": each.reason.value, "message": each.message, "forPeople": each.stalls}
            for each in forecast.waits
        ],
        "settled": forecast.is_settled,
        "before": _config(forecast.before.config),
        "after": _config(forecast.after.config),
        "notSeen": list(seen.missed),
    }


def _config(config: ReplicaSetConfig | None) -> dict[str, Any] | None:
    if config is None:
        return None
    return {
        "version": config.version,
        "voters": len(config.voters),
        "majority": config.majority,
        "members": {member.host: described(member) for member in config.members},
    }


async def _tried(cluster: Cluster, resource: Raw) -> Raw:
    """The resource as the API server would take it, with its defaults; refusals are told."""
    try:
        answer = await cluster.tried(resource)
    except Denied:
        return resource  # who may only read sees the plan all the same
    except Rejected as failure:
        raise Unable(f"the API server would refuse this resource: {failure.message}") from None
    return {**resource, "spec": answer.get("spec") or resource["spec"]}


def _documents(file: str | None) -> list[Any]:
    try:
        return list(yaml.safe_load_all(Path(file or "").read_text()))
    except OSError as error:
        raise Unable(f"{file} cannot be read: {error.strerror}; name a file that exists") from None
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise Unable(f"{file} is no YAML: {where}") from None
