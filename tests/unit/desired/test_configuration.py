"""mongod.conf as a text, and what of it can be changed while a member runs."""

import json
from typing import Any

import pytest
import yaml

from mongors.desired.configuration import (
    mongod_conf,
    set_parameters,
    without_set_parameter_values,
)

NESTED: dict[str, Any] = {
    "net": {"compression": {"compressors": "zstd"}, "maxIncomingConnections": 500},
    "setParameter": {"ttlMonitorEnabled": False, "cursorTimeoutMillis": 60000},
}
DOTTED: dict[str, Any] = {
    "setParameter.cursorTimeoutMillis": 60000,
    "setParameter": {"ttlMonitorEnabled": False},
    "net.maxIncomingConnections": 500,
    "net": {"compression.compressors": "zstd"},
}
VERBOSITY = {"query": {"verbosity": 2}}


def test_equal_configurations_give_equal_files() -> None:
    turned = {key: NESTED[key] for key in reversed(NESTED)}

    assert mongod_conf(NESTED) == mongod_conf(turned) == mongod_conf(DOTTED)


def test_file_says_what_the_configuration_says() -> None:
    assert json.loads(mongod_conf(NESTED)) == NESTED
    assert mongod_conf({}) == "{}"


@pytest.mark.parametrize("text", ["zürich 🙂", 'a "quoted" one', "back\\slash", "tab\t", "yes", ""])
def test_file_is_yaml(text: str) -> None:
    tree = {"security": {"note": text, "on": True, "number": 7}}

    assert yaml.safe_load(mongod_conf(tree)) == tree


def test_maps_and_lists_are_given_to_parameters_as_text() -> None:
    """mongod refuses a map there: the value has to be a scalar."""
    tree = {"setParameter": {"logComponentVerbosity": VERBOSITY, "some": ["a", "b"]}}

    written = json.loads(mongod_conf(tree))["setParameter"]

    assert json.loads(written["logComponentVerbosity"]) == VERBOSITY
    assert json.loads(written["some"]) == ["a", "b"]


@pytest.mark.parametrize("number", [1000.0, 1000])
def test_whole_numbers_are_written_without_a_point(number: float) -> None:
    tree = {"operationProfiling": {"slowOpThresholdMs": number}, "setParameter": {"x": [number]}}

    assert mongod_conf(tree) == (
        '{"operationProfiling": {"slowOpThresholdMs": 1000}, "setParameter": {"x": "[1000]"}}'
    )
    assert set_parameters(tree) == {"x": [1000]}


def test_fractions_stay() -> None:
    tree = {"storage": {"wiredTiger": {"engineConfig": {"cacheSizeGB": 0.5}}}}

    assert '"cacheSizeGB": 0.5' in mongod_conf(tree)


@pytest.mark.parametrize("tree", [NESTED, DOTTED])
def test_parameters_are_found_however_they_are_written(tree: dict[str, Any]) -> None:
    assert set_parameters(tree) == {"ttlMonitorEnabled": False, "cursorTimeoutMillis": 60000}


def test_no_parameters_is_an_empty_map() -> None:
    assert set_parameters({}) == {}
    assert set_parameters({"net": {"maxIncomingConnections": 500}}) == {}
    assert set_parameters({"setParameter": {}}) == {}


@pytest.mark.parametrize(
    "value", [VERBOSITY, json.dumps(VERBOSITY), ["a"], "{not JSON", "text", 5, True, 0.5, "[1, 2]"]
)
def test_file_has_the_same_parameters_as_its_configuration(value: object) -> None:
    """What a pod carries is compared with what is wanted."""
    tree = {"setParameter": {"given": value}}

    assert set_parameters(json.loads(mongod_conf(tree))) == set_parameters(tree)


def test_map_as_text_is_read_as_a_map() -> None:
    tree = {"setParameter": {"logComponentVerbosity": json.dumps(VERBOSITY)}}

    assert set_parameters(tree) == {"logComponentVerbosity": VERBOSITY}


def test_name_of_a_parameter_may_have_dots() -> None:
    nested = {"setParameter": {"family.one": 1}}

    assert set_parameters(nested) == set_parameters({"setParameter.family.one": 1})
    assert json.loads(mongod_conf(nested)) == nested


def test_values_of_parameters_do_not_count_but_their_names_do() -> None:
    def left(**parameters: object) -> object:
        return without_set_parameter_values({**NESTED, "setParameter": parameters})

    assert left(a=1) == left(a=2) == {"net": NESTED["net"], "setParameter": {"a": None}}
    assert left(a=1) != left(a=1, b=1)
    assert without_set_parameter_values({"net.port": 1}) == {"net": {"port": 1}}


def test_configuration_is_left_as_it_was() -> None:
    tree = json.loads(json.dumps(DOTTED))

    mongod_conf(tree)
    set_parameters(tree)
    without_set_parameter_values(tree)

    assert tree == DOTTED
