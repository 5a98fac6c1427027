"""Names: made in one place and taken apart in the same one."""

import pytest

from mongors.desired.labels import are_ours, common
from mongors.desired.names import Names

NAMES = Names("shop", "mongo", "cluster.example", "disk")


def test_names_are_those_that_users_read_of() -> None:
    assert NAMES.keyfile == "mongo-keyfile"
    assert NAMES.operator == "mongo-operator"
    assert NAMES.connection == "mongo-connection"
    assert (NAMES.primary, NAMES.read) == ("mongo-primary", "mongo-read")
    assert NAMES.pod(2) == "mongo-2"
    assert NAMES.claim(2) == "disk-mongo-2"


def test_a_host_is_a_stable_name_with_its_port() -> None:
    """Rule 7."""
    assert NAMES.host(2) == "mongo-2.mongo.shop.svc.cluster.example:27017"


def test_a_cluster_wide_name_tells_the_namespace() -> None:
    """Rule 88: two sets of one name in two namespaces share nothing."""
    assert NAMES.cluster_binding == "mongors:shop:mongo"
    assert Names("other", "mongo").cluster_binding != Names("shop", "mongo").cluster_binding


@pytest.mark.parametrize("ordinal", [0, 7, 10, 49])
def test_an_ordinal_is_read_back_from_each_name(ordinal: int) -> None:
    assert NAMES.ordinal_of_pod(NAMES.pod(ordinal)) == ordinal
    assert NAMES.ordinal_of_claim(NAMES.claim(ordinal)) == ordinal
    assert NAMES.ordinal_of_host(NAMES.host(ordinal)) == ordinal


@pytest.mark.parametrize(
    "pod",
    ["mongo", "mongo-", "mongo-x", "mongo-01", "mongo--1", "mongo-1-0", "a-mongo-1", "mongo2-1"],
)
def test_a_pod_of_another_name_has_no_ordinal(pod: str) -> None:
    """Rule 88."""
    assert NAMES.ordinal_of_pod(pod) is None


@pytest.mark.parametrize("claim", ["disk-mongo", "data-mongo-1", "mongo-1", "disk-mongo2-1"])
def test_a_claim_of_another_name_has_no_ordinal(claim: str) -> None:
    assert NAMES.ordinal_of_claim(claim) is None


@pytest.mark.parametrize(
    "host",
    [
        "mongo-1.mongo.other.svc.cluster.example:27017",
        "mongo-1.mongo.shop.svc.cluster.local:27017",
        "mongo-1.mongo.shop.svc.cluster.example:27018",
        "mongo-1.mongo2.shop.svc.cluster.example:27017",
        "mongo2-1.mongo.shop.svc.cluster.example:27017",
        "10.0.0.1:27017",
    ],
)
def test_a_host_of_another_set_has_no_ordinal(host: str) -> None:
    """Rule 88: neither of another namespace, nor of another domain, name or port."""
    assert NAMES.ordinal_of_host(host) is None


def test_dots_in_names_are_no_wildcards() -> None:
    assert Names("shop", "mongo", claim_template="a.b").ordinal_of_claim("axb-mongo-1") is None


def test_labels_tell_whose_an_object_is() -> None:
    assert are_ours({**common("mongo"), "more": "labels"}, "mongo")
    assert not are_ours(common("mongo2"), "mongo")
    assert not are_ours({}, "mongo")
