"""The options that commands share."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import click

from mongors.cli.app import PLACE
from mongors.cli.completing import member_names, set_names
from mongors.cli.place import Place
from mongors.cli.world import World

Command = Callable[..., int]

name_argument = click.argument("name", shell_complete=set_names)
member_argument = click.argument("member", shell_complete=member_names)
optional_member = click.argument("member", required=False, shell_complete=member_names)

output_option = click.option(
    "-o", "--output", type=click.Choice(["json", "yaml"]), help="Print data for programs."
)


def placed(command: Command) -> Callable[..., int]:
    """Let a command take the options that name a cluster, and give it the world and the place.

    They are taken in any position: behind the command, or in front of it.
    """

    @click.option("-n", "--namespace", help="Namespace of the set.")
    @click.option("--context", help="Context of the kubeconfig to use.")
    @click.option("--kubeconfig", help="Kubeconfig to use.", type=click.Path())
    @click.option("--direct", is_flag=True, help="Ask members at their pods' addresses.")
    @click.pass_context
    def with_place(ctx: click.Context, /, **given: Any) -> int:
        named = ("namespace", "context", "kubeconfig", "direct")
        inner = Place(**{key: given.pop(key) for key in named})
        world = ctx.obj if isinstance(ctx.obj, World) else World()
        return command(world, inner.over(ctx.meta.get(PLACE, Place())), **given)

    return update_wrapper(with_place, command)
