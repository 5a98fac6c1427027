"""`events`: what happened to a set."""

import click

from mongors.cli.app import READY
from mongors.cli.durations import age
from mongors.cli.looking import look_back
from mongors.cli.options import name_argument, output_option, placed
from mongors.cli.output import show, show_value, width
from mongors.cli.place import Place
from mongors.cli.screens.status import event_lines
from mongors.cli.world import World


@click.command()
@name_argument
@output_option
@placed
def events(world: World, place: Place, name: str, output: str | None) -> int:
    """Show the Events of the set NAME, of its pods and of its claims, the newest last."""
    told = world.run(place, lambda cluster: look_back(cluster, name))
    if output is not None:
        show_value([each.to_wire() for each in told], output)
        return READY
    lines = [
        line for each in told for line in event_lines(each, age(each.at, world.now()), width())
    ]
    show(lines or [])
    if not lines:
        click.echo("No Events: Kubernetes keeps them for an hour by default.", err=True)
    return READY
