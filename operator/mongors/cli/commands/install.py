"""`install`: the manifests of the operator, for `kubectl apply`."""

import re
from importlib.resources import files
from pathlib import Path

import click

from mongors.cli.app import READY

PACKAGED = files("mongors.cli") / "mongors.yaml"
"""Where a wheel has them."""

IN_THE_TREE = Path(__file__).parents[4] / "deploy" / "manifests" / "mongors.yaml"


@click.command()
@click.option(
    "--image", help="The operator's image, if it is not pulled from where it is released."
)
def install(image: str | None) -> int:
    """Print the manifests of the operator and of its definition.

    They are those of the chart with its default values, for all namespaces:

        kubectl mongors install | kubectl apply --server-side -f -

    With other values, take the chart.
    """
    text = (PACKAGED if PACKAGED.is_file() else IN_THE_TREE).read_text(encoding="utf-8")
    click.echo(with_image(text, image) if image else text, nl=False)
    return READY


def with_image(text: str, image: str) -> str:
    """The manifests with another image of the operator: after its name, as Helm renders it."""
    own = r"(?m)^(\s+- name: operator\n\s+image: )\S+$"
    replaced, count = re.subn(own, lambda found: f"{found[1]}{image}", text)
    if count != 1:
        raise ValueError(f"the manifests name {count} images of the operator")
    return replaced
