"""`status`: one screen about a set."""

import asyncio
import contextlib

import click

from mongors.cli.app import NOT_READY, READY
from mongors.cli.cluster import Cluster
from mongors.cli.looking import look
from mongors.cli.options import name_argument, output_option, placed
from mongors.cli.output import show, show_value, watched, width
from mongors.cli.place import Place
from mongors.cli.screens.status import status_screen
from mongors.cli.view import View, view_of
from mongors.cli.world import World

WATCH_SECONDS = 2.0


@click.command()
@name_argument
@click.option("-w", "--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
@output_option
@placed
def status(world: World, place: Place, name: str, watch: bool, output: str | None) -> int:
    """Show one screen about the set NAME.

    Who is primary and since when, how far everybody is, who has which vote, what the operator is
    doing and why, the last Events, and whatever is not as it should be, with the way out.
    """

    views = list[View]()

    async def once(cluster: Cluster) -> View:
        views[:] = [view_of(await look(cluster, name, world.now))]
        return views[0]

    async def again(cluster: Cluster) -> View:
        with watched() as screen:
            while True:
                screen.show(status_screen(await once(cluster), width()))
                await asyncio.sleep(WATCH_SECONDS)

    if watch:
        with contextlib.suppress(KeyboardInterrupt):
            world.run(place, again)
        return READY if views and views[0].is_ready else NOT_READY
    view = world.run(place, once)
    if output is None:
        show(status_screen(view, width()))
    else:
        show_value(view.to_wire(), output)
    return READY if view.is_ready else NOT_READY
