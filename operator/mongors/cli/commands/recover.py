"""`recover`: a person is led through the loss of a majority, and has to mean it."""

import click

from mongors.api.status import Status
from mongors.cli.acts import recovered
from mongors.cli.app import READY
from mongors.cli.cluster import Cluster, Raw
from mongors.cli.options import name_argument, placed
from mongors.cli.output import show, width
from mongors.cli.place import Place
from mongors.cli.recovering import offered, recovery_screen
from mongors.cli.trouble import Unable
from mongors.cli.world import World
from mongors.planning.steps.confirming import Confirmed


@click.command()
@name_argument
@placed
def recover(world: World, place: Place, name: str) -> int:
    """Go on with the set NAME after a majority of its members is lost for good.

    It shows what the status says and what would be lost, asks for the name of the set, and writes
    down the confirmation that the operator waits for, bound to the configuration that was seen.
    """
    status = _status(world.run(place, lambda cluster: cluster.replica_set(name)))
    confirmed = offered(status, name)
    show(recovery_screen(status, name, confirmed, width()))
    typed = click.prompt(f"\nType the name of the set to confirm ({name})", err=True)
    if typed != name:
        raise Unable(f"{typed} is not {name}, so nothing was changed")
    world.run(place, lambda cluster: _confirm(cluster, name, confirmed))
    click.echo(f"Confirmed: {confirmed}")
    click.echo(f"kubectl mongors status {name} --watch shows how far it is.")
    return READY


async def _confirm(cluster: Cluster, name: str, confirmed: Confirmed) -> None:
    """Write the confirmation down, if the same recovery is offered still."""
    resource = await cluster.replica_set(name)
    if offered(_status(resource), name) != confirmed:
        raise Unable("the situation changed meanwhile, so nothing was changed: look again")
    await cluster.change(resource, recovered(str(confirmed)))


def _status(resource: Raw) -> Status:
    return Status.read(resource.get("status") or {})
