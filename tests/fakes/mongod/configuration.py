"""Replica-set configurations as servers keep them, and what makes them refuse one. Pure."""

from typing import Any

from fakes.mongod.refusals import Code, Refusal

Document = dict[str, Any]

_MEMBER: Document = {
    "arbiterOnly": False,
    "buildIndexes": True,
    "hidden": False,
    "priority": 1,
    "tags": {},
    "secondaryDelaySecs": 0,
    "votes": 1,
}
_SETTINGS: Document = {
    "chainingAllowed": True,
    "heartbeatIntervalMillis": 2000,
    "heartbeatTimeoutSecs": 10,
    "electionTimeoutMillis": 10000,
    "catchUpTimeoutMillis": -1,
    "catchUpTakeoverDelayMillis": 30000,
    "getLastErrorModes": {},
    "getLastErrorDefaults": {"w": 1, "wtimeout": 0},
}
_MOST_VOTERS = 7


def completed(document: Document, *, version: int, term: int) -> Document:
    """The configuration with the defaults of what it leaves out."""
    return {
        **document,
        "version": version,
        "term": term,
        "members": [{**_MEMBER, **each} for each in document["members"]],
        "settings": {**_SETTINGS, **document.get("settings", {})},
    }


def is_voter(entry: Document) -> bool:
    """Whether a member has a vote."""
    return int(entry.get("votes", 1)) > 0


def is_new(entry: Document) -> bool:
    """Whether a voter does not count yet, because it has not synced."""
    return bool(entry.get("newlyAdded"))


def is_electable(entry: Document) -> bool:
    """Whether a member may become primary."""
    return is_voter(entry) and float(entry.get("priority", 1)) > 0


def problem_of(document: Document) -> str | None:
    """What is wrong with a configuration, whatever came before."""
    members = document.get("members") or []
    ids, hosts = [each["_id"] for each in members], [each["host"] for each in members]
    if not members:
        return "Replica set configuration must contain at least one member"
    if len(set(ids)) < len(ids) or len(set(hosts)) < len(hosts):
        return "Found two member configurations with the same id or host"
    if any(float(each.get("priority", 1)) > 0 and not is_voter(each) for each in members):
        return "priority must be 0 when non-voting (votes:0)"
    if sum(map(is_voter, members)) > _MOST_VOTERS:
        return f"Replica set configuration contains more than {_MOST_VOTERS} voting members"
    if not any(map(is_electable, members)):
        return "Replica set configuration must contain at least one non-arbiter with priority > 0"
    return None


def check_founding(document: Document, set_name: str) -> None:
    """Refuse to be initiated with a configuration that is none, or another set's."""
    problem = problem_of(document)
    if document.get("_id") != set_name:
        problem = f"Attempting to initiate a replica set with name {document.get('_id')}"
    if problem:
        raise Refusal(Code.INVALID_REPLICA_SET_CONFIG, problem)


def check_next(document: Document, live: Document, *, forced: bool) -> None:
    """Refuse a configuration that may not follow the live one."""
    unfit = Code.NEW_REPLICA_SET_CONFIGURATION_INCOMPATIBLE
    if problem := problem_of(document):
        raise Refusal(unfit if not forced else Code.INVALID_REPLICA_SET_CONFIG, problem)
    if document.get("_id") != live["_id"]:
        raise Refusal(unfit, "New and old configurations differ in the replica set name")
    if not forced and document["version"] <= live["version"]:
        said = f"New configuration version must be greater than old: {document['version']}"
        raise Refusal(unfit, said)
    mine = document.get("settings", {}).get("replicaSetId", live["settings"]["replicaSetId"])
    if mine != live["settings"]["replicaSetId"]:
        raise Refusal(unfit, "New and old configurations differ in replica set ID")
    hosts = {each["_id"]: each["host"] for each in live["members"]}
    ids = {host: each for each, host in hosts.items()}
    for each in document["members"]:
        if ids.get(each["host"], each["_id"]) != each["_id"]:
            raise Refusal(
                unfit, f"New and old configurations both have members with {each['host']}"
            )
    if not forced and len(_voters(document) ^ _voters(live)) > 1:
        said = "Non force replica set reconfig can only add or remove at most 1 voting member."
        raise Refusal(unfit, said)


def _voters(document: Document) -> set[int]:
    return {each["_id"] for each in document["members"] if is_voter(each)}
