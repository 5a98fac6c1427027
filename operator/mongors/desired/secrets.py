"""The three Secrets: the members' key, the operator's users, the application's connection.

Values are generated elsewhere; here they are only arranged, and never shown.
"""

import base64
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from mongors.api.monitoring import Monitoring
from mongors.desired.manifest import Manifest, manifest
from mongors.desired.names import PORT, Names

Data = Mapping[str, str]
"""A Secret's content: base64 text by key, as on the wire."""

APP_USER = "app"
APP_DATABASE = "app"
CLUSTER_USER = "mongors"
USERS_USER = "mongors-users"
CANARY_USER = "mongors-canary"
CANARY_DATABASE = "mongors"
EXPORTER_USER = "mongors-exporter"


EXPORTER_PASSWORD = "exporterPassword"  # noqa: S105 - the key that it stands under
"""The key of the operator's Secret from which the exporter has its password."""


class SecretKind(StrEnum):
    """What a generated Secret is for."""

    KEYFILE = "keyfile"
    OPERATOR = "operator"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Account:
    """A database user that the operator keeps: its name, roles, and where its password is."""

    user: str
    secret: SecretKind
    key: str
    roles: tuple[tuple[str, str], ...]
    """Pairs of role and database."""
    derives: bool = False
    """Whether its password is derived from the value of the key, and not the value itself."""

    def password(self, data: Data) -> str | None:
        """Its password, or None where the Secret does not hold it."""
        value = decoded(data, self.key)
        if value is None or not self.derives:
            return value
        return hmac.new(value.encode(), self.user.encode(), "sha256").hexdigest()


ACCOUNTS = (
    Account(
        CLUSTER_USER,
        SecretKind.OPERATOR,
        "clusterPassword",
        (("clusterManager", "admin"), ("clusterMonitor", "admin"), ("hostManager", "admin")),
    ),
    Account(USERS_USER, SecretKind.OPERATOR, "usersPassword", (("userAdminAnyDatabase", "admin"),)),
    Account(
        APP_USER,
        SecretKind.CONNECTION,
        "password",
        (("readWrite", APP_DATABASE), ("dbAdmin", APP_DATABASE)),
    ),
)
"""Least privilege: daily work reads no database of an application, and user work has its own login.

What `clusterMonitor` may see of the database `local`, the oplog among it, is MongoDB's definition.
"""

CANARY = Account(
    CANARY_USER,
    SecretKind.OPERATOR,
    "usersPassword",
    (("readWrite", CANARY_DATABASE),),
    derives=True,
)
EXPORTER = Account(
    EXPORTER_USER,
    SecretKind.OPERATOR,
    "usersPassword",
    (("clusterMonitor", "admin"),),
    derives=True,
)
OPTIONAL = (CANARY, EXPORTER)
"""Made for those sets alone that want them; they need no Secret more."""


def wanted_of_optional(monitoring: Monitoring) -> tuple[Account, ...]:
    """Those of the optional accounts that a set is to have, in their order."""
    wanted = {CANARY: monitoring.canary.enabled, EXPORTER: monitoring.exporter.enabled}
    return tuple(account for account in OPTIONAL if wanted[account])


GENERATED: Mapping[SecretKind, tuple[str, ...]] = {
    SecretKind.KEYFILE: ("keyfile",),
    SecretKind.OPERATOR: ("clusterPassword", "usersPassword"),
    SecretKind.CONNECTION: ("password",),
}
"""The keys whose values are random."""


def secret_name(names: Names, kind: SecretKind) -> str:
    """The name of one of the set's Secrets."""
    return {
        SecretKind.KEYFILE: names.keyfile,
        SecretKind.OPERATOR: names.operator,
        SecretKind.CONNECTION: names.connection,
    }[kind]


def encoded(text: str) -> str:
    """Text as a Secret holds it."""
    return base64.b64encode(text.encode()).decode()


def decoded(data: Data, key: str) -> str | None:
    """A value of a Secret, or None where it is missing, empty or no text."""
    try:
        return base64.b64decode(data.get(key) or "").decode() or None
    except ValueError:
        return None


def secret(kind: SecretKind, metadata: dict[str, Any], names: Names, data: Data) -> Manifest:
    """A Secret's manifest with the given content."""
    kinds = {SecretKind.CONNECTION: "servicebinding.io/mongodb"}
    body = {"type": kinds.get(kind, "Opaque"), "data": dict(data)}
    return manifest("v1", "Secret", {**metadata, "name": secret_name(names, kind)}, body)


def keyfile_data(random: Data, held: Iterable[str]) -> dict[str, str]:
    """The members' key, and the names of the pods that must not start on the data they have."""
    names = "".join(f"{pod}\n" for pod in sorted(held))
    return {"keyfile": random["keyfile"], "held": encoded(names)}


def key_digest(random: Data, uid: str) -> str:
    """A digest of the members' key, to see that it changed; nothing can be learnt from it."""
    return digest_of_secret("".join((decoded(random, "keyfile") or "").split()), uid)


def digest_of_secret(secret: str, uid: str) -> str:
    """A digest that shows that a secret changed, and to nobody what it is or who else has it."""
    return hmac.new(secret.encode(), uid.encode(), "sha256").hexdigest()[:16]


def operator_data(random: Data, monitoring: Monitoring) -> dict[str, str]:
    """The operator's users beside their generated passwords, and the exporter's if there is one."""
    data = {
        "clusterUsername": encoded(CLUSTER_USER),
        "usersUsername": encoded(USERS_USER),
        **{key: random[key] for key in GENERATED[SecretKind.OPERATOR]},
    }
    password = EXPORTER.password(random)
    if monitoring.exporter.enabled and password is not None:
        data[EXPORTER_PASSWORD] = encoded(password)
    return data


def connection_data(
    names: Names, replica_set: str, members: tuple[str, ...], random: Data
) -> dict[str, str]:
    """What an application needs to connect, in the keys of the Service Binding specification."""
    password = quote(decoded(random, "password") or "", safe="")
    login = f"{APP_USER}:{password}"
    options = f"replicaSet={replica_set}&authSource=admin"
    uri = f"mongodb://{login}@{','.join(members)}/{APP_DATABASE}?{options}"
    srv = f"mongodb+srv://{login}@{names.domain}/{APP_DATABASE}?{options}&tls=false"
    texts = {
        "type": "mongodb",
        "provider": "mongors",
        "host": ",".join(member.rsplit(":", 1)[0] for member in members),
        "port": str(PORT),
        "uri": uri,
        "username": APP_USER,
        "database": APP_DATABASE,
        "connectionString.standard": uri,
        "connectionString.standardSrv": srv,
    }
    return {key: encoded(value) for key, value in texts.items()} | {"password": random["password"]}
