"""The digest of the pod template: it changes when a member has to be restarted, and only then."""

from typing import Any

import pytest

from mongors.desired import labels
from mongors.desired.desired import Desired
from mongors.desired.secrets import encoded, key_digest
from unit.builders import OLD_TEMPLATE, asking, wanted

PLAIN = wanted(3)


def annotations(desired: Desired) -> dict[str, str]:
    """The annotations of the pods that are made."""
    template = desired.statefulset(3, desired.claim_templates)["spec"]["template"]
    result: dict[str, str] = template["metadata"]["annotations"]
    return result


def test_pods_carry_the_digest_that_is_compared() -> None:
    assert annotations(PLAIN)[labels.TEMPLATE] == PLAIN.template
    assert PLAIN.template == wanted(3).template != OLD_TEMPLATE


@pytest.mark.parametrize(
    "spec",
    [
        {"version": "6.0.6"},
        {"image": "example.com/mongo:6"},
        {"resources": {"limits": {"memory": "1Gi"}}},
        {"podLabels": {"a": "b"}},
        {"podAnnotations": {"a": "b"}},
        {"nodeSelector": {"disk": "ssd"}},
        {"tolerations": [{"key": "db", "operator": "Exists"}]},
        {"priorityClassName": "high"},
        {"terminationGracePeriodSeconds": 90},
        {"configuration": {"net": {"maxIncomingConnections": 100}}},
    ],
)
def test_it_changes_with_what_needs_a_restart(spec: dict[str, Any]) -> None:
    assert wanted(3, **spec).template != PLAIN.template


@pytest.mark.parametrize(
    "spec",
    [
        {"configuration": {"setParameter": {"cursorTimeoutMillis": 5}}},
        {"settings": {"chainingAllowed": False}},
        {"memberOptions": [{"member": 1, "priority": 5}]},
        {"storage": {"size": "5Gi"}},
        {"deletionPolicy": "Delete"},
        {"paused": True},
    ],
)
def test_it_does_not_change_with_what_needs_none(spec: dict[str, Any]) -> None:
    assert wanted(3, **spec).template == PLAIN.template


def test_it_does_not_change_with_the_number_of_members() -> None:
    assert wanted(7).template == PLAIN.template


def test_parameters_stand_in_the_configuration_beside_it() -> None:
    """They hold from the next start on, whenever that is."""
    desired = wanted(3, configuration={"setParameter": {"cursorTimeoutMillis": 5}})
    assert '"cursorTimeoutMillis": 5' in annotations(desired)[labels.CONFIGURATION]
    assert annotations(desired)[labels.CONFIGURATION] == desired.configuration


def test_it_does_not_change_with_another_spelling() -> None:
    """Rule 28: nobody is restarted for the way in which a thing is written."""
    nested = wanted(3, configuration={"net": {"maxIncomingConnections": 100}})
    dotted = wanted(3, configuration={"net.maxIncomingConnections": 100.0})
    assert nested.template == dotted.template


def test_each_request_for_a_restart_changes_it() -> None:
    one, other = asking(PLAIN, restart="monday"), asking(PLAIN, restart="tuesday")
    assert len({PLAIN.template, one.template, other.template}) == 3
    assert annotations(one)[labels.RESTART] == "monday"
    assert asking(PLAIN, primary="mongo-1", resync="mongo-1/1").template == PLAIN.template


class TestKeyDigest:
    """By it a changed key is seen, and nothing else (rules 64 and 65)."""

    KEY = {"keyfile": encoded("secret-key")}  # noqa: RUF012

    def test_changes_with_the_key_and_the_set(self) -> None:
        other = {"keyfile": encoded("other-key")}
        assert key_digest(self.KEY, "uid") != key_digest(other, "uid")
        assert key_digest(self.KEY, "uid") != key_digest(self.KEY, "other-uid")

    def test_does_not_change_with_what_mongod_skips(self) -> None:
        """mongod reads a key without its white space."""
        wrapped = {"keyfile": encoded("secret\n-key \n")}
        assert key_digest(wrapped, "uid") == key_digest(self.KEY, "uid")

    def test_does_not_change_with_who_is_held(self) -> None:
        held = {**self.KEY, "held": encoded("mongo-1\n")}
        assert key_digest(held, "uid") == key_digest(self.KEY, "uid")

    def test_shows_nothing_of_the_key(self) -> None:
        digest = key_digest(self.KEY, "uid")
        assert len(digest) == 16
        assert "secret" not in digest
