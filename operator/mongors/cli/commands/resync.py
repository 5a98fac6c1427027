"""`resync`: the data of one member are copied anew."""

import click

from mongors.cli.acts import has_to_be_approved, known_members, member_of, resynced
from mongors.cli.app import READY
from mongors.cli.asked import ask_for
from mongors.cli.cluster import Raw
from mongors.cli.options import member_argument, name_argument, placed
from mongors.cli.place import Place
from mongors.cli.world import World
from mongors.desired.names import Names


@click.command()
@name_argument
@member_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask whether it is meant.")
@placed
def resync(world: World, place: Place, name: str, member: str, yes: bool) -> int:
    """Have the data of MEMBER of the set NAME discarded, and copied anew from the others.

    The operator does it only while all others are in service and have what this one has.
    """

    def wish(resource: Raw) -> Raw:
        names = Names(str(resource["metadata"]["namespace"]), name)
        pod = member_of(names, known_members(resource, names), member)
        wanted = resynced(resource, pod)
        if not yes:
            click.confirm(f"Discard the data of {pod} and copy them anew?", abort=True, err=True)
        return wanted

    before = ask_for(world, place, name, wish)
    click.echo(f"It is asked for: kubectl mongors status {name} --watch shows how far it is.")
    if has_to_be_approved(before):
        click.echo(f"It waits for approval: kubectl mongors approve {name}")
    return READY
