"""`explain`: why a set is not ready."""

import click

from mongors.cli.app import NOT_READY, READY
from mongors.cli.explaining import explanation
from mongors.cli.looking import look
from mongors.cli.options import name_argument, output_option, placed
from mongors.cli.output import show, show_value, width
from mongors.cli.place import Place
from mongors.cli.screens.explain import explain_screen
from mongors.cli.view import view_of
from mongors.cli.world import World


@click.command()
@name_argument
@output_option
@placed
def explain(world: World, place: Place, name: str, output: str | None) -> int:
    """Say in sentences why the set NAME is not ready, down to a pod's or a mongod's own error."""
    view = view_of(world.run(place, lambda cluster: look(cluster, name, world.now)))
    said = explanation(view)
    if output is None:
        show(explain_screen(said, width(), is_ready=view.is_ready))
    else:
        show_value({"name": name, "ready": view.is_ready, "sentences": list(said)}, output)
    return READY if view.is_ready else NOT_READY
