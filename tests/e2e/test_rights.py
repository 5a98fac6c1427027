"""F17: a right of the operator is missing: it says which, harms nothing, and goes on when granted.

Some rights are drawn by a seed (`SEED=n`); `EVERY_RIGHT=1` takes each of the chart's, one by one.
"""

import json
import os
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from e2e.conftest import a_namespace
from e2e.own import own_operator
from e2e.sets import Kubectl, Raw, ReplicaSet, eventually

pytestmark = [pytest.mark.resting, pytest.mark.usefixtures("operator_rests")]

SEED = os.environ.get("SEED", "7")
DRAWN = 6
AT_ONCE = 3
ACCOUNT = "limited"
LATER: tuple[Raw, ...] = (
    {
        "configuration": {"systemLog": {"verbosity": 1}},
        "monitoring": {"exporter": {"enabled": True}},
    },
    {"monitoring": {"exporter": {"enabled": False}}, "rbac": None},
)
"""What a set that was born without a word is asked for: a restart and an exporter, and no more."""
REFUSED = ("forbidden", "permi", "no right", "may not")
UNASKED = "nothing asked for it"
RARE = {
    "delete pods",  # one that can never start
    "get persistentvolumeclaims",  # one made by hand, without our labels
    "patch persistentvolumeclaims",  # a volume that shall grow
    "delete statefulsets",  # other storage for members to come
    "get storageclasses",  # the class that a spec names
}
"""What such a life never needs; other tests show what each is for."""


@dataclass(frozen=True, slots=True)
class Right:
    """A verb on a resource, as a Role names them."""

    group: str
    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"

    @property
    def kind(self) -> str:
        """What both forms of its name have: `poddisruptionbudgets`, PodDisruptionBudget."""
        plural = self.resource.partition("/")[0]
        return plural.removesuffix("es" if plural.endswith("classes") else "s")

    @property
    def rule(self) -> Raw:
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": [self.verb]}


def installed_rights(kubectl: Kubectl) -> list[Right]:
    """All that the chart grants for a namespace, one by one."""
    found = kubectl("get", "clusterrole", "mongors", "-o", "json")
    return [
        Right(group, resource, verb)
        for rule in json.loads(found.stdout)["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


def grant(kubectl: Kubectl, namespace: str, rights: Sequence[Right]) -> None:
    """Let the account have these rights; some are of the whole cluster, so its role is as well."""
    name = f"limited-{namespace}"
    leases = Right("coordination.k8s.io", "leases", "*")
    metadata = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name}}
    role = metadata | {"kind": "ClusterRole", "rules": [each.rule for each in (*rights, leases)]}
    binding = metadata | {
        "kind": "ClusterRoleBinding",
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}],
    }
    for each in (role, binding):
        done = kubectl("apply", "-f", "-", stdin=json.dumps(each))
        assert done.returncode == 0, done.stderr


def way_in(kubectl: Kubectl, namespace: str, folder: str) -> Path:
    """Write a kubeconfig with the account's token."""
    assert kubectl("-n", namespace, "create", "serviceaccount", ACCOUNT).returncode == 0
    token = kubectl("-n", namespace, "create", "token", ACCOUNT).stdout.strip()
    kubeconfig = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8"))
    kubeconfig["users"][0]["user"] = {"token": token}
    path = Path(folder) / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig), encoding="utf-8")
    return path


def life_without(kubectl: Kubectl, missing: Right, rights: Sequence[Right]) -> str:
    """A set lives without a right; what is said of it, and what becomes of it when granted."""
    with a_namespace(kubectl) as namespace, tempfile.TemporaryDirectory() as folder:
        replica_set = ReplicaSet(kubectl, namespace)
        grant(kubectl, namespace, [each for each in rights if each != missing])
        try:
            return _life(replica_set, missing, rights, way_in(kubectl, namespace, folder))
        finally:
            for kind in ("clusterrole", "clusterrolebinding"):
                kubectl("delete", kind, f"limited-{namespace}")


def _life(replica_set: ReplicaSet, missing: Right, rights: Sequence[Right], way: Path) -> str:
    log = way.with_name("log")

    def said() -> str:
        return log.read_text(encoding="utf-8") + json.dumps(replica_set.status())

    def is_named() -> bool:
        words = (missing.verb, missing.kind)
        return any(
            any(word in line.lower() for word in REFUSED)
            and all(word in line.lower() for word in words)
            for line in said().splitlines()
        )

    with log.open("wb") as out:
        variables = {"KUBECONFIG": str(way), "MONGORS_LOG_FORMAT": "json"}
        with own_operator(replica_set.namespace, log=out, **variables):
            replica_set.apply(members=1, rbac={"clusterRole": "view"})
            eventually(lambda: is_named() or replica_set.is_ready(), 90, f"{missing}", said)
            for wish in LATER:
                if not is_named():
                    replica_set.change(**wish)
                    eventually(lambda: is_named() or replica_set.is_ready(), 90, f"{missing}", said)
            was_named = is_named()
            grant(replica_set.kubectl, replica_set.namespace, rights)
            eventually(replica_set.is_ready, 90, f"Ready after {missing} was granted", said)
    assert len(replica_set.pods()) == 1
    return f"{missing}: {'named, and healed' if was_named else UNASKED}"


@pytest.fixture(scope="module")
def rights(kubectl: Kubectl) -> list[Right]:
    found = installed_rights(kubectl)
    if not found:
        pytest.skip("no chart is installed")
    return found


def test_a_missing_right_is_named_and_heals(kubectl: Kubectl, rights: list[Right]) -> None:
    chosen = list(rights)
    if not os.environ.get("EVERY_RIGHT"):
        chosen = random.Random(SEED).sample(rights, DRAWN)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda each: life_without(kubectl, each, rights), chosen))
    print("\n".join(told))
    unasked = {str(each) for each, what in zip(chosen, told, strict=True) if UNASKED in what}
    assert unasked == RARE & {str(each) for each in chosen}
