"""What members are asked costs few connections, and leaves none behind."""

import pytest

from e2e.memberlog import entries, logs_of
from e2e.own import own_operator
from e2e.sets import ReplicaSet, eventually

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

CLIENT_METADATA = 51800
CONNECTION_ENDED = 22944
FOR_A_CHECK = 2
"""To each member: one by which the driver learns whom it talks to, and one for all questions."""


def told(replica_set: ReplicaSet, number: int) -> list[list[str]]:
    """By member, the connections that its log tells this of, if the operator opened them."""
    found = []
    for log in logs_of(replica_set):
        lines = list(entries(log))
        ours = {each["ctx"] for each in lines if each["id"] == CLIENT_METADATA and is_ours(each)}
        asked = [each for each in lines if each["id"] == number]
        found.append(sorted(each["ctx"] for each in asked if each["ctx"] in ours))
    return found


def is_ours(entry: dict[str, dict[str, dict[str, dict[str, str]]]]) -> bool:
    return entry["attr"]["doc"].get("application", {}).get("name") == "mongors"


def opened(replica_set: ReplicaSet) -> list[int]:
    return [len(each) for each in told(replica_set, CLIENT_METADATA)]


def test_a_whole_check_opens_two_connections_to_each_member_and_closes_them(
    replica_set: ReplicaSet,
) -> None:
    # So seldom that there is no check but the one that is asked for here.
    with own_operator(replica_set.namespace, MONGORS_REST_SECONDS="3600"):
        replica_set.apply(members=3)
        replica_set.await_ready()
        eventually(lambda: replica_set.unwritten_for(5), 60, "the set comes to rest")
        before = opened(replica_set)
        replica_set.run("annotate", "mrs", "mongo", "example.com/look=again")
        wanted = [each + FOR_A_CHECK for each in before]
        eventually(
            lambda: opened(replica_set) == wanted,
            20,
            f"{wanted} connections",
            lambda: f"{opened(replica_set)}",
        )
        eventually(
            lambda: told(replica_set, CLIENT_METADATA) == told(replica_set, CONNECTION_ENDED),
            20,
            "all are closed",
        )
        assert opened(replica_set) == wanted
