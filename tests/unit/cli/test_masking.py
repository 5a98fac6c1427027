"""Secrets planted everywhere: none is left, in whatever form, and what is no secret stays."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from mongors.api.monitoring import Monitoring
from mongors.cli.masking import MASK, Mask, forms, is_secret_name, secrets_in
from mongors.desired.names import Names
from mongors.desired.secrets import EXPORTER, connection_data, encoded, operator_data

PASSWORD = "s3cr3t/with+odd=signs\"and'more"
KEY = "abcDEF0123456789+/abcDEF0123456789\nabcDEF9876543210+/abcDEF9876543210"


def as_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def mask() -> Mask:
    secret = {"data": {"password": as_base64(PASSWORD), "keyfile": as_base64(KEY)}}
    return Mask.of(secrets_in(secret))


WRITTEN = {
    "plain": PASSWORD,
    "escaped": json.dumps({"said": PASSWORD}),
    "in an address": f"mongodb://app:{quote(PASSWORD, safe='')}@mongo-0:27017/app",
    "in base64": as_base64(PASSWORD),
    "in base64 behind something": as_base64(f"app:{PASSWORD}"),
    "in base64 behind something else": as_base64(f"user:{PASSWORD} and more"),
    "a line of the key": KEY.split("\n")[1],
    "the whole key": KEY,
    "the key on one line": KEY.replace("\n", ""),
    "the key in base64": as_base64(KEY),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_known_secret_is_found_in_every_form(mask: Mask, text: str) -> None:
    masked = mask.text(f"before {text} after")
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    for each in forms([PASSWORD, KEY]):
        assert each not in masked


LOOKALIKES = {
    "a login in an address": ("mongodb://app:hunter2secret@mongo-0/x", "hunter2secret"),
    "a login with srv": ("mongodb+srv://me:hunter2secret@mongo/x", "hunter2secret"),
    "a bearer token": ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
    "a web token": ("got eyJhbGciOi.eyJzdWIiOjEy.abcDEF-123_x", "eyJzdWIiOjEy"),
    "a password in a log": ('{"attr":{"password":"hunter2secret"}}', "hunter2secret"),
    "a password in arguments": ("mongosh --password=hunter2secret --x", "hunter2secret"),
    "a private key": (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAA\n-----END RSA PRIVATE KEY-----",
        "MIIEow",
    ),
}


@pytest.mark.parametrize(("text", "secret"), LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_looks_like_a_secret_is_hidden_unknown(text: str, secret: str) -> None:
    masked = Mask().text(text)
    assert secret not in masked
    assert MASK in masked


def planted() -> dict[str, Any]:
    """Secrets in all places of a list of objects where somebody may have put one."""
    return {
        "items": [
            {
                "kind": "Secret",
                "metadata": {
                    "name": "mongo-connection",
                    "annotations": {
                        "kubectl.kubernetes.io/last-applied-configuration": "cGxhbnRlZDE="
                    },
                },
                "data": {"password": "cGxhbnRlZDE=", "other": "cGxhbnRlZDI="},
                "stringData": {"more": "planted3"},
            },
            {
                "kind": "Pod",
                "metadata": {"annotations": {"note": "mongodb://a:planted4@h/x"}},
                "spec": {
                    "containers": [
                        {
                            "env": [
                                {"name": "DB_PASSWORD", "value": "planted5"},
                                {"name": "API_TOKEN", "value": "planted6"},
                                {"name": "LEVEL", "value": "debug"},
                            ],
                            "args": ["--password=planted7", "--port=27017"],
                        }
                    ],
                    "volumes": [{"secret": {"secretName": "mongo-keyfile"}}],
                    "automountServiceAccountToken": False,
                },
            },
            {"kind": "MongoReplicaSet", "spec": {"configuration": {"clientSecret": "planted8"}}},
        ]
    }


def test_no_secret_is_left_in_objects() -> None:
    masked = Mask().of_object(planted())
    text = json.dumps(masked)
    assert "planted" not in text
    assert "cGxhbnRlZ" not in text
    secret, pod, _ = masked["items"]
    assert secret["data"] == {"password": MASK, "other": MASK}
    assert pod["spec"]["containers"][0]["env"][2]["value"] == "debug"
    assert pod["spec"]["containers"][0]["args"][1] == "--port=27017"
    assert pod["spec"]["volumes"][0]["secret"]["secretName"] == "mongo-keyfile"
    assert pod["spec"]["automountServiceAccountToken"] is False


def test_what_everybody_knows_stays_readable() -> None:
    """Host names, users and databases stand in the same Secrets; texts without them say nothing."""
    names = Names("default", "mongo")
    password = {"password": encoded("a-long-password")}
    random = {
        "clusterPassword": encoded("cluster-password"),
        "usersPassword": encoded("users-pw-1"),
    }
    host = names.host(0)
    connection = {"data": connection_data(names, "rs0", (host,), password)}
    monitoring = Monitoring.model_validate({"exporter": {"enabled": True}})
    operator = {"data": operator_data(random, monitoring)}
    mask = Mask.of({*secrets_in(connection), *secrets_in(operator)})
    derived = EXPORTER.password(random)
    said = f"mongodb at {host} as mongors-users: app a-long-password cluster-password users-pw-1"
    masked = f"mongodb at {host} as mongors-users: app {MASK} {MASK} {MASK}"
    assert mask.text(f"{said} {derived}") == f"{masked} {MASK}"


def test_bytes_that_are_no_text_are_known_by_their_base64() -> None:
    raw = base64.b64encode(bytes(range(128, 160))).decode()
    assert raw not in Mask.of(secrets_in({"data": {"key": raw}})).text(f"x {raw} y")


@pytest.mark.parametrize("name", ["password", "MONGO_PASSWORD", "api-token", "clientSecret", "pwd"])
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["secretName", "imagePullSecrets", "compass", "name", "key"])
def test_names_of_places_are_left(name: str) -> None:
    assert not is_secret_name(name)
