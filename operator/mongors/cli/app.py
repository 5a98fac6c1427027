"""The program: its commands, found by name and imported only when used; its errors and exit codes.

Exit codes: 0 the set is ready (or the wish was written down), 2 it is not ready, 1 an error.
"""

import errno
import os
import sys
from importlib import import_module
from typing import Any

import click

from mongors import __version__
from mongors.cli.place import Place
from mongors.cli.trouble import Unable

READY, ERROR, NOT_READY = 0, 1, 2

PLACE = "mongors.place"
"""Under this key the options of the program itself are kept for its commands."""

COMMANDS = {
    "status": "Show one screen about a set.",
    "explain": "Say in sentences why a set is not ready.",
    "plan": "Show what the operator would do now, or with a changed spec.",
    "approve": "Let a disruptive plan run that waits for approval.",
    "events": "Show the Events of a set and of its members.",
    "logs": "Show the members' logs in order of time, made readable.",
    "primary": "Show the primary, or have another member become primary.",
    "restart": "Restart all members one by one, or one member.",
    "pause": "Have the operator change nothing until the set is resumed.",
    "resume": "Have the operator go on with a paused set.",
    "resync": "Have the data of one member copied anew.",
    "recover": "Go on after a majority of the members is lost for good.",
    "connect": "Show or open a way for mongosh to the primary.",
    "bench": "Write all the time, and show the gaps between acknowledgements.",
    "report": "Write a zip with all that helps to find a fault, secrets masked.",
    "install": "Print the manifests of the operator.",
}


class Program(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, the most used ones first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command when it is used."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(f"mongors.cli.commands.{cmd_name}"), cmd_name)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **options: Any) -> Any:
        """Run, and end with one of the three exit codes; a person is told of errors in words."""
        options["standalone_mode"] = False
        try:
            code = super().main(*args, **options)
        except click.ClickException as error:
            error.show()
            code = ERROR
        except Unable as error:
            click.echo(f"Error: {error}.", err=True)
            code = ERROR
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped; nothing more is done.", err=True)
            code = ERROR
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - closed with the process
            code = ERROR
        sys.exit(code or READY)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kubectl-mongors")
@click.option("-n", "--namespace", help="Namespace of the set.")
@click.option("--context", help="Context of the kubeconfig to use.")
@click.option("--kubeconfig", help="Kubeconfig to use.", type=click.Path())
@click.option("--direct", is_flag=True, help="Ask members at their pods' addresses.")
@click.pass_context
def program(
    ctx: click.Context,
    namespace: str | None,
    context: str | None,
    kubeconfig: str | None,
    direct: bool,
) -> None:
    """Look at MongoDB replica sets, and ask their operator for things.

    Exit codes: 0 the set is ready, 2 it is not ready, 1 an error.
    """
    ctx.meta[PLACE] = Place(namespace, context, kubeconfig, direct)
