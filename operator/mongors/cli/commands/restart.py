"""`restart`: all members one by one, or one of them."""

import click

from mongors.cli.acts import has_to_be_approved, known_members, member_of, restarted
from mongors.cli.app import READY
from mongors.cli.asked import ask_for
from mongors.cli.cluster import Cluster
from mongors.cli.options import name_argument, optional_member, placed
from mongors.cli.place import Place
from mongors.cli.trouble import Unable
from mongors.cli.world import World
from mongors.desired.names import Names


@click.command()
@name_argument
@optional_member
@placed
def restart(world: World, place: Place, name: str, member: str | None) -> int:
    """Restart all members of the set NAME one by one, the primary last; or only MEMBER.

    One member is restarted by the eviction of its pod, which the set's disruption budget has to
    allow. If it is the primary, the operator hands over before it stops.
    """
    if member is None:
        before = ask_for(world, place, name, lambda resource: restarted(world.now()))
        click.echo(f"All members of {name} will restart one by one, the primary last.")
        if has_to_be_approved(before):
            click.echo(f"That waits for approval: kubectl mongors approve {name}")
    else:
        pod = world.run(place, lambda cluster: _evicted(cluster, name, member))
        click.echo(f"{pod} restarts.")
    click.echo(f"kubectl mongors status {name} --watch shows how far it is.")
    return READY


async def _evicted(cluster: Cluster, name: str, member: str) -> str:
    resource = await cluster.replica_set(name)
    names = Names(cluster.namespace, name)
    pod = member_of(names, known_members(resource, names), member)
    live = await cluster.get("Pod", cluster.namespace, pod)
    if live is None:
        raise Unable(f"there is no pod {pod} now, so there is nothing to restart")
    await cluster.evict(live)
    return pod
