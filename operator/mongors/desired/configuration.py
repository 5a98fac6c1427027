"""The members' mongod.conf, and what of it can be changed while they run."""

import json
from collections.abc import Mapping
from typing import Any

from mongors.api.tree import PARAMETERS, Tree, normalised


def mongod_conf(configuration: Tree) -> str:
    """Return the file as JSON, which is YAML: equal configurations give equal texts.

    mongod takes no map and no list as the value of a server parameter, but their JSON as text.
    """
    tree = _whole_numbers(normalised(configuration))
    given = tree.get(PARAMETERS, {})
    parameters = {name: _as_text(value) for name, value in given.items()}
    return _json({**tree, PARAMETERS: parameters} if parameters else tree)


def set_parameters(configuration: Tree) -> Mapping[str, Any]:
    """Return the server parameters by name, as the command setParameter takes their values.

    It makes no difference whether the configuration or its file is asked.
    """
    tree = _whole_numbers(normalised(configuration))
    given = tree.get(PARAMETERS, {})
    return {name: _from_text(value) for name, value in given.items()}


def without_set_parameter_values(configuration: Tree) -> Mapping[str, Any]:
    """Return the configuration with the names of its server parameters, but not their values.

    What differs in it needs a restart for certain; a parameter can often be set without one.
    """
    tree = _whole_numbers(normalised(configuration))
    names = dict.fromkeys(set_parameters(configuration))
    return {**tree, PARAMETERS: names} if names else tree


def _json(value: object) -> str:
    """Write one text for equal values; YAML reads no pairs of escapes, so none is made."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(", ", ": "))


def _as_text(value: object) -> object:
    return _json(value) if isinstance(value, Mapping | list | tuple) else value


def _from_text(value: object) -> object:
    """Read the text of a map or list; any other value stands for itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _whole_numbers(value: Any) -> Any:
    """Write 1e3 and 1000.0 as 1000: mongod reads no other form of a whole number."""
    if isinstance(value, Mapping):
        return {key: _whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_numbers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
