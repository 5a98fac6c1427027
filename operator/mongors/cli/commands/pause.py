"""`pause`: the operator looks and reports, and changes nothing."""

import click

from mongors.cli.acts import paused
from mongors.cli.app import READY
from mongors.cli.asked import ask_for
from mongors.cli.options import name_argument, placed
from mongors.cli.place import Place
from mongors.cli.world import World


@click.command()
@name_argument
@placed
def pause(world: World, place: Place, name: str) -> int:
    """Have the operator change nothing in the set NAME until it is resumed.

    The members go on as they are, and elect a primary by themselves as always.
    """
    ask_for(world, place, name, lambda resource: paused(True))
    click.echo(f"{name} is paused: kubectl mongors resume {name} ends that.")
    return READY
