"""The commands that lead a person to the primary. Pure. No password is ever a part of one."""

import shlex
from dataclasses import dataclass

from mongors.cli.layout import EMPTY, Line, Style, line
from mongors.cli.place import Place
from mongors.desired.names import PORT, Names
from mongors.desired.secrets import APP_DATABASE, APP_USER


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the primary of a set with the user of its application."""

    names: Names
    place: Place

    def forward(self, local: int | None) -> list[str]:
        """The command that opens a local port; any free one if none is named."""
        port = f"{'' if local is None else local}:{PORT}"
        return [*self._kubectl(), "port-forward", f"service/{self.names.primary}", port]

    def mongosh(self, local: int) -> list[str]:
        """The command that talks to it; mongosh itself asks for the password."""
        options = "authSource=admin&directConnection=true"
        return ["mongosh", f"mongodb://{APP_USER}@127.0.0.1:{local}/{APP_DATABASE}?{options}"]

    def password(self) -> str:
        """The command that shows the password."""
        read = [*self._kubectl(), "get", "secret", self.names.connection]
        return shlex.join([*read, "-o", "jsonpath={.data.password}"]) + " | base64 -d"

    def _kubectl(self) -> list[str]:
        given = {"--context": self.place.context, "--kubeconfig": self.place.kubeconfig}
        options = [part for key, value in given.items() if value for part in (key, value)]
        return ["kubectl", *options, "--namespace", self.names.namespace]


def connect_screen(way: Way, local: int, password: str | None) -> list[Line]:
    """What to type, in two terminals."""
    lines = [
        line("In one terminal, for as long as you need it:", Style.QUIET),
        line(f"  {shlex.join(way.forward(local))}"),
        line("In another one:", Style.QUIET),
        line(f"  {shlex.join(way.mongosh(local))}"),
        EMPTY,
    ]
    if password is None:
        said = f"mongosh asks for the password of {APP_USER}. This shows it:"
        return [*lines, line(said, Style.QUIET), line(f"  {way.password()}")]
    return [*lines, line(f"The password of {APP_USER}: {password}")]
