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

    latest = _Latest(world, name)
    if watch:
        with contextlib.suppress(KeyboardInterrupt):  # the way to end it
            world.run(place, lambda cluster: latest.again(cluster, output))
        return READY if latest.view and latest.view.is_ready else NOT_READY
    view = world.run(place, latest.once)
    if output is None:
        show(status_screen(view, width()))
    else:
        show_value(view.to_wire(), output)
    return READY if view.is_ready else NOT_READY


class _Latest:
    """Looks at a set, and keeps what was seen last: it decides the exit code of a watch."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name
        self.view: View | None = None

    async def once(self, cluster: Cluster) -> View:
        """Look once."""
        self.view = view_of(await look(cluster, self._name, self._world.now))
        return self.view

    async def again(self, cluster: Cluster, output: str | None) -> None:
        """Look again and again, and show what is seen."""
        with watched() if output is None else contextlib.nullcontext() as screen:
            while True:
                view = await self.once(cluster)
                if screen is not None:
                    screen.show(status_screen(view, width()))
                elif output is not None:
                    show_value(view.to_wire(), output)
                await asyncio.sleep(WATCH_SECONDS)
