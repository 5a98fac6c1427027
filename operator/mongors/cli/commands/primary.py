"""`primary`: who it is, or who it shall be."""

import click

from mongors.cli.acts import known_members, led_by, member_of
from mongors.cli.app import NOT_READY, READY
from mongors.cli.asked import ask_for
from mongors.cli.cluster import Raw
from mongors.cli.durations import told
from mongors.cli.looking import look
from mongors.cli.options import name_argument, optional_member, output_option, placed
from mongors.cli.output import show_value
from mongors.cli.place import Place
from mongors.cli.view import view_of
from mongors.cli.world import World
from mongors.desired.names import Names


@click.command()
@name_argument
@optional_member
@output_option
@placed
def primary(world: World, place: Place, name: str, member: str | None, output: str | None) -> int:
    """Show who is primary of the set NAME; or have MEMBER become primary, once it has caught up.

    The primary hands over; nothing is forced. What cannot be done safely is refused, and
    kubectl mongors status says why.
    """
    if member is None:
        return _shown(world, place, name, output)

    def wish(resource: Raw) -> Raw:
        names = Names(str(resource["metadata"]["namespace"]), name)
        pod = member_of(names, known_members(resource, names), member)
        return led_by(resource, pod, world.now())

    before = ask_for(world, place, name, wish)
    was = (before.get("status") or {}).get("primary") or "nobody"
    click.echo(f"Asked for another primary of {name}; now it is {was}.")
    click.echo(f"kubectl mongors status {name} --watch shows the handover, or why it is refused.")
    return READY


def _shown(world: World, place: Place, name: str, output: str | None) -> int:
    view = view_of(world.run(place, lambda cluster: look(cluster, name, world.now)))
    since = view.primary_since
    if output is not None:
        value = {"primary": view.primary, "since": since.isoformat() if since else None}
        show_value(value, output)
    elif view.primary is None:
        click.echo(f"{name} has no primary: kubectl mongors explain {name} says why.")
    else:
        ago = f", for {told((view.seen.at - since).total_seconds())}" if since else ""
        click.echo(f"{view.primary}{ago}")
    return NOT_READY if view.primary is None else READY
