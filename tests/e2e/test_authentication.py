"""From the first second on, nothing is to be had from a member without a password."""

import threading
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from e2e.sets import ReplicaSet

FORBIDDEN: tuple[dict[str, Any], ...] = (
    {"find": "things"},
    {"insert": "things", "documents": [{"by": "anybody"}]},
    {"listCollections": 1},
    {"replSetInitiate": {}},
    {"replSetGetStatus": 1},
    {"createUser": "intruder", "pwd": "x", "roles": ["root"]},
    {"shutdown": 1},
)
NEEDS_LOGIN = {13, 18}


class Intruder(threading.Thread):
    """Tries everything on every member, without a login, as soon as it has an address."""

    def __init__(self, replica_set: ReplicaSet) -> None:
        super().__init__(daemon=True)
        self._set = replica_set
        self._stop_now = threading.Event()
        self.refused = 0
        self.let_in: list[str] = []

    def run(self) -> None:
        while not self._stop_now.wait(0.1):
            for pod in self._set.pods():
                if ip := pod["status"].get("podIP"):
                    self.try_all(ip)

    def stop(self) -> None:
        self._stop_now.set()
        self.join(30)

    def try_all(self, ip: str) -> None:
        with MongoClient[dict[str, Any]](
            ip, 27017, directConnection=True, serverSelectionTimeoutMS=200
        ) as client:
            for command in FORBIDDEN:
                name = next(iter(command))
                try:
                    client.admin.command(command)
                except OperationFailure as failure:
                    if failure.code in NEEDS_LOGIN:
                        self.refused += 1
                    else:
                        self.let_in.append(f"{name}: code {failure.code}")
                except ConnectionFailure:
                    return
                else:
                    self.let_in.append(name)


def test_nobody_gets_in_without_a_password_from_the_first_second(replica_set: ReplicaSet) -> None:
    intruder = Intruder(replica_set)
    replica_set.apply(members=3)
    intruder.start()
    replica_set.await_ready()
    intruder.stop()
    assert intruder.let_in == []
    assert intruder.refused > len(FORBIDDEN), "members were asked, and refused"


def test_users_have_the_rights_they_need_and_no_more(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    host = replica_set.get("pod", "mongo-0")["status"]["podIP"]
    operator = replica_set.secret("operator")
    with MongoClient[dict[str, Any]](
        host, username="mongors", password=operator["clusterPassword"], directConnection=True
    ) as client:
        client.admin.command("replSetGetConfig")
        assert refuses(client, {"find": "things"}, "app")
        assert refuses(client, {"createUser": "x", "pwd": "x", "roles": []}, "app")
    with replica_set.application() as client:
        client.app.things.insert_one({})
        assert refuses(client, {"find": "things"}, "other")
        assert refuses(client, {"replSetGetStatus": 1}, "admin")


def test_no_secret_shows_where_it_should_not(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=1)
    replica_set.await_ready()
    values = [
        replica_set.secret("keyfile")["keyfile"],
        *(value for key, value in replica_set.secret("operator").items() if "assword" in key),
        replica_set.secret("connection")["password"],
    ]
    shown = [
        replica_set.run("get", "mrs,pods,statefulset,events", "-o", "yaml"),
        replica_set.run("logs", "mongo-0", "--all-containers"),
        replica_set.kubectl("logs", "-n", "mongors", "deployment/mongors").stdout,
    ]
    assert all(shown)
    assert not [value for value in values for text in shown if value in text]


def refuses(client: MongoClient[dict[str, Any]], command: dict[str, Any], database: str) -> bool:
    """Tell whether a command is refused for want of rights."""
    try:
        client[database].command(command)
    except OperationFailure as failure:
        return failure.code == 13
    return False
