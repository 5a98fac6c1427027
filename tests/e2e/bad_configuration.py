"""Wrong mongod.conf: what the operator owns, and what is none."""

from typing import Any

from e2e.wrong import UNKNOWN, BadInput, edited


def _owned(name: str, value: Any) -> BadInput:
    """An option that is refused by name; it is written nested, as the API server sees it."""
    tree = edited({}, name, value)
    return BadInput("B79", "spec.configuration", tree, f"{name} cannot be set: ")


CONFIGURATION = (
    _owned("storage.dbPath", "/somewhere"),
    _owned("storage.repairPath", "/tmp"),
    _owned("storage.engine", "inMemory"),
    _owned("storage.inMemory", {"engineConfig": {"inMemorySizeGB": 1}}),
    _owned("storage.journal", {"enabled": False}),
    _owned("storage.syncPeriodSecs", 0),
    _owned("storage.directoryPerDB", True),
    _owned("storage.queryableBackupMode", True),
    _owned("storage.wiredTiger.engineConfig.directoryForIndexes", True),
    _owned("storage.wiredTiger.engineConfig.configString", "log=(enabled=false)"),
    _owned("net.port", 27018),
    _owned("net.bindIp", "127.0.0.1"),
    _owned("net.bindIpAll", False),
    _owned("net.ipv6", True),
    _owned("net.unixDomainSocket", {"enabled": False}),
    _owned("net.tls", {"mode": "requireTLS"}),
    _owned("net.ssl", {"mode": "requireSSL"}),
    _owned("replication.replSetName", "rs1"),
    _owned("replication.replSet", "rs1"),
    _owned("replication.serverless", "rs1"),
    _owned("replication.enableMajorityReadConcern", False),
    _owned("security.keyFile", "/tmp/key"),
    _owned("security.clusterAuthMode", "x509"),
    _owned("security.authorization", "disabled"),
    _owned("security.transitionToAuth", True),
    _owned("security.clusterIpSourceAllowlist", ["10.0.0.0/8"]),
    _owned("security.clusterIpSourceWhitelist", ["10.0.0.0/8"]),
    _owned("security.enableEncryption", True),
    _owned("systemLog.destination", "file"),
    _owned("systemLog.path", "/data/db/log"),
    _owned("systemLog.logAppend", True),
    _owned("systemLog.logRotate", "reopen"),
    _owned("systemLog.syslogFacility", "user"),
    _owned("sharding", {"clusterRole": "shardsvr"}),
    _owned("sharding", {}),
    _owned("processManagement", {"fork": True}),
    _owned("setParameter.enableLocalhostAuthBypass", True),
    _owned("setParameter.authenticationMechanisms", "PLAIN"),
    _owned("setParameter.clusterAuthMode", "x509"),
    _owned("setParameter.tlsMode", "requireTLS"),
    _owned("setParameter.sslMode", "requireSSL"),
    _owned("setParameter.requireApiVersion", True),
    _owned("setParameter.shutdownTimeoutMillisForSignaledShutdown", 15000),
    _owned("setParameter.featureCompatibilityVersion", "5.0"),
    _owned("setParameter.defaultStartupFCV", "5.0"),
    _owned("setParameter.syncdelay", 0),
    _owned("setParameter.enableTestCommands", True),
    _owned("setParameter.takeUnstableCheckpointOnShutdown", True),
    _owned("setParameter.recoverFromOplogAsStandalone", True),
    _owned("setParameter.startupRecoveryForRestore", True),
    BadInput(
        "B79",
        "spec.configuration",
        {"setParameters": {"ttlMonitorEnabled": True}},
        UNKNOWN,
        "is not a section of mongod.conf",
    ),
    BadInput("B79", "spec.configuration", {"net.port": 1}, UNKNOWN, "net.port cannot be set"),
    BadInput(
        "B79", "spec.configuration", {"net": 27018}, "must be of type object", "must be a map"
    ),
    BadInput("B79", "spec.configuration", "net: {}", "must be of type object", "must be a map"),
)
