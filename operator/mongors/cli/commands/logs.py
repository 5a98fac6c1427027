"""`logs`: the members' logs together, made readable."""

import contextlib
from collections.abc import Sequence

import click

from mongors.cli.acts import member_of
from mongors.cli.app import READY
from mongors.cli.cluster import POD, Cluster
from mongors.cli.following import follow, read
from mongors.cli.layout import Line, line
from mongors.cli.mongodlog import Entry, pretty
from mongors.cli.options import name_argument, placed
from mongors.cli.output import show
from mongors.cli.place import Place
from mongors.cli.trouble import Unable
from mongors.cli.world import World
from mongors.desired.names import Names


@click.command()
@name_argument
@click.option("-m", "--member", multiple=True, help="Only this member; may be given repeatedly.")
@click.option("--pretty/--raw", "is_pretty", default=True, help="Readable, or as mongod wrote it.")
@click.option("-f", "--follow", "follows", is_flag=True, help="Go on with what is written next.")
@click.option("-p", "--previous", is_flag=True, help="The logs of mongods that ended before.")
@click.option("--tail", default=100, show_default=True, help="Lines of each member to begin with.")
@placed
def logs(  # noqa: PLR0913, PLR0917 - one for each option
    world: World,
    place: Place,
    name: str,
    member: tuple[str, ...],
    is_pretty: bool,
    follows: bool,
    previous: bool,
    tail: int,
) -> int:
    """Show the logs of the members of the set NAME, in order of time."""
    query = {"tailLines": str(tail)} | ({"previous": "true"} if previous else {})

    async def printed(cluster: Cluster) -> None:
        pods = await pods_of(cluster, name, member)
        widest = max(map(len, pods))
        if not follows:
            show([shown(each, widest, is_pretty) for each in await read(cluster, pods, query)])
            return
        async for each in follow(cluster, pods, query):
            show([shown(each, widest, is_pretty)])

    with contextlib.suppress(KeyboardInterrupt):  # the way to end what is followed
        world.run(place, printed)
    return READY


async def pods_of(cluster: Cluster, name: str, members: Sequence[str]) -> list[str]:
    """The pods of the members that are named, or of all."""
    await cluster.replica_set(name)
    names = Names(cluster.namespace, name)
    found = {
        ordinal: str(each["metadata"]["name"])
        for each in await cluster.of_set(POD, name)
        if (ordinal := names.ordinal_of_pod(each["metadata"]["name"])) is not None
    }
    pods = [pod for _, pod in sorted(found.items())]
    if not pods:
        raise Unable(f"{name} has no pods yet: kubectl mongors explain {name} says why")
    return [member_of(names, pods, each) for each in members] or pods


def shown(entry: Entry, widest: int, is_pretty: bool) -> Line:
    """An entry as it is printed."""
    return pretty(entry, widest) if is_pretty else line(entry.raw)
