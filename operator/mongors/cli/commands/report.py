"""`report`: one file with all that helps to find a fault."""

import os
import zipfile
from pathlib import Path

import click

from mongors.cli.app import READY
from mongors.cli.cluster import Cluster
from mongors.cli.collecting import Collected, collect
from mongors.cli.commands.plan import foresee_or_say_why
from mongors.cli.explaining import explanation
from mongors.cli.layout import Line, paragraph, text_of
from mongors.cli.looking import look
from mongors.cli.options import name_argument, placed
from mongors.cli.place import Place
from mongors.cli.reporting import files_of
from mongors.cli.screens.explain import explain_screen
from mongors.cli.screens.plan import plan_screen
from mongors.cli.screens.status import status_screen
from mongors.cli.seen import Seen
from mongors.cli.trouble import Unable
from mongors.cli.view import view_of
from mongors.cli.world import World

_WIDTH = 100


@click.command()
@name_argument
@click.option("--file", help="Where to write it; else NAME-report-TIME.zip.", type=click.Path())
@placed
def report(world: World, place: Place, name: str, file: str | None) -> int:
    """Write a zip about the set NAME with all that helps to find a fault.

    Objects, Events, logs of the members and of the operator, and what status, explain and plan
    say. Every secret is masked; look through it all the same before you give it away.
    """

    async def read(cluster: Cluster) -> tuple[Seen, Collected]:
        return await look(cluster, name, world.now), await collect(cluster, name)

    seen, collected = world.run(place, read)
    target = Path(file or f"{name}-report-{seen.at:%Y%m%dT%H%M%SZ}.zip")
    files = dict(files_of(collected, screens_of(seen), seen.at))
    write(target, files)
    click.echo(f"{target}: {len(files)} files, secrets masked.")
    for each in collected.missed:
        click.echo(f"Not read: {each}", err=True)
    return READY


def screens_of(seen: Seen) -> dict[str, str]:
    """What the other commands say of the set."""
    view = view_of(seen)
    explained = explain_screen(explanation(view), _WIDTH, is_ready=view.is_ready)
    return {
        "status": text_of(status_screen(view, _WIDTH)),
        "explain": text_of(explained),
        "plan": text_of(_plan(seen)),
    }


def write(target: Path, files: dict[str, str]) -> None:
    """Write the zip, for nobody else to read."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Unable(f"{target} cannot be written: {error.strerror}; name another --file") from None
    with (
        os.fdopen(handle, "wb") as raw,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for path, text in files.items():
            archive.writestr(f"{target.stem}/{path}", text)


def _plan(seen: Seen) -> list[Line]:
    try:
        return plan_screen(seen, foresee_or_say_why(seen), (), _WIDTH)
    except Unable as why:
        return paragraph(str(why), _WIDTH)
