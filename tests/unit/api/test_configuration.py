"""mongod.conf in the spec: what only this program can see to be wrong, and what is fine."""

from typing import Any

import pytest

from e2e.bad_configuration import CONFIGURATION
from e2e.wrong import GOOD
from mongors.api.owned_options import OWNED
from mongors.api.spec import InvalidSpec, MongoReplicaSet
from mongors.api.tree import normalised


def parsed(tree: dict[str, Any]) -> dict[str, Any]:
    spec = GOOD["spec"] | {"configuration": tree}
    return MongoReplicaSet.parse(GOOD | {"spec": spec}).spec.configuration


def problem(tree: dict[str, Any]) -> str:
    with pytest.raises(InvalidSpec) as refused:
        parsed(tree)
    (told,) = refused.value.problems
    return told


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"net": {}},
        {"storage": {"engine": "wiredTiger"}},
        {"storage": {"wiredTiger": {"engineConfig": {"cacheSizeGB": 0.5}}}},
        {"storage.wiredTiger.engineConfig.journalCompressor": "zstd"},
        {"replication": {"oplogSizeMB": 990, "enableMajorityReadConcern": True}},
        {"net": {"compression": {"compressors": "zstd"}, "portable": True}},
        {"security": {"javascriptEnabled": False}},
        {"setParameter": {"disableJavaScriptJIT": True, "logComponentVerbosity": {"query": 1}}},
        {"setParameter.ttlMonitorEnabled": False},
        {"operationProfiling": {"mode": "slowOp"}, "auditLog": {"filter": "{}"}},
        {"systemLog": {"component": {"replication": {"verbosity": 1}}, "quiet": True}},
    ],
    ids=str,
)
def test_configuration_is_accepted_and_kept(tree: dict[str, Any]) -> None:
    assert parsed(tree) == tree


def test_every_owned_option_is_put_to_both_judges() -> None:
    tried = {bad.says for bad in CONFIGURATION}

    assert {f"{option.name} cannot be set: " for option in OWNED} <= tried


@pytest.mark.parametrize("option", OWNED, ids=[option.name for option in OWNED])
def test_owned_option_is_refused_with_dots_too(option: Any) -> None:
    """CEL sees declared fields only; mongod reads both forms."""
    section, _, rest = option.name.partition(".")

    trees = ({option.name: 7}, {section: {rest: 7}}) if rest else ({f"{section}.below": 7},)
    for tree in trees:
        assert problem(tree).endswith(f": {option.message}")


@pytest.mark.parametrize(
    "tree",
    [
        {"storage.journal.enabled": False},
        {"storage": {"journal.enabled": False}},
        {"net": {"tls.mode": "disabled"}},
        {"sharding.clusterRole": "shardsvr"},
        {"storage": {"wiredTiger.engineConfig": {"configString": "log=(enabled=false)"}}},
    ],
    ids=str,
)
def test_what_is_below_an_owned_option_is_refused(tree: dict[str, Any]) -> None:
    assert "cannot be set" in problem(tree)


@pytest.mark.parametrize("option", OWNED, ids=[option.name for option in OWNED])
def test_owned_option_says_what_to_do(option: Any) -> None:
    assert option.message.endswith((". Leave it out", ". Set that instead")) or ". Use " in (
        option.message
    )


def test_place_and_option_are_told() -> None:
    assert problem({"net": {"port": 27018}}).startswith(
        "spec.configuration.net.port: net.port cannot be set: members, Services and probes"
    )


@pytest.mark.parametrize(
    "tree",
    [
        {"net": {"maxIncomingConnections": 5}, "net.maxIncomingConnections": 6},
        {"net": {"compression": "none", "compression.compressors": "zstd"}},
        {"setParameter.a": 1, "setParameter": {"a": 1}},
    ],
    ids=str,
)
def test_option_is_written_once(tree: dict[str, Any]) -> None:
    """mongod refuses the file; which of the two would count is anybody's guess."""
    assert "is written twice" in problem(tree)


@pytest.mark.parametrize("key", ["__exec", "__rest"])
def test_values_from_elsewhere_are_refused_at_any_depth(key: str) -> None:
    source = {key: "https://example.com/secret", "type": "string"}

    for tree in (
        {"net": {"maxIncomingConnections": source}},
        {"setParameter": {"logComponentVerbosity": {"query": [source]}}},
        source,
    ):
        assert f"{key} cannot be used" in problem(tree)


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({"storage": {"oplogMinRetentionHours": None}}, "has no value"),
        ({"net": {"": 1}}, "a key is empty"),
        ({"net": {"compression.": 1}}, "a key is empty"),
        ({"storage": {"note": "x" * 16_384}}, "at most 16 KiB"),
        ({"storge": {"x": 1}}, "configuration.storge: is not a section of mongod.conf"),
        ({"storage": []}, "configuration.storage: must be a map"),
    ],
)
def test_form_is_checked(tree: dict[str, Any], says: str) -> None:
    assert says in problem(tree)


def test_bottomless_tree_is_refused_before_it_is_walked() -> None:
    tree: dict[str, Any] = {}
    for _ in range(900):
        tree = {"a": [tree]}

    assert "more than 16 levels deep" in problem({"net": tree})


def test_dots_and_order_make_no_difference() -> None:
    assert normalised({"b.c": 1, "a": {"y": 2, "x.z": []}}) == {
        "a": {"x": {"z": []}, "y": 2},
        "b": {"c": 1},
    }
    assert list(normalised({"b": 1, "a": 2})) == ["a", "b"]
