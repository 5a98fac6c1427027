"""`resume`: the operator goes on with a paused set."""

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
def resume(world: World, place: Place, name: str) -> int:
    """Have the operator go on with the set NAME."""
    ask_for(world, place, name, lambda resource: paused(False))
    click.echo(f"{name} is resumed: kubectl mongors status {name} --watch shows what happens.")
    return READY
