"""`bench`: how long no write is acknowledged, measured by the people whose set it is."""

import contextlib
import time

import click

from mongors.cli.app import NOT_READY, READY
from mongors.cli.application import application_login
from mongors.cli.cluster import Cluster
from mongors.cli.gaps import Gaps, gaps_screen
from mongors.cli.options import name_argument, output_option, placed
from mongors.cli.output import Watched, show, show_value, wants_colours, watched
from mongors.cli.place import Place
from mongors.cli.world import World
from mongors.cli.writing import Writer
from mongors.desired.names import Names

SHOW_SECONDS = 0.2


@click.command()
@name_argument
@click.option("--seconds", default=60.0, show_default=True, help="How long to write.")
@click.option("--pause", default=0.02, show_default=True, help="Seconds between two writes.")
@output_option
@placed
def bench(
    world: World, place: Place, name: str, seconds: float, pause: float, output: str | None
) -> int:
    """Write to the set NAME all the time, and show live how long nothing was acknowledged.

    Start it, then do what you want to know about in another terminal: a restart, another primary,
    a drain. One small document after the other goes to the primary of the moment with the user of
    the application, acknowledged by a majority, into a collection that is dropped at the end. Ends
    with 2 if nothing is acknowledged any more.
    """
    gaps = Gaps()

    async def measured(cluster: Cluster) -> None:
        await cluster.replica_set(name)
        names = Names(cluster.namespace, name)
        login = await application_login(cluster, names)
        await Writer(cluster, names, login, pause, gaps).write(seconds, seen)

    is_live = output is None and wants_colours()
    with watched() if is_live else contextlib.nullcontext() as screen:
        seen = _Live(name, gaps, screen)
        with contextlib.suppress(KeyboardInterrupt):  # the way to end it early
            world.run(place, measured)
    if output is not None:
        show_value(gaps.to_wire(), output)
    elif not is_live:
        show(gaps_screen(name, gaps))
    if gaps.left is not None:
        click.echo(f"Note: {gaps.left}.", err=True)
    return NOT_READY if gaps.is_open else READY


class _Live:
    """Shows what is known by now, not more often than eyes can follow."""

    def __init__(self, name: str, gaps: Gaps, screen: Watched | None) -> None:
        self._name = name
        self._gaps = gaps
        self._screen = screen
        self._last = 0.0

    def __call__(self) -> None:
        """Show it if it is time to."""
        now = time.monotonic()
        if self._screen is not None and now - self._last >= SHOW_SECONDS:
            self._screen.show(gaps_screen(self._name, self._gaps))
            self._last = now
