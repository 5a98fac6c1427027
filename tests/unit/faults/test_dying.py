"""Which calls count when an operator is to die at one."""

import signal

import pytest

from faults.dying import Frost, changes_something


@pytest.mark.parametrize(
    "call",
    [
        "patch pods/status mongo-0 in default",
        "create secrets mongo-keyfile in default",
        "create pods/eviction mongo-0 in default",
        "delete pods mongo-0 in default",
        "create events.events.k8s.io mongo.1 in default",
        "replSetInitiate 10.0.0.7:27017",
        "replSetReconfig 10.0.0.7:27017",
        "replSetStepUp 10.0.0.7:27017",
        "replSetStepDown 10.0.0.7:27017",
        "replSetFreeze 10.0.0.7:27017",
        "createUser 10.0.0.7:27017",
        "updateUser 10.0.0.7:27017",
        "setParameter 10.0.0.7:27017",
        "setDefaultRWConcern 10.0.0.7:27017",
    ],
)
def test_what_changes_something_counts(call: str) -> None:
    assert changes_something(call)


@pytest.mark.parametrize(
    "call",
    [
        "get secrets mongo-keyfile in default",
        "create selfsubjectaccessreviews.authorization.k8s.io ",
        "update leases.coordination.k8s.io mongors in default",
        "hello 10.0.0.7:27017",
        "replSetGetConfig 10.0.0.7:27017",
        "usersInfo 10.0.0.7:27017",
    ],
)
def test_what_only_asks_and_the_lease_do_not(call: str) -> None:
    assert not changes_something(call)


def test_it_freezes_before_the_first_call_of_a_kind_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("os.kill", lambda _, number: told.append(signal.Signals(number).name))
    frost = Frost("replSetStepDown")
    for call in ("create pods/eviction mongo-2 in a", *["replSetStepDown 10.0.0.7:27017"] * 2):
        with frost(call):
            told.append(call.split()[0])
    assert told == ["create", "SIGSTOP", "replSetStepDown", "replSetStepDown"]
