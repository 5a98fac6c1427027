"""The files of a report, with every secret masked. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import yaml

from mongors import __version__
from mongors.cli.collecting import Collected
from mongors.cli.masking import Mask, secrets_in

_ABOUT = """\
A report about the replica set {name} in namespace {namespace}, made by kubectl-mongors {version}
at {at}.

Values of Secrets, and whatever looks like a password, a token or a private key, are masked by ***.
Look through the files before you give them away all the same: names of hosts, namespaces and
databases, and what mongod logs, are in them.
"""


def files_of(
    collected: Collected, screens: Mapping[str, str], at: datetime
) -> Iterator[tuple[str, str]]:
    """The files by their paths; each is masked, whatever it holds."""
    mask = Mask.of(known for each in collected.secrets for known in secrets_in(each))
    for path, text in _screens(collected, screens, at):
        yield path, mask.text(text)
    yield "resource.yaml", _yaml(mask, collected.resource)
    for file, objects in sorted(collected.objects.items()):
        if objects:
            yield f"objects/{file}.yaml", _yaml(mask, {"items": objects})
    for name, text in sorted(collected.logs.items()):
        if text:
            yield f"logs/{name}.log", mask.text(text)


def _screens(
    collected: Collected, screens: Mapping[str, str], at: datetime
) -> Iterator[tuple[str, str]]:
    metadata = collected.resource["metadata"]
    about = _ABOUT.format(
        name=metadata["name"],
        namespace=metadata["namespace"],
        version=__version__,
        at=at.isoformat(timespec="seconds"),
    )
    if collected.missed:
        about += "\nWhat could not be read:\n" + "".join(f"- {each}\n" for each in collected.missed)
    if "secrets" not in collected.objects or not collected.secrets:
        about += (
            "\nNo Secret of the set could be read, so their values could only be masked where they "
            "stand in the usual places.\n"
        )
    yield "README.txt", about
    yield from ((f"{name}.txt", text + "\n") for name, text in screens.items())


def _yaml(mask: Mask, value: object) -> str:
    masked = mask.of_object(_slim(value))
    return str(yaml.safe_dump(masked, sort_keys=False, allow_unicode=True))


def _slim(value: object) -> object:
    """The value without the record of who wrote which field: half of the bytes of any object."""
    if isinstance(value, list):
        return [_slim(each) for each in value]
    if isinstance(value, dict):
        return {key: _slim(each) for key, each in value.items() if key != "managedFields"}
    return value
