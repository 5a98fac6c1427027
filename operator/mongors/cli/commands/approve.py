"""`approve`: what waits for approval is shown, and let run."""

import click

from mongors.cli.acts import approved, waiting_plans
from mongors.cli.app import READY
from mongors.cli.asked import ask_for
from mongors.cli.cluster import Raw
from mongors.cli.options import name_argument, placed
from mongors.cli.output import show, width
from mongors.cli.place import Place
from mongors.cli.screens.approve import approval_screen
from mongors.cli.world import World
from mongors.desired.labels import APPROVED


@click.command()
@name_argument
@click.argument("plan", metavar="[ID]", required=False)
@placed
def approve(world: World, place: Place, name: str, plan: str | None) -> int:
    """Let the disruptive plan ID of the set NAME run, which waits for approval.

    Without an ID it shows what waits, and asks. Only what waits at this moment can be approved, and
    only that is done: when something else is wished for meanwhile, the approval is void.
    """
    if plan is None:
        resource = world.run(place, lambda cluster: cluster.replica_set(name))
        waiting = waiting_plans(resource)
        show(approval_screen(name, waiting, width()))
        if not waiting:
            return READY
        plan = str(approved(resource, None)["metadata"]["annotations"][APPROVED])
        click.confirm(f"\nLet {plan} run?", abort=True, err=True)

    def wish(resource: Raw) -> Raw:
        return approved(resource, plan)

    ask_for(world, place, name, wish)
    click.echo(f"Approved: {plan}")
    click.echo(f"kubectl mongors status {name} --watch shows how far it is.")
    return READY
