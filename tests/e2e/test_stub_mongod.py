"""The stand-in for mongod and the real one, held to the same tests: what is refused, and how.

It needs no cluster: the real servers are processes beside the test, on loopback.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import NotPrimaryError, OperationFailure

from e2e.servers import Servers, real_servers, stub_servers
from e2e.sets import eventually

Client = MongoClient[dict[str, Any]]
Command = dict[str, Any]
ROLES = [{"role": role, "db": "admin"} for role in ("clusterManager", "clusterMonitor")]


@pytest.fixture(scope="module", params=["stub", "mongod"])
def servers(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Servers]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    with real_servers(folder) if request.param == "mongod" else stub_servers() as started:
        yield started


@contextmanager
def client(servers: Servers, member: int, user: str = "__system") -> Iterator[Client]:
    source, password = ("local", servers.key) if user == "__system" else ("admin", "secret")
    host, port = servers.hosts[member].split(":")
    with MongoClient[Command](
        host, int(port), directConnection=True, username=user, password=password,
        authSource=source, authMechanism="SCRAM-SHA-256", serverMonitoringMode="poll",
        serverSelectionTimeoutMS=10000, retryReads=False,
    ) as opened:  # fmt: skip
        yield opened


def run(servers: Servers, member: int, command: Command, user: str = "__system") -> Command:
    with client(servers, member, user) as opened:
        return opened.admin.command(command)


def code_of(servers: Servers, member: int, command: Command, user: str = "__system") -> int | None:
    try:
        run(servers, member, command, user)
    except (OperationFailure, NotPrimaryError) as refused:
        details: Any = refused.details
    else:
        return None
    code: int | None = details.get("code")
    return code


def founding(servers: Servers, *more: str, name: str = "rs0") -> Command:
    hosts = (*servers.hosts, *more)
    members = [{"_id": number, "host": host} for number, host in enumerate(hosts)]
    return {"replSetInitiate": {"_id": name, "version": 1, "members": members}}


def live(servers: Servers, member: int = 0) -> Command:
    config: Command = run(servers, member, {"replSetGetConfig": 1})["config"]
    return config


def following(servers: Servers, **changes: Any) -> Command:
    config = live(servers)
    return {"replSetReconfig": {**config, "version": config["version"] + 1, **changes}}


def hello(servers: Servers, member: int) -> Command:
    host, port = servers.hosts[member].split(":")
    with MongoClient[Command](host, int(port), directConnection=True) as opened:
        return opened.admin.command("hello")


def test_before_initiation_nothing_is_known(servers: Servers) -> None:
    said = hello(servers, 0)
    assert not said["isWritablePrimary"]
    assert not said["secondary"]
    assert "setName" not in said
    assert code_of(servers, 0, {"replSetGetStatus": 1}) == 94
    assert code_of(servers, 0, {"replSetGetConfig": 1}) == 94


def test_a_founding_configuration_has_to_be_right(servers: Servers) -> None:
    assert code_of(servers, 0, founding(servers, name="other")) == 93
    assert code_of(servers, 0, founding(servers, servers.hosts[0])) == 93
    assert code_of(servers, 0, founding(servers, servers.nobody)) == 74


def test_a_set_is_initiated_once(servers: Servers) -> None:
    run(servers, 0, founding(servers))
    assert code_of(servers, 0, founding(servers)) == 23


def test_who_stands_for_election_becomes_primary_once_the_others_know(servers: Servers) -> None:
    codes: list[int | None] = []

    def elected() -> bool:
        try:
            run(servers, 0, {"replSetStepUp": 1})
        except OperationFailure as refused:
            codes.append(refused.code)
        return bool(hello(servers, 0)["isWritablePrimary"])

    eventually(elected, 20, "a primary")
    assert set(codes) <= {125}
    eventually(lambda: hello(servers, 1)["secondary"], 20, "a secondary")
    assert hello(servers, 0)["setVersion"] == live(servers)["version"]
    status = run(servers, 0, {"replSetGetStatus": 1})
    assert status["votingMembersCount"] == 3
    assert [each["name"] for each in status["members"] if each.get("self")] == [servers.hosts[0]]


def test_all_members_see_the_same_primary(servers: Servers) -> None:
    eventually(lambda: hello(servers, 2).get("primary") == servers.hosts[0], 20, "it is seen")


def test_users_are_made_on_the_primary_alone_and_once(servers: Servers) -> None:
    user = {"createUser": "daily", "pwd": "secret", "roles": ROLES}
    assert code_of(servers, 1, user) == 10107
    run(servers, 0, user)
    assert code_of(servers, 0, user) == 51003
    found = run(servers, 0, {"usersInfo": {"user": "daily", "db": "admin"}})
    assert [each["user"] for each in found["users"]] == ["daily"]


def test_a_user_does_what_its_roles_permit(servers: Servers) -> None:
    run(servers, 0, {"replSetGetStatus": 1}, "daily")
    assert code_of(servers, 0, {"usersInfo": {"user": "other", "db": "admin"}}, "daily") == 13
    assert code_of(servers, 0, {"replSetGetStatus": 1}, "nobody") == 18


def test_without_a_login_little_is_told(servers: Servers) -> None:
    host, port = servers.hosts[0].split(":")
    with MongoClient[Command](host, int(port), directConnection=True) as opened:
        assert opened.admin.command("buildInfo")["version"].startswith("6.0")
        with pytest.raises(OperationFailure) as refused:
            opened.admin.command("replSetGetStatus")
    assert refused.value.code == 13


def test_a_configuration_follows_the_live_one_or_is_refused(servers: Servers) -> None:
    config = live(servers)
    assert code_of(servers, 1, following(servers)) == 10107
    assert code_of(servers, 0, {"replSetReconfig": config}) == 103
    two_less = following(servers, members=config["members"][:1])
    assert code_of(servers, 0, two_less) == 103
    run(servers, 0, following(servers))
    assert live(servers)["version"] == config["version"] + 1


def test_only_the_primary_tells_whether_a_configuration_is_committed(servers: Servers) -> None:
    asked = {"replSetGetConfig": 1, "commitmentStatus": True}
    eventually(lambda: run(servers, 0, asked)["commitmentStatus"], 20, "it is committed")
    assert code_of(servers, 1, asked) == 10107


def test_server_parameters_are_read_and_set(servers: Servers) -> None:
    details = {"getParameter": {"showDetails": True}, "notablescan": 1}
    assert run(servers, 0, details)["notablescan"]["settableAtRuntime"]
    with pytest.raises(OperationFailure) as refused:
        run(servers, 0, {"getParameter": 1, "noSuchParameter": 1})
    assert refused.value.code is None, "the server gives none"
    run(servers, 0, {"setParameter": 1, "cursorTimeoutMillis": 500000})
    found = run(servers, 0, {"getParameter": 1, "cursorTimeoutMillis": 1})
    assert found["cursorTimeoutMillis"] == 500000
    with pytest.raises(OperationFailure) as kept:
        run(servers, 0, {"setParameter": 1, "enableLocalhostAuthBypass": True})
    assert kept.value.code is None, "nor here"
    fcv = run(servers, 0, {"getParameter": 1, "featureCompatibilityVersion": 1})
    assert fcv["featureCompatibilityVersion"]["version"] == "6.0"


def test_the_default_write_concern_is_the_primarys_to_set(servers: Servers) -> None:
    change = {"setDefaultRWConcern": 1, "defaultWriteConcern": {"w": "majority"}}
    assert code_of(servers, 1, change) == 10107
    run(servers, 0, change)
    concern = run(servers, 0, {"getDefaultRWConcern": 1})["defaultWriteConcern"]
    assert concern["w"] == "majority"


def test_a_primary_hands_over(servers: Servers) -> None:
    assert isinstance(hello(servers, 0)["electionId"], ObjectId), "it was elected, once"
    assert "electionId" not in hello(servers, 1)
    assert code_of(servers, 1, {"replSetStepDown": 20}) == 10107
    run(servers, 0, {"replSetStepDown": 20, "secondaryCatchUpPeriodSecs": 10})
    eventually(lambda: not hello(servers, 0)["isWritablePrimary"], 20, "it has stepped down")
