"""Roles: labels, the gate and the Services follow the primary."""

import time

from e2e.sets import ReplicaSet, eventually
from e2e.test_scale import make_primary, stood


def role_of(replica_set: ReplicaSet, ordinal: int) -> str:
    """Read a pod's role label."""
    pod = replica_set.get("pod", f"mongo-{ordinal}")
    return str(pod["metadata"]["labels"]["mongors.io/role"])


def addresses(replica_set: ReplicaSet, service: str) -> set[str]:
    """Read the ready addresses behind a Service."""
    slices = replica_set.all_of("endpointslices", f"kubernetes.io/service-name={service}")
    return {
        address
        for piece in slices
        for endpoint in piece.get("endpoints") or ()
        if endpoint["conditions"].get("ready")
        for address in endpoint["addresses"]
    }


def ip_of(replica_set: ReplicaSet, ordinal: int) -> str:
    """Read a pod's address."""
    return str(replica_set.get("pod", f"mongo-{ordinal}")["status"]["podIP"])


def test_services_follow_an_election_that_nobody_announced(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    old = replica_set.primary_ordinal()
    eventually(lambda: len(addresses(replica_set, "mongo-read")) == 2, 30, "two to read from")
    assert addresses(replica_set, "mongo-primary") == {ip_of(replica_set, old)}
    new = (old + 1) % 3
    with replica_set.member(new) as client:
        eventually(lambda: stood(client), 20, "another member is elected")
    began = time.monotonic()
    eventually(lambda: role_of(replica_set, new) == "primary", 12, "the label follows in 12 s")
    assert role_of(replica_set, old) != "primary"
    print(f"label followed after {time.monotonic() - began:.1f} s")
    eventually(
        lambda: addresses(replica_set, "mongo-primary") == {ip_of(replica_set, new)},
        5,
        "the Service follows",
        replica_set.explain,
    )


def test_roles_follow_the_death_of_the_primarys_pod(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    old = replica_set.primary_ordinal()
    replica_set.run("delete", "pod", f"mongo-{old}", "--wait=false")
    eventually(
        lambda: replica_set.status().get("primary") not in (None, f"mongo-{old}"),
        30,
        "another member is shown as primary",
        replica_set.explain,
    )
    replica_set.await_ready()
    assert [role_of(replica_set, ordinal) for ordinal in range(3)].count("primary") == 1


def test_preferred_names_stay_with_their_members(replica_set: ReplicaSet) -> None:
    replica_set.apply(members=3)
    replica_set.await_ready()
    make_primary(replica_set, (replica_set.primary_ordinal() + 1) % 3)
    replica_set.await_ready()
    roles = [role_of(replica_set, ordinal) for ordinal in range(3)]
    assert sorted(roles) == ["primary", "secondary", "secondary"]
