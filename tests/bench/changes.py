"""What is done to a set while its writers write, by hand and by the operator."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from bench.contestants import Set, kubectl, mongod_of, uids
from bench.plain import Plain
from e2e.faults import use_tool
from e2e.sets import ReplicaSet, eventually

PATIENCE_SECONDS = 180
MEMBERS = 3


@dataclass(frozen=True, slots=True)
class Contest:
    """What both kinds of set go through, and how each does it."""

    name: str
    plain: dict[str, Callable[[Plain], None]]
    ours: Callable[[ReplicaSet], None]


def bare(contestant: Plain) -> None:
    """What mongod itself costs: a step-down that is not forced."""
    before = contestant.primary_ordinal()
    contestant.step_down(before)
    eventually(
        lambda: contestant.primary_ordinal() != before, PATIENCE_SECONDS, "another is primary"
    )


def switchover(ours: ReplicaSet) -> None:
    """The operator hands over to a named member."""
    before = ours.primary_ordinal()
    target = random.choice(sorted(set(range(MEMBERS)) - {before}))
    annotate(ours, f"primary=mongo-{target}@{uuid4().hex[:6]}")
    eventually(lambda: ours.primary_ordinal() == target, PATIENCE_SECONDS, "it is primary")


def restart(ours: ReplicaSet) -> None:
    """The operator restarts all members, the primary last."""
    before = uids(ours)
    annotate(ours, f"restart={uuid4().hex[:6]}")
    eventually(
        lambda: not before & uids(ours),
        PATIENCE_SECONDS, "all pods are new", ours.explain,
    )  # fmt: skip


def kill(contestant: Set) -> None:
    """End the primary's mongod without a word, and wait until kubelet has started another."""
    primary = contestant.primary_ordinal()
    before = restarts(contestant, primary)
    use_tool("kill", f"{contestant.namespace}/{contestant.name}-{primary}", "SIGKILL")
    eventually(
        lambda: restarts(contestant, primary) > before, PATIENCE_SECONDS, "mongod runs again"
    )


def restarts(contestant: Set, ordinal: int) -> int:
    """How often kubelet has restarted a member's mongod."""
    return int(mongod_of(contestant.pods()[ordinal])["restartCount"])


def drain(contestant: Set) -> None:
    """Empty the primary's node, as for maintenance, and give it back."""
    pod = f"{contestant.name}-{contestant.primary_ordinal()}"
    found = kubectl(
        "-n", contestant.namespace, "get", "pod", pod, "-o", "jsonpath={.spec.nodeName}"
    )
    flags = ("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s")
    done = kubectl("drain", found.stdout, *flags, f"--pod-selector={selector(contestant)}")
    kubectl("uncordon", found.stdout)
    assert done.returncode == 0, done.stderr


def selector(contestant: Set) -> str:
    """Which pods are the contestant's: the other one stays where it is."""
    label = "app" if isinstance(contestant, Plain) else "app.kubernetes.io/instance"
    return f"{label}={contestant.name}"


def annotate(ours: ReplicaSet, annotation: str) -> None:
    """Ask the operator for something."""
    ours.run("annotate", f"mrs/{ours.name}", "--overwrite", f"mongors.io/{annotation}")


CONTESTS = (
    Contest("hand over", {"bare step-down": bare}, switchover),
    Contest(
        "restart",
        {"bare step-down": bare, "RollingUpdate": Plain.rollout, "script": Plain.careful_rollout},
        restart,
    ),
    Contest("kill", {"hand-made set": kill}, kill),
    Contest("drain", {"hand-made set": drain}, drain),
)
