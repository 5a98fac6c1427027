"""`connect`: a way for mongosh to the primary."""

import re
import subprocess

import click

from mongors.cli.app import ERROR, READY
from mongors.cli.application import application_login
from mongors.cli.cluster import Cluster
from mongors.cli.connecting import Way, connect_screen
from mongors.cli.options import name_argument, placed
from mongors.cli.output import show
from mongors.cli.place import Place
from mongors.cli.trouble import Unable
from mongors.cli.world import World
from mongors.desired.names import PORT, Names

_FORWARDING = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")


@click.command()
@name_argument
@click.option("--port", default=PORT, show_default=True, help="Local port of the shown commands.")
@click.option("--show-password", is_flag=True, help="Show the application's password as well.")
@click.option("--run", "runs", is_flag=True, help="Run the commands instead of showing them.")
@placed
def connect(
    world: World, place: Place, name: str, port: int, show_password: bool, runs: bool
) -> int:
    """Show what to type to reach the primary of the set NAME with mongosh, or do it.

    The user is that of the application. Its password is asked for by mongosh itself: it stands in
    no argument, and is shown only with --show-password.
    """

    async def found(cluster: Cluster) -> tuple[Names, str | None]:
        await cluster.replica_set(name)
        names = Names(cluster.namespace, name)
        login = await application_login(cluster, names) if show_password else None
        return names, login.password if login else None

    names, password = world.run(place, found)
    way = Way(names, place)
    if runs:
        return run(way)
    show(connect_screen(way, port, password))
    return READY


def run(way: Way) -> int:
    """Open the way, run mongosh on it, and close it again."""
    try:
        with subprocess.Popen(way.forward(None), stdout=subprocess.PIPE, text=True) as forward:  # noqa: S603 - our own arguments, no shell
            try:
                first = forward.stdout.readline() if forward.stdout else ""
                opened = _FORWARDING.search(first)
                if opened is None:
                    raise Unable("kubectl port-forward opened no port; its own message says why")
                return _mongosh(way, int(opened[1]))
            finally:
                forward.terminate()
    except FileNotFoundError as error:
        raise Unable(f"{error.filename} is not installed here, or not on the PATH") from None


def _mongosh(way: Way, local: int) -> int:
    ended = subprocess.run(way.mongosh(local), check=False)  # noqa: S603 - as above
    return ERROR if ended.returncode else READY
