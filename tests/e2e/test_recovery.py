"""A lost majority: reported with the way out, and nothing forced but what a person confirmed."""

import re

import pytest

from e2e.faults import Faults, frozen
from e2e.sets import ReplicaSet, eventually
from e2e.writer import Writer

SURVIVOR = 1


@pytest.fixture(scope="module")
def stricken(replica_set_of_module: ReplicaSet) -> ReplicaSet:
    """A set whose other two members came back with empty volumes: nobody can be elected."""
    replica_set_of_module.apply(members=3)
    replica_set_of_module.await_ready()
    with Writer(replica_set_of_module) as writer:
        writer.await_more(20)
    for lost in {0, 1, 2} - {SURVIVOR}:
        name = f"{replica_set_of_module.name}-{lost}"
        replica_set_of_module.run("delete", "pvc", f"data-{name}", "--wait=false")
        replica_set_of_module.run("delete", "pod", name)
    return replica_set_of_module


def recover(replica_set: ReplicaSet, text: str) -> None:
    replica_set.run(
        "annotate", f"mrs/{replica_set.name}", "--overwrite", f"mongors.io/recover={text}"
    )


def offered(replica_set: ReplicaSet) -> str:
    """The annotation that the status asks for."""
    found = re.search(r"mongors\.io/recover=(\S+)", replica_set.status().get("plan") or "")
    return found[1] if found else ""


def test_it_says_who_is_left_and_what_to_confirm(stricken: ReplicaSet) -> None:
    lost = stricken.await_condition("MajorityHealthy", "False", "MajorityLost", 90)
    eventually(lambda: offered(stricken), 60, "the way out is told", stricken.explain)
    lost = stricken.condition("MajorityHealthy")
    assert f"mongo-{SURVIVOR} is up and has applied" in lost["message"]
    status = stricken.status()
    assert offered(stricken) == (
        f"{status['replicaSetId']}/mongo-{SURVIVOR}/{status['configVersion']}"
    )
    plan = status["plan"]
    assert "acknowledged ones among them" in plan


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda right: "yes", "it must name"),
        (lambda right: right.replace("/mongo-1/", "/mongo-0/"), "most advanced member is mongo-1"),
        (lambda right: right + "7", "configuration version"),
        (lambda right: "0" * 24 + right[24:], "replicaSetId"),
    ],
    ids=["not a confirmation", "another member", "another version", "another set"],
)
def test_what_does_not_fit_is_refused(stricken: ReplicaSet, change: object, said: str) -> None:
    right = offered(stricken)
    assert callable(change)
    recover(stricken, change(right))
    eventually(
        lambda: any(said in each["message"] for each in told(stricken)),
        30, "it is refused with its reason", stricken.explain,
    )  # fmt: skip
    assert stricken.rs_config(SURVIVOR)["version"] == int(right.rsplit("/", 1)[1])


def told(replica_set: ReplicaSet) -> list[dict[str, str]]:
    """All that is said about the recovery now."""
    conditions = replica_set.status().get("conditions", [])
    return [each for each in conditions if "recovery" in each["message"]]


def test_the_confirmed_recovery_goes_on_with_the_survivor(stricken: ReplicaSet) -> None:
    """Rule 29: one forced reconfig; the others' data are gone before they come back."""
    recover(stricken, offered(stricken))
    stricken.await_ready(120)
    loss = stricken.condition("DataLossPossible")
    assert loss["status"] == "True"
    assert f"mongo-{SURVIVOR} went on alone" in loss["message"]
    members = stricken.rs_config(SURVIVOR)["members"]
    assert {each["_id"] for each in members} == {SURVIVOR, 3, 4}
    with Writer(stricken) as writer:
        writer.await_more(20)
    writer.check_every_member()


def test_it_is_said_for_ever(stricken: ReplicaSet) -> None:
    stricken.scale(5)
    stricken.await_ready()
    assert stricken.condition("DataLossPossible")["status"] == "True"
    stricken.scale(3)
    stricken.await_ready()
    assert stricken.condition("DataLossPossible")["status"] == "True"


def test_nothing_is_forced_while_there_may_be_a_majority(
    replica_set: ReplicaSet, faults: Faults
) -> None:
    """Members that are only silent may run: the confirmation is refused while they do."""
    replica_set.apply(members=3)
    replica_set.await_ready()
    status = replica_set.status()
    right = f"{status['replicaSetId']}/mongo-0/{status['configVersion']}"
    recover(replica_set, right)
    eventually(
        lambda: any("there is a primary" in each["message"] for each in told(replica_set)),
        30, "refused while there is a primary", replica_set.explain,
    )  # fmt: skip
    with frozen(faults, replica_set, 1), frozen(faults, replica_set, 2):
        eventually(
            lambda: any("mongo-1 runs" in each["message"] for each in told(replica_set)),
            60, "refused while others may run", replica_set.explain,
        )  # fmt: skip
        assert replica_set.rs_config(0)["version"] == status["configVersion"]
    replica_set.run("annotate", f"mrs/{replica_set.name}", "mongors.io/recover-")
    replica_set.await_ready(90)
    assert "DataLossPossible" not in {each["type"] for each in replica_set.status()["conditions"]}
