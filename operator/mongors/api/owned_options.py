"""Options of mongod.conf that a set cannot have: the operator owns them, or they endanger it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mongors.api.rules import VALIDATIONS
from mongors.api.tree import Path

SECTIONS = (
    "auditLog",
    "net",
    "operationProfiling",
    "replication",
    "security",
    "setParameter",
    "storage",
    "systemLog",
)
"""The sections in which something may be set."""

_KINDS: dict[type, dict[str, Any]] = {
    str: {"type": "string", "maxLength": 4096},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    list: {"type": "array", "maxItems": 256, "items": {"type": "string", "maxLength": 256}},
    dict: {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}


@dataclass(frozen=True, slots=True)
class OwnedOption:
    """An option that is refused, with everything below it, unless it has a value that is fine."""

    name: str
    kind: type
    why: str
    cel: str = "false"
    allows: Callable[[object], bool] = lambda value: False

    @property
    def path(self) -> Path:
        """Return the names of the sections and of the option in them."""
        return tuple(self.name.split("."))

    @property
    def message(self) -> str:
        """Return what is told to whoever sets it."""
        return f"{self.name} cannot be set: {self.why}"

    def to_schema(self) -> dict[str, Any]:
        """Return the schema of a field that refuses a value."""
        return {
            **_KINDS[self.kind],
            "description": f"Refused: {self.why}.",
            VALIDATIONS: [{"rule": self.cel, "message": self.message}],
        }


_VOLUME = "the members' volumes are mounted where the operator says. Leave it out"
_ADDRESS = "members, Services and probes count on the one that the operator gives. Leave it out"
_NO_TLS = "encryption of connections is not supported yet. Leave it out"
_LOGIN = "the operator keeps authentication on, with the set's own keyFile. Leave it out"
_LOG = "the log goes to the container's output, where kubectl logs reads it. Leave it out"
_NAME = "the name of the set is spec.replicaSetName. Set that instead"
_ON_DISK = "mongod refuses to start over data that were written with another value. Leave it out"
_DURABLE = "without the journal a crash loses acknowledged writes. Leave it out"
_CHECKPOINTS = "without regular checkpoints a restart takes hours. Leave it out"
_STANDALONE = "it is for a server outside of a set, and a member would not start. Leave it out"
_TESTS = "it is for tests of the server and endangers what is stored. Leave it out"

OWNED = (
    OwnedOption("storage.dbPath", str, _VOLUME),
    OwnedOption("storage.repairPath", str, _VOLUME),
    OwnedOption(
        "storage.engine",
        str,
        "members store their data with wiredTiger. Leave it out",
        cel="self == 'wiredTiger'",
        allows=lambda value: value == "wiredTiger",
    ),
    OwnedOption("storage.inMemory", dict, "members keep their data on volumes. Leave it out"),
    OwnedOption("storage.journal", dict, _DURABLE),
    OwnedOption("storage.syncPeriodSecs", int, _CHECKPOINTS),
    OwnedOption("storage.directoryPerDB", bool, _ON_DISK),
    OwnedOption("storage.queryableBackupMode", bool, _STANDALONE),
    OwnedOption("storage.wiredTiger.engineConfig.directoryForIndexes", bool, _ON_DISK),
    OwnedOption(
        "storage.wiredTiger.engineConfig.configString",
        str,
        "it could switch the journal off. Use setParameter.wiredTigerEngineRuntimeConfig",
    ),
    OwnedOption("net.port", int, _ADDRESS),
    OwnedOption("net.bindIp", str, _ADDRESS),
    OwnedOption("net.bindIpAll", bool, _ADDRESS),
    OwnedOption("net.ipv6", bool, _ADDRESS),
    OwnedOption("net.unixDomainSocket", dict, _ADDRESS),
    OwnedOption("net.tls", dict, _NO_TLS),
    OwnedOption("net.ssl", dict, _NO_TLS),
    OwnedOption("replication.replSetName", str, _NAME),
    OwnedOption("replication.replSet", str, _NAME),
    OwnedOption("replication.serverless", str, _NAME),
    OwnedOption(
        "replication.enableMajorityReadConcern",
        bool,
        "majority reads and safe elections need it on, as it is. Leave it out",
        cel="self == true",
        allows=lambda value: value is True,
    ),
    OwnedOption("security.keyFile", str, _LOGIN),
    OwnedOption("security.clusterAuthMode", str, _LOGIN),
    OwnedOption("security.authorization", str, _LOGIN),
    OwnedOption("security.transitionToAuth", bool, _LOGIN),
    OwnedOption(
        "security.clusterIpSourceAllowlist",
        list,
        "the addresses of members change, and they would lock each other out. Use a NetworkPolicy",
    ),
    OwnedOption(
        "security.clusterIpSourceWhitelist",
        list,
        "the addresses of members change, and they would lock each other out. Use a NetworkPolicy",
    ),
    OwnedOption(
        "security.enableEncryption",
        bool,
        "keys for encrypted data are not supported yet. Use volumes that are encrypted",
    ),
    OwnedOption("systemLog.destination", str, _LOG),
    OwnedOption("systemLog.path", str, _LOG),
    OwnedOption("systemLog.logAppend", bool, _LOG),
    OwnedOption("systemLog.logRotate", str, _LOG),
    OwnedOption("systemLog.syslogFacility", str, _LOG),
    OwnedOption("sharding", dict, "members of sharded clusters are not supported. Leave it out"),
    OwnedOption(
        "processManagement", dict, "the container runs mongod in the foreground. Leave it out"
    ),
    OwnedOption("setParameter.enableLocalhostAuthBypass", bool, _LOGIN),
    OwnedOption("setParameter.authenticationMechanisms", str, _LOGIN),
    OwnedOption("setParameter.clusterAuthMode", str, _LOGIN),
    OwnedOption("setParameter.tlsMode", str, _NO_TLS),
    OwnedOption("setParameter.sslMode", str, _NO_TLS),
    OwnedOption(
        "setParameter.requireApiVersion",
        bool,
        "the operator's own commands name no API version and would be refused. Leave it out",
    ),
    OwnedOption(
        "setParameter.shutdownTimeoutMillisForSignaledShutdown",
        int,
        "the operator sets it, so that restarts are quick. Leave it out",
    ),
    OwnedOption(
        "setParameter.featureCompatibilityVersion",
        str,
        "it is no parameter to set but follows the data and spec.version. Leave it out",
    ),
    OwnedOption(
        "setParameter.defaultStartupFCV",
        str,
        "the format of the data follows spec.version. Leave it out",
    ),
    OwnedOption("setParameter.syncdelay", int, _CHECKPOINTS),
    OwnedOption("setParameter.enableTestCommands", bool, _TESTS),
    OwnedOption("setParameter.takeUnstableCheckpointOnShutdown", bool, _TESTS),
    OwnedOption("setParameter.recoverFromOplogAsStandalone", bool, _STANDALONE),
    OwnedOption("setParameter.startupRecoveryForRestore", bool, _STANDALONE),
)
