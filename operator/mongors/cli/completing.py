"""Completion: in shells for the program itself, and for kubectl, which asks once per key."""

from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem, ShellComplete

from mongors.cli.app import PLACE, program
from mongors.cli.cluster import SET
from mongors.cli.place import Place
from mongors.cli.world import World

_NO_FILES = ":4"
"""What kubectl takes for: these are all, do not offer file names."""


def main(arguments: Sequence[str]) -> None:
    """Print what could stand in the place of the last argument, as kubectl wants it."""
    *before, incomplete = arguments or ("",)
    for each in offered(before, incomplete):
        click.echo(f"{each.value}\t{each.help}" if each.help else each.value)
    click.echo(_NO_FILES)


def offered(before: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """What could stand behind these arguments."""
    shell = ShellComplete(program, {}, "kubectl mongors", "_KUBECTL_MONGORS_COMPLETE")
    return shell.get_completions(list(before), incomplete)


def set_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The sets in the namespace; nothing at all if they cannot be listed."""
    return [name for name in _names(ctx) if name.startswith(incomplete)]


def member_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The members of the set that is named."""
    members = _names(ctx).get(ctx.params.get("name", ""), [])
    return [member for member in members if member.startswith(incomplete)]


def _names(ctx: click.Context) -> dict[str, list[str]]:
    """The sets with their members; a key press must never print an error."""
    try:
        return _listed(ctx)
    except Exception:  # noqa: BLE001 - whatever it is, it is no answer to a key press
        return {}


def _listed(ctx: click.Context) -> dict[str, list[str]]:
    world = ctx.obj if isinstance(ctx.obj, World) else World()
    given = ctx.params
    inner = Place(given.get("namespace"), given.get("context"), given.get("kubeconfig"))
    found: list[dict[str, Any]] = world.run(
        inner.over(ctx.meta.get(PLACE, Place())), lambda cluster: cluster.all_of(SET)
    )
    return {
        each["metadata"]["name"]: [
            member["name"] for member in (each.get("status") or {}).get("memberStatus") or ()
        ]
        for each in found
    }
