"""The Secrets' content: arranged here, generated elsewhere."""

import pytest

from mongors.api.monitoring import Monitoring
from mongors.desired.names import Names
from mongors.desired.secrets import (
    ACCOUNTS,
    CANARY,
    EXPORTER,
    GENERATED,
    OPTIONAL,
    Account,
    SecretKind,
    connection_data,
    decoded,
    digest_of_secret,
    encoded,
    operator_data,
    wanted_of_optional,
)
from unit.builders import secrets_of, wanted

NAMES = Names("shop", "mongo")


def monitoring(**enabled: bool) -> Monitoring:
    """What is asked for, by name."""
    return Monitoring.model_validate({name: {"enabled": on} for name, on in enabled.items()})


def texts(data: dict[str, str]) -> dict[str, str | None]:
    """The values as people read them."""
    return {key: decoded(data, key) for key in data}


def test_the_connection_has_the_keys_of_a_service_binding() -> None:
    random = {"password": encoded("p@ss/word")}
    hosts = (NAMES.host(0), NAMES.host(1))
    data = texts(connection_data(NAMES, "rs0", hosts, random))
    login = "app:p%40ss%2Fword"
    uri = f"mongodb://{login}@{','.join(hosts)}/app?replicaSet=rs0&authSource=admin"
    assert data == {
        "type": "mongodb",
        "provider": "mongors",
        "host": "mongo-0.mongo.shop.svc.cluster.local,mongo-1.mongo.shop.svc.cluster.local",
        "port": "27017",
        "uri": uri,
        "username": "app",
        "password": "p@ss/word",
        "database": "app",
        "connectionString.standard": uri,
        "connectionString.standardSrv": (
            f"mongodb+srv://{login}@mongo.shop.svc.cluster.local/app"
            "?replicaSet=rs0&authSource=admin&tls=false"
        ),
    }


def test_the_operator_s_users_stand_beside_their_passwords() -> None:
    random = {key: encoded(key) for key in GENERATED[SecretKind.OPERATOR]}
    plain = texts(operator_data(random, Monitoring()))
    assert plain == {
        "clusterUsername": "mongors",
        "clusterPassword": "clusterPassword",
        "usersUsername": "mongors-users",
        "usersPassword": "usersPassword",
    }
    exported = texts(operator_data(random, monitoring(exporter=True)))
    assert exported == plain | {"exporterPassword": EXPORTER.password(random)}


def test_from_the_exporters_password_nobody_learns_another() -> None:
    random = {key: encoded(key) for key in GENERATED[SecretKind.OPERATOR]}
    derived = {account.password(random) for account in OPTIONAL}
    assert len(derived) == len(OPTIONAL)
    assert not derived & {"usersPassword", "clusterPassword"}
    password = str(EXPORTER.password(random))
    digest = digest_of_secret(password, "uid")
    assert digest != digest_of_secret(password, "other"), "sets that share one do not show it"
    assert digest not in password


def test_values_that_are_missing_empty_or_no_text_are_none() -> None:
    assert decoded({"a": "/w=="}, "a") is None
    assert decoded({"a": "x"}, "a") is None
    assert decoded({}, "a") is None
    assert decoded({"a": ""}, "a") is None
    assert decoded({"a": encoded("x")}, "a") == "x"


def test_no_account_may_do_more_than_its_work() -> None:
    known = (*ACCOUNTS, *OPTIONAL)
    roles = {account.user: {role for role, _ in account.roles} for account in known}
    assert roles == {
        "mongors": {"clusterManager", "clusterMonitor", "hostManager"},
        "mongors-users": {"userAdminAnyDatabase"},
        "app": {"readWrite", "dbAdmin"},
        "mongors-canary": {"readWrite"},
        "mongors-exporter": {"clusterMonitor"},
    }
    assert CANARY.roles == (("readWrite", "mongors"),), "not where applications write"


@pytest.mark.parametrize(
    ("canary", "exporter", "optional"),
    [
        (False, False, ()),
        (True, False, (CANARY,)),
        (False, True, (EXPORTER,)),
        (True, True, (CANARY, EXPORTER)),
    ],
)
def test_optional_users_are_made_for_those_who_ask(
    canary: bool, exporter: bool, optional: tuple[Account, ...]
) -> None:
    assert wanted_of_optional(monitoring(canary=canary, exporter=exporter)) == optional


def test_each_secret_has_its_name_and_type() -> None:
    kinds = {each["metadata"]["name"]: each["type"] for each in secrets_of(wanted(3))}
    assert kinds == {
        "mongo-keyfile": "Opaque",
        "mongo-operator": "Opaque",
        "mongo-connection": "servicebinding.io/mongodb",
    }


def test_secrets_are_owned_only_when_they_go_with_the_set() -> None:
    """Rule 43: kept volumes without their keys are lost volumes."""
    assert all("ownerReferences" not in each["metadata"] for each in secrets_of(wanted(3)))
    gone = secrets_of(wanted(3, deletionPolicy="Delete"))
    assert all(each["metadata"]["ownerReferences"][0]["uid"] == "uid-set" for each in gone)
