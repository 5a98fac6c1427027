"""The troubles of a soak: faults and wishes, each struck once and told in a line.

A blow that lasts is over when `strike` returns; whether the set heals is for others to see.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from e2e.faults import Faults, frozen, node_of
from e2e.invariants import Invariant, claims_stay, one_down_at_a_time
from e2e.rest import HOME
from e2e.sets import ReplicaSet, eventually
from faults.flows import lost_volume, roll, switchover

Strike = Callable[[ReplicaSet, Faults, random.Random], str]
LONGEST_SECONDS = 25.0
"""How long a freeze or a cut lasts at most: longer than a primary needs to be followed."""


@dataclass(frozen=True, slots=True)
class Blow:
    """A trouble, how likely it is beside the others, and what must hold through it as well."""

    strike: Strike
    weight: int
    keeps: tuple[Invariant, ...] = (claims_stay, one_down_at_a_time)


def end_a_mongod(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    victim, signal = _member(replica_set, chance), chance.choice(("SIGKILL", "SIGTERM"))
    was_there = faults.end_if_running(f"{replica_set.namespace}/mongo-{victim}", signal)
    return f"{signal} to mongo-{victim}" if was_there else f"mongo-{victim} was away already"


def freeze_a_mongod(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    victim, seconds = _member(replica_set, chance), _seconds(chance)
    with frozen(faults, replica_set, victim):
        time.sleep(seconds)
    return f"mongo-{victim} frozen for {seconds:.0f} s"


def delete_a_pod(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    victim = _member(replica_set, chance)
    replica_set.delete_pods(f"mongo-{victim}")
    return f"pod mongo-{victim} deleted"


def lose_a_volume(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    ended = lost_volume(replica_set)
    eventually(ended, 180, "a lost volume is replaced", replica_set.explain)
    return "claim and pod of a secondary deleted"


def cut_a_node(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    node, seconds = node_of(replica_set, _member(replica_set, chance)), _seconds(chance)
    faults.cut(node)
    time.sleep(seconds)
    faults.heal(node)
    return f"{node} cut off for {seconds:.0f} s"


def part_two_nodes(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    """Both ways, or one way only."""
    one, other = chance.sample(["node-1", "node-2", "node-3"], 2)
    seconds, is_one_way = _seconds(chance), chance.random() < 0.5
    (faults.mute if is_one_way else faults.part)(one, other)
    time.sleep(seconds)
    faults.join(one, other)
    return f"{one} {'unheard by' if is_one_way else 'parted from'} {other} for {seconds:.0f} s"


def kill_the_operator(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    replica_set.kubectl("delete", "pods", "--all", HOME, "--grace-period=1", "--wait=false")
    return "the operator's pod deleted"


def halt_the_api(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    seconds = _seconds(chance)
    faults.halt("kube-apiserver")
    time.sleep(seconds)
    faults.resume_program("kube-apiserver")
    eventually(
        lambda: replica_set.kubectl("get", "--raw", "/readyz").returncode == 0, 60, "it answers"
    )
    return f"API server away for {seconds:.0f} s"


def scale(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    now = replica_set.get()["spec"]["members"]
    wanted = chance.choice([each for each in (3, 4, 5) if each != now])
    replica_set.scale(wanted)
    return f"{now} to {wanted} members"


def roll_the_pods(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    eventually(roll(replica_set), 180, "all pods are new", replica_set.explain)
    return "all pods rolled"


def begin_a_roll(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    """The next trouble may come while it is under way."""
    roll(replica_set)
    time.sleep(_seconds(chance) / 2)
    return f"a roll begun, and then: {end_a_mongod(replica_set, faults, chance)}"


def prefer_a_member(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    member = chance.randrange(3)
    options = [{"member": member, "priority": 3.0}] if chance.random() < 0.7 else []
    replica_set.change(memberOptions=options)
    return f"mongo-{member} preferred" if options else "nobody preferred"


def switch_over(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    options = replica_set.get()["spec"].get("memberOptions") or []
    if options:  # a higher priority would refuse it
        return prefer_a_member(replica_set, faults, chance)
    eventually(switchover(replica_set), 120, "the named one is primary", replica_set.explain)
    return "switchover to a named member"


def delete_and_make_anew(replica_set: ReplicaSet, faults: Faults, chance: random.Random) -> str:
    members = replica_set.get()["spec"]["members"]
    replica_set.delete()
    replica_set.apply(members=members)
    return f"the set of {members} deleted, and made anew over its volumes"


_CLAIMS = (claims_stay,)
"""What is left of it where a trouble itself may take a second member away."""

BLOWS = (
    Blow(end_a_mongod, 4),
    Blow(freeze_a_mongod, 3, _CLAIMS),
    Blow(delete_a_pod, 3),
    Blow(lose_a_volume, 2, (one_down_at_a_time,)),
    Blow(cut_a_node, 2, _CLAIMS),
    Blow(part_two_nodes, 3, _CLAIMS),
    Blow(kill_the_operator, 3),
    Blow(halt_the_api, 1),
    Blow(scale, 3),
    Blow(roll_the_pods, 2),
    Blow(begin_a_roll, 2, _CLAIMS),
    Blow(prefer_a_member, 2),
    Blow(switch_over, 2),
    Blow(delete_and_make_anew, 1, _CLAIMS),
)


def _member(replica_set: ReplicaSet, chance: random.Random) -> int:
    return chance.randrange(int(replica_set.get()["spec"]["members"]))


def _seconds(chance: random.Random) -> float:
    return chance.uniform(2, LONGEST_SECONDS)
